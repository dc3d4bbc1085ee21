from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_color_lut

import explorer
from explorer.draft import ImageDraft
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.readers.dicom_cine import CineReader
from explorer.readers.reader import Reader
from explorer.verify import verify

# Real files of vendors, in pydicom's wheel: US of GE, Philips and ATL, screens of DCMTK and GDCM.
CINES = ["examples_ybr_color.dcm"]
PICTURES = [
    "examples_rgb_color.dcm", "examples_palette.dcm", "examples_jpeg2k.dcm", "ExplVR_BigEnd.dcm",
    "GDCMJ2K_TextGBR.dcm", "SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_+eb+cy+n2.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_gdcm_KY.dcm", "SC_rgb_jls_lossy_line.dcm", "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg.dcm", "SC_rgb_jpeg_app14_dcmd.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_rle.dcm", "SC_rgb_rle_16bit.dcm", "SC_rgb_rle_2frame.dcm",
    "SC_rgb_rle_16bit_2frame.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_small_odd_jpeg.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
]  # fmt: skip


def real(name: str) -> Path:
    return Path(str(get_testdata_file(name, download=False)))


def read(dicom: Any, path: Path) -> ImageDraft:
    header = CineReader().peek(dicom.source(path))
    assert header is not None
    reading = CineReader().read([pickle.loads(pickle.dumps(header))], [])
    (status,), (draft,) = reading.statuses, reading.drafts
    assert isinstance(draft, ImageDraft)
    assert status.item == draft.item
    return draft


def colors_last(draft: ImageDraft) -> np.ndarray:
    values = draft.load()
    assert values.shape == draft.shape
    assert values.dtype == draft.dtype
    return np.moveaxis(values, draft.dims.index("c"), -1) if "c" in draft.dims else values


def by_pydicom(path: Path) -> np.ndarray:
    dataset = pydicom.dcmread(path)
    pixels = dataset.pixel_array
    palette = dataset.PhotometricInterpretation == "PALETTE COLOR"
    return apply_color_lut(pixels, dataset) if palette else pixels


def xa(path: Path, frames: int = 5, **more: Any) -> Path:
    """A grey XA run (synthetic; no real one is open and small): 12 of 16 bits."""
    dataset = pydicom.dcmread(real("examples_ybr_color.dcm"))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.12.1"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.Modality, dataset.NumberOfFrames = "XA", frames
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 6, 8, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.ImagerPixelSpacing = [0.3, 0.2]
    dataset.PixelIntensityRelationship = "LOG"
    del dataset.SequenceOfUltrasoundRegions
    del dataset.PlanarConfiguration
    values = np.arange(frames * 48, dtype="<u2").reshape(frames, 6, 8)
    dataset["PixelData"] = pydicom.DataElement("PixelData", "OW", values.tobytes())
    for name, value in more.items():
        setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_is_a_reader() -> None:
    assert isinstance(CineReader(), Reader)


@pytest.mark.parametrize("name", CINES + PICTURES)
def test_values_equal_pydicom(dicom: Any, name: str) -> None:
    path = real(name)
    draft = read(dicom, path)
    found, expected = colors_last(draft), by_pydicom(path)
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)


def test_a_cine_of_ultrasound(dicom: Any) -> None:
    draft = read(dicom, real("examples_ybr_color.dcm"))
    assert (draft.modality, draft.dims, draft.shape) == (
        "US", ("t", "c", "y", "x"), (30, 3, 240, 320),
    )  # fmt: skip
    assert draft.grid is None
    assert draft.frames is None
    assert draft.meta["t_by"] == "FrameTime"
    assert draft.meta["t_units"] == "ms"
    assert draft.meta["t_values"][:3] == [0.0, 33.333, 66.666]
    assert draft.meta["frame_rate_hz"] == pytest.approx(30.0003)
    assert draft.meta["color"] == "RGB, from YBR_FULL_422"
    # the picture was made smaller, its region was not: 84..595 of 320 columns
    (region,) = draft.meta["us_regions"]
    assert region["box"] == [[31, 415], [84, 596]]
    assert region["inside"] is False
    assert any("not to be believed" in problem for problem in draft.problems)
    assert draft.affine[0, 0] == draft.affine[1, 1] == 1


