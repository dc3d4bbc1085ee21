from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)


@pytest.mark.parametrize(
    ("syntax", "offsets"),
    [
        (ExplicitVRLittleEndian, False),
        (RLELossless, True),
        (RLELossless, False),
        (JPEGLSLossless, True),
        (JPEGLSLossless, False),
    ],
)
@pytest.mark.parametrize("kind", ["CT", "MR_T1", "PET"])
def test_enhanced_multi_frame(
    sts: Path, dicom: Any, tmp_path: Path, kind: str, syntax: Any, offsets: bool
) -> None:
    """A real series as one Legacy Converted Enhanced file, frames in the wrong order."""
    folder = sts / "STS_008" / kind / "image"
    path = tmp_path / "enhanced.dcm"
    classic = dicom.image(folder)
    enhanced_file(folder, path, syntax, kind, offsets)
    draft = dicom.image([path])
    assert draft.shape == classic.shape
    np.testing.assert_array_equal(draft.load(), classic.load())
    np.testing.assert_allclose(draft.affine, classic.affine, atol=1e-9)
    np.testing.assert_allclose(np.asarray(draft.slope), np.asarray(classic.slope), rtol=1e-9)
    assert sorted(draft.meta["frame_numbers"]) == list(range(1, classic.shape[0] + 1))
    assert draft.problems == []
    assert (draft.frames is not None) == (syntax == ExplicitVRLittleEndian)
    if draft.frames is not None:
        data = path.read_bytes()
        first = draft.frames[0]
        raw = np.frombuffer(data[first.offset : first.offset + first.length], draft.dtype)
        np.testing.assert_array_equal(raw, classic.load()[0].ravel())


def enhanced_file(folder: Path, path: Path, syntax: Any, kind: str, offsets: bool) -> None:
    files = [pydicom.dcmread(one) for one in sorted(folder.iterdir())]
    files = files[1::2] + files[::2]
    for number, file in enumerate(files):
        file.InstanceNumber = number + 1
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.PatientName = ""
        for name in ("StudyID", "AccessionNumber", "PatientBirthDate", "ReferringPhysicianName"):
            if name not in file:
                setattr(file, name, "")
    maker = {
        "CT": highdicom.legacy.LegacyConvertedEnhancedCTImage,
        "MR_T1": highdicom.legacy.LegacyConvertedEnhancedMRImage,
        "PET": highdicom.legacy.LegacyConvertedEnhancedPETImage,
    }[kind]
    made = maker(
        legacy_datasets=files,
        series_instance_uid=generate_uid(),
        series_number=1,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )
    if syntax != ExplicitVRLittleEndian:
        made.compress(syntax, encapsulate_ext=False, generate_instance_uid=False)
        if not offsets:  # the basic offset table may be empty (DICOM PS3.5 A.4)
            data = made.PixelData
            table = int.from_bytes(data[4:8], "little")
            made.PixelData = data[:4] + bytes(4) + data[8 + table :]
    made.save_as(path)
