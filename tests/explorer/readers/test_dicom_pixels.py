from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom
import imagecodecs
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from explorer.readers.dicom import DicomReader

COMPRESSED = [RLELossless, JPEGLSLossless, JPEG2000Lossless, JPEGLosslessSV1]


def test_data(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"pydicom does not bundle {name}")
    return Path(str(path))


test_data.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("CT_small.dcm", True),
        ("MR_small.dcm", True),
        ("MR_small_implicit.dcm", True),
        ("MR_small_bigendian.dcm", True),
        ("MR_small_expb.dcm", True),
        ("MR_small_padded.dcm", True),
        ("examples_overlay.dcm", True),
        ("MR_small_RLE.dcm", False),
        ("MR_small_jpeg_ls_lossless.dcm", False),
        ("MR_small_jp2klossless.dcm", False),
        ("J2K_pixelrep_mismatch.dcm", False),
        ("693_J2KI.dcm", False),
    ],
)
def test_pydicoms_own_files(dicom: Any, name: str, reference: bool) -> None:
    path = test_data(name)
    draft = dicom.image([path])
    np.testing.assert_array_equal(draft.load()[0], pydicom.dcmread(path).pixel_array)
    assert (draft.frames is not None) == reference
    if draft.frames is not None:
        (frame,) = draft.frames
        raw = path.read_bytes()[frame.offset : frame.offset + frame.length]
        np.testing.assert_array_equal(np.frombuffer(raw, draft.dtype), draft.load().reshape(-1))
    assert draft.load().dtype == draft.dtype


def test_big_endian_keeps_its_byte_order(dicom: Any) -> None:
    assert dicom.image([test_data("MR_small_bigendian.dcm")]).dtype == np.dtype(">i2")


@pytest.mark.parametrize(("bits", "name"), [(12, "JPGExtended.dcm"), (16, "JPEG2000.dcm")])
def test_secondary_captures_of_other_bits(dicom: Any, tmp_path: Path, bits: int, name: str) -> None:
    """Nuclear medicine captures of pydicom, called MR so that they are taken."""
    file = pydicom.dcmread(test_data(name))
    file.Modality = "MR"
    path = tmp_path / name
    file.save_as(path)
    draft = dicom.image([path])
    assert draft.bits_stored == bits
    assert draft.units_reason == "a secondary capture"
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    # Lossy JPEG leaves the rounding of its inverse transform to the decoder.
    np.testing.assert_allclose(draft.load().squeeze(), expected.squeeze(), atol=1)


def compress(file: Any, syntax: Any) -> None:
    values = file.pixel_array
    if syntax == JPEG2000Lossless:  # by itself pydicom cannot make it of images this small
        data = imagecodecs.jpeg2k_encode(
            values, level=0, reversible=True, codecformat="j2k", resolutions=2
        )
    elif syntax == JPEGLosslessSV1:  # nor this at all; process 14, selection value 1
        data = imagecodecs.ljpeg_encode(values.view("<u2"))
    else:
        file.compress(syntax, generate_instance_uid=False)
        return
    file.PixelData = encapsulate([data])
    file["PixelData"].VR = "OB"
    file["PixelData"].is_undefined_length = True
    file.file_meta.TransferSyntaxUID = syntax


@pytest.mark.parametrize("syntax", COMPRESSED, ids=lambda uid: uid.name)
@pytest.mark.parametrize("kind", ["lidc_0314_ct_subset/dicom", "STS_008/CT", "STS_003/PET"])
def test_compressed_copies_of_real_series(
    shared_data: Path, sts: Path, dicom: Any, tmp_path: Path, syntax: Any, kind: str
) -> None:
    folder = shared_data / kind if "lidc" in kind else sts / kind / "image"
    paths = dicom.edit(
        folder, tmp_path, lambda index, file: compress(file, syntax), lambda files: files[:6]
    )
    plain = dicom.image(folder)
    reading = dicom.read(paths)
    (draft,) = reading.drafts
    np.testing.assert_array_equal(draft.load(), plain.load()[:6])
    assert draft.frames is None
    assert {one.status for one in reading.statuses} == {"ingested"}
    assert draft.units == plain.units
    slope = np.broadcast_to(plain.slope, plain.shape[:1])[:6]
    np.testing.assert_allclose(np.broadcast_to(draft.slope, (6,)), slope)