def test_xa_stays_in_its_file(dicom: Any, tmp_path: Path) -> None:
    draft = read(dicom, xa(tmp_path / "run.dcm"))
    assert (draft.modality, draft.dims, draft.shape) == ("XA", ("t", "y", "x"), (5, 6, 8))
    assert draft.frames is not None
    assert len(draft.frames) == 5
    assert np.array_equal(draft.load(), np.arange(240).reshape(5, 6, 8))
    assert (draft.affine[0, 0], draft.affine[1, 1]) == (0.2, 0.3)
    assert any("at the detector" in problem for problem in draft.problems)
    assert draft.units_reason == "X-ray intensity (LOG)"


def test_bits_that_are_no_values_are_cut_out(dicom: Any, tmp_path: Path) -> None:
    values = np.full((5, 6, 8), 0xF123, "<u2")
    draft = read(dicom, xa(tmp_path / "run.dcm", PixelData=values.tobytes()))
    assert draft.frames is None
    assert (draft.load() == 0x123).all()


def test_planes_of_colour_stay_in_their_file(dicom: Any, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(real("examples_rgb_color.dcm"))
    by_plane = np.ascontiguousarray(dataset.pixel_array.transpose(2, 0, 1))
    dataset.PlanarConfiguration = 1
    dataset.PixelData = by_plane.tobytes()
    dataset.save_as(tmp_path / "planes.dcm")
    draft = read(dicom, tmp_path / "planes.dcm")
    assert draft.frames is not None
    assert len(draft.frames) == 3
    assert np.array_equal(draft.load(), by_plane)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SC_rgb_rle_32bit.dcm", "Colours of 32 bits"),
        ("SC_rgb_small_odd_big_endian.dcm", "big endian words"),
    ],
)
def test_what_is_not_read_says_why(dicom: Any, name: str, reason: str) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        CineReader().peek(dicom.source(real(name)))


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "image_dfl.dcm", "JPEG2000.dcm", "test-SR.dcm"]
)
def test_other_files_are_not_claimed(dicom: Any, name: str) -> None:
    assert CineReader().peek(dicom.source(real(name))) is None


def test_a_cut_cine_is_refused(dicom: Any, tmp_path: Path) -> None:
    whole = real("examples_ybr_color.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(whole[: len(whole) // 2])
    header = CineReader().peek(dicom.source(tmp_path / "cut.dcm"))
    assert header is not None
    reading = CineReader().read([header], [])
    assert reading.drafts == []
    assert reading.statuses[0].status == "refused"
    assert reading.statuses[0].reason


@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_from_folder_to_address(copy: bool, tmp_path: Path) -> None:
    folder = tmp_path / "cines"
    folder.mkdir()
    shutil.copy(real("examples_ybr_color.dcm"), folder)
    shutil.copy(real("examples_rgb_color.dcm"), folder)
    xa(folder / "run.dcm", PatientID="204", SOPInstanceUID="1.2.3")
    result = ingest(folder, tmp_path / "s.onco", copy=copy)
    assert {row["status"] for row in result.files} <= {"ingested", "referenced"}
    store = explorer.open(tmp_path / "s.onco")
    assert verify(store).ok
    patient = store["204"]
    us, run = patient.images["US"], patient.images["XA"]
    assert us.spacing_mm == (1.0, 1.0)
    assert us.grid is None
    data = us.data
    assert data.dims == ("t", "c", "y", "x")
    assert list(data["c"].values) == ["R", "G", "B"]
    assert float(data["t"][2]) == 66.666
    assert data["t"].attrs == {"units": "ms", "source": "FrameTime"}
    expected = by_pydicom(real("examples_ybr_color.dcm"))
    assert np.array_equal(data.sel(c="G").values, expected[..., 1])
    assert np.array_equal(us.read((3, 1, slice(None), slice(None))), expected[3, ..., 1])
    # an index a dim, colour left out: three values of a picture in colour
    at = us.address.at(voxel=(3, 100, 120)).resolve(store)
    assert np.array_equal(at.value, expected[3, 100, 120])
    part = us.address.at(box=((2, 4), (100, 110), (50, 70))).resolve(store)
    assert np.array_equal(
        part.value.transpose("t", "y", "x", "c").values, expected[2:4, 100:110, 50:70]
    )
    assert run.address.at(voxel=(4, 5, 7)).resolve(store).value == 239
    assert run.storage == ("copied" if copy else "referenced")
    assert np.array_equal(run.data.values, np.arange(240).reshape(5, 6, 8))
    assert list(run.data.coords) == ["y", "x", "t"]
    assert f"/images/{us.id}" in patient.tree.groups
    assert "data:image/png" in patient._repr_html_()
    again = ingest(folder, tmp_path / "s.onco", copy=copy)
    assert not again.changed
