from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence


def test_a_modality_lut_is_applied(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "CT" / "image"
    table = (np.arange(3000) * 7 % 4096).astype(np.uint16)

    def lut(index: int, file: Any) -> None:
        del file.RescaleSlope, file.RescaleIntercept
        item = Dataset()
        item.add_new("LUTDescriptor", "SS", [3000, -1000, 16])
        item.ModalityLUTType = "US"
        item.add_new("LUTData", "OW", table.tobytes())
        file.ModalityLUTSequence = Sequence([item])

    draft = dicom.image(dicom.edit(folder, tmp_path, lut, lambda files: files[:2]))
    stored = dicom.image(folder).load()[:2].astype(int)
    np.testing.assert_array_equal(draft.load(), table[np.clip(stored + 1000, 0, 2999)])
    assert (draft.frames, draft.units, draft.slope) == (None, "1", 1.0)
    assert "Modality LUT" in str(draft.units_reason)


def test_an_overlay_in_the_pixels(shared_data: Path, dicom: Any, tmp_path: Path) -> None:
    def overlay(index: int, file: Any) -> None:
        file.add_new(0x60000100, "US", 16)
        file.add_new(0x60000102, "US", 15)

    folder = shared_data / "lidc_0314_ct_subset" / "dicom"
    draft = dicom.image(dicom.edit(folder, tmp_path, overlay, lambda files: files[:2]))
    assert draft.frames is None


def test_padding_is_told_as_it_is_stored(sts: Path, dicom: Any, tmp_path: Path) -> None:
    """63536 of signed pixels is -2000: files write it as unsigned."""

    def padding(index: int, file: Any) -> None:
        file.add_new("PixelPaddingValue", "US", 63536)

    folder = sts / "STS_002" / "CT" / "image"
    draft = dicom.image(dicom.edit(folder, tmp_path, padding, lambda files: files[:2]))
    assert draft.meta["pixel_padding"] == -2000
