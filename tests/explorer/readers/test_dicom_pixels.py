from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

COMPRESSED = [RLELossless, JPEGLSLossless, JPEG2000Lossless, JPEGLosslessSV1]


def bundled(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"pydicom does not bundle {name}")
    return Path(str(path))


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
    path = bundled(name)
    draft = dicom.image([path])
    np.testing.assert_array_equal(draft.load()[0], pydicom.dcmread(path).pixel_array)
    assert (draft.frames is not None) == reference
    if draft.frames is not None:
        (frame,) = draft.frames
        raw = path.read_bytes()[frame.offset : frame.offset + frame.length]
        np.testing.assert_array_equal(np.frombuffer(raw, draft.dtype), draft.load().reshape(-1))
    assert draft.load().dtype == draft.dtype


def test_big_endian_keeps_its_byte_order(dicom: Any) -> None:
    assert dicom.image([bundled("MR_small_bigendian.dcm")]).dtype == np.dtype(">i2")


@pytest.mark.parametrize(("bits", "name"), [(12, "JPGExtended.dcm"), (16, "JPEG2000.dcm")])
def test_secondary_captures_of_other_bits(dicom: Any, tmp_path: Path, bits: int, name: str) -> None:
    """Nuclear medicine captures of pydicom, called MR so that they are taken."""
    file = pydicom.dcmread(bundled(name))
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


def test_jpeg_lossless_as_gdcm_writes_it(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "CT" / "image"
    source = dicom.image(folder).sources[0].path
    path = tmp_path / "gdcm.dcm"
    writer = sitk.ImageFileWriter()
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.SetCompressor("JPEG")
    writer.Execute(sitk.ReadImage(str(source)))
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == JPEGLosslessSV1
    np.testing.assert_array_equal(dicom.image([path]).load()[0], dicom.image(folder).load()[0])


def test_jpeg_baseline_and_a_cut_one(sts: Path, dicom: Any, tmp_path: Path) -> None:
    folder = sts / "STS_002" / "MR_T1" / "image"
    values = (dicom.image(folder).load()[17] // 8).astype(np.uint8)
    whole = imagecodecs.jpeg8_encode(values, level=100)

    def change(data: bytes) -> Any:
        def edit(index: int, file: Any) -> None:
            file.PixelData = encapsulate([data])
            file["PixelData"].VR = "OB"
            file["PixelData"].is_undefined_length = True
            file.BitsAllocated = file.BitsStored = 8
            file.HighBit, file.PixelRepresentation = 7, 0
            file.file_meta.TransferSyntaxUID = JPEGBaseline8Bit

        return edit

    paths = dicom.edit(folder, tmp_path / "whole", change(whole), lambda files: files[:1])
    draft = dicom.image(paths)
    assert draft.dtype == np.uint8
    assert np.abs(draft.load()[0].astype(int) - values).max() <= 2
    cut = change(whole[: len(whole) // 2])
    (status,) = dicom.read(
        dicom.edit(folder, tmp_path / "cut", cut, lambda files: files[:1])
    ).statuses
    assert status.status == "refused"
    assert "cut off" in str(status.reason)


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


def test_a_source_that_is_gone(sts: Path, dicom: Any, tmp_path: Path) -> None:
    from explorer.errors import FileRefusedError

    paths = dicom.edit(
        sts / "STS_002" / "CT" / "image", tmp_path, lambda index, file: None, lambda f: f[:3]
    )
    draft = dicom.image(paths)
    paths[1].unlink()
    with pytest.raises(FileRefusedError, match=r"0001\.dcm"):
        draft.load()