def test_a_deflated_copy(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "CT" / "image"

    def change(index: int, file: Any) -> None:
        file.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian

    paths = dicom.edit(folder, tmp_path, change, lambda files: files[:4])
    draft = dicom.image(paths)
    np.testing.assert_array_equal(draft.load(), dicom.image(folder).load()[:4])
    assert draft.frames is None


def test_several_fragments_a_frame(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "CT" / "image"

    def change(index: int, file: Any) -> None:
        data = imagecodecs.jpegls_encode(file.pixel_array.view("<u2"))
        file.PixelData = encapsulate([data], fragments_per_frame=5)
        file["PixelData"].VR = "OB"
        file["PixelData"].is_undefined_length = True
        file.file_meta.TransferSyntaxUID = JPEGLSLossless

    paths = dicom.edit(folder, tmp_path, change, lambda files: files[:3])
    np.testing.assert_array_equal(dicom.image(paths).load(), dicom.image(folder).load()[:3])


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


def test_unused_bits_may_hold_anything(shared_data: Path, dicom: Any, tmp_path: Path) -> None:
    """12 of 16 bits count; where something lies in the others, they are cut off, not shown."""
    folder = shared_data / "lidc_0314_ct_subset" / "dicom"

    def dirty(index: int, file: Any) -> None:
        if index == 2:
            file.PixelData = (file.pixel_array | 0x3000).astype("<u2").tobytes()

    draft = dicom.image(dicom.edit(folder, tmp_path, dirty, lambda files: files[:4]))
    assert draft.frames is None
    np.testing.assert_array_equal(draft.load(), dicom.image(folder).load()[:4])


def test_high_bits(shared_data: Path, dicom: Any, tmp_path: Path) -> None:
    folder = shared_data / "lidc_0314_ct_subset" / "dicom"

    def high(index: int, file: Any) -> None:
        file.PixelData = (file.pixel_array << 4).astype("<u2").tobytes()
        file.HighBit = 15

    draft = dicom.image(dicom.edit(folder, tmp_path, high, lambda files: files[:2]))
    assert draft.frames is None
    np.testing.assert_array_equal(draft.load(), dicom.image(folder).load()[:2])


def test_signed_values_of_12_bits(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "CT" / "image"
    expected = np.clip(dicom.image(folder).load()[:2], -2048, 2047)

    def narrow(index: int, file: Any) -> None:
        values = np.clip(file.pixel_array, -2048, 2047)
        file.PixelData = (values & 0x0FFF).astype("<u2").tobytes()
        file.BitsStored, file.HighBit = 12, 11

    draft = dicom.image(dicom.edit(folder, tmp_path, narrow, lambda files: files[:2]))
    assert draft.frames is None, "the sign bit is not extended in the file"
    np.testing.assert_array_equal(draft.load(), expected)


def test_an_overlay_in_the_pixels(shared_data: Path, dicom: Any, tmp_path: Path) -> None:
    def overlay(index: int, file: Any) -> None:
        file.add_new(0x60000100, "US", 16)
        file.add_new(0x60000102, "US", 15)

    folder = shared_data / "lidc_0314_ct_subset" / "dicom"
    draft = dicom.image(dicom.edit(folder, tmp_path, overlay, lambda files: files[:2]))
    assert draft.frames is None


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


def test_a_source_that_is_gone(sts: Path, dicom: Any, tmp_path: Path) -> None:
    from explorer.errors import FileRefusedError

    paths = dicom.edit(
        sts / "STS_002" / "CT" / "image", tmp_path, lambda index, file: None, lambda f: f[:3]
    )
    draft = dicom.image(paths)
    paths[1].unlink()
    with pytest.raises(FileRefusedError, match=r"0001\.dcm"):
        draft.load()


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
