from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from explorer.readers.dicom import DicomReader


def test_projections(sts: Path, dicom: Any, tmp_path: Path) -> None:
    """A digital X-ray's header round real pixels: a picture, one item each, its spacing named."""

    def picture(index: int, file: Any) -> None:
        file.SOPClassUID = file.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
        file.Modality = "DX"
        for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            del file[name]
        file.ImagerPixelSpacing = [0.2, 0.1]
        file.ViewPosition = "AP"
        file.PhotometricInterpretation = "MONOCHROME1"

    folder = sts / "STS_002" / "CT" / "image"
    paths = dicom.edit(folder, tmp_path, picture, lambda files: files[:2])
    drafts = dicom.read(paths).drafts
    assert len({draft.item for draft in drafts}) == 2
    for draft in drafts:
        assert draft.dims == ("y", "x")
        assert draft.grid is None
        assert draft.frame_of_reference is None
        assert draft.meta["spacing_from"] == "ImagerPixelSpacing"
        assert (draft.meta["photometric"], draft.meta["view_position"]) == ("MONOCHROME1", "AP")
        np.testing.assert_allclose(np.diag(draft.affine), [0.1, 0.2, 1, 1])
        assert draft.units == "1"
    (headers,) = dicom.groups(paths).values()
    assert DicomReader().read(headers[:1], []).drafts[0].item in {d.item for d in drafts}
