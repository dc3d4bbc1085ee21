"""Shape and intensities of real outlines, as radiomics names them."""

from __future__ import annotations

import numpy as np

from explorer.address import Address
from explorer.store import Store
from graphs.features.features import features
from graphs.lesions import lesions


def test_real_outlines_of_four_readers(lidc: Store) -> None:
    spec = {"radiomics": {"from": "radiomics", "segments": "*nodule*"}}
    examples = features(lidc.cohort(), spec)
    (patient,) = list(lidc.cohort())
    bag = examples.blocks["radiomics"]
    found = {one.label: one.measures for one in lesions(patient, keep=False)}
    assert len(bag.addresses) == len(found) == 4
    at = {name: k for k, name in enumerate(bag.names)}
    for address, row in zip(bag.addresses, np.asarray(bag.values), strict=True):
        one = Address.parse(address)
        assert one.kind == "segmentations"
        measures = found[one.fragment["label"]]
        np.testing.assert_allclose(row[at["shape VoxelVolume"]], measures.volume_mm3, rtol=1e-5)
        np.testing.assert_allclose(row[at["HU Mean"]], measures.mean, rtol=1e-5)
        assert 0 < row[at["shape Sphericity"]] <= 1
        assert row[at["HU Entropy"]] > 0
    pooled = examples.vectors("radiomics")
    assert pooled.state.tolist() == ["present"]


def test_no_segment_of_the_name_is_not_extracted(lidc: Store) -> None:
    spec = {"radiomics": {"from": "radiomics", "segments": "liver"}}
    bag = features(lidc.cohort(), spec).blocks["radiomics"]
    assert bag.state.tolist() == ["not extracted"]
    assert not len(bag.addresses)
