"""Real CTs of the bundled patients, as rays pass through them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import explorer
from explorer.ingest import ingest
from explorer.sample import sample_zips
from graphs.attenuation import MU_WATER
from graphs.errors import ProjectionError
from graphs.project import project
from graphs.project_masks import project_masks


def test_a_real_ct_its_outlines_and_an_mr_that_is_refused(tmp_path: Path) -> None:
    (archive,) = (one for one in sample_zips() if one.name.startswith("STS_002"))
    store = explorer.open(tmp_path / "patients.onco", create=True)
    ingest(archive, store)
    patient = store["STS_002"]
    ct = next(one for one in patient.images.values() if one.modality == "CT")
    made = project(ct, "frontal")
    assert made.values.shape == (ct.shape[0], ct.shape[2])
    assert made.letters["right"] == "L"
    # no ray meets more than the whole depth in dense bone
    assert 1 < made.values.max() < ct.shape[1] * ct.spacing_mm[1] * 3 * MU_WATER
    for segmentation in patient.segmentations.values():
        if segmentation.image == ct.id:
            seen = project_masks(made, segmentation)
            for label in segmentation.labels:
                mask = segmentation.own_mask(label).values
                up = ct.affine[2, 2] > 0
                expected = mask.any(axis=1)[:: -1 if up else 1, :: 1 if ct.affine[0, 0] > 0 else -1]
                np.testing.assert_array_equal(seen.sel(label=label), expected)
    mr = next(one for one in patient.images.values() if one.modality == "MR")
    with pytest.raises(ProjectionError, match="attenuation"):
        project(mr)
