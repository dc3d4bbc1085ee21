from __future__ import annotations

import pickle
import random
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from explorer.draft import Grid, ImageDraft, Reading, SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.readers.metaimage import MetaImageReader
from explorer.readers.reader import Reader
from explorer.store import Store

SMALL = np.arange(2 * 3 * 4, dtype=np.int16).reshape(4, 3, 2)  # (z, y, x)
FIELDS = {
    "ObjectType": "Image", "NDims": "3", "BinaryData": "True", "BinaryDataByteOrderMSB": "False",
    "CompressedData": "False", "TransformMatrix": "0 1 0 -1 0 0 0 0 1", "Offset": "10 20 30",
    "ElementSpacing": "1 2 3", "DimSize": "2 3 4", "ElementType": "MET_SHORT",
}  # fmt: skip


def write(
    path: Path, data: bytes | None = None, local: str = "LOCAL", **fields: str | None
) -> Path:
    lines = [f"{k} = {v}" for k, v in (FIELDS | fields).items() if v is not None]
    head = "\n".join([*lines, f"ElementDataFile = {local}"]) + "\n"
    path.write_bytes(head.encode() + (SMALL.tobytes() if data is None else data))
    return path


def read(dicom: Any, *paths: Path, grids: list[Grid] | None = None) -> Reading:
    headers = [MetaImageReader().peek(dicom.source(path)) for path in paths]
    assert None not in headers
    reading = MetaImageReader().read(pickle.loads(pickle.dumps(headers)), grids or [])
    assert [one.uri for one in reading.statuses] == [str(path) for path in paths]
    return reading


def image(dicom: Any, *paths: Path) -> ImageDraft:
    reading = read(dicom, *paths)
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    return draft


def refused(dicom: Any, path: Path) -> str:
    try:
        reading = read(dicom, path)
        if reading.statuses[0].status == "refused":
            return reading.statuses[0].reason or ""
        draft = reading.drafts[0]
        assert isinstance(draft, ImageDraft)
        draft.load()
    except FileRefusedError as error:
        return str(error)
    raise AssertionError("it was taken")


def itk(path: Path) -> tuple[np.ndarray, np.ndarray]:
    found = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(found.GetDirection(), (3, 3)) * found.GetSpacing()
    affine[:3, 3] = found.GetOrigin()
    return sitk.GetArrayFromImage(found), affine


def turned(rng: np.random.Generator) -> np.ndarray:
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return turn * np.linalg.det(turn)


def test_is_a_reader() -> None:
    assert isinstance(MetaImageReader(), Reader)


def test_the_matrix_has_the_direction_of_an_axis_in_a_row(dicom: Any, tmp_path: Path) -> None:
    draft = image(dicom, write(tmp_path / "a.mha"))
    # axis x of the file runs along +y of the patient, axis y along -x; steps of 1, 2 and 3 mm
    assert draft.affine.tolist() == [[0, -2, 0, 10], [1, 0, 0, 20], [0, 0, 3, 30], [0, 0, 0, 1]]
    assert np.array_equal(draft.load(), SMALL)
    assert np.abs(draft.affine - itk(tmp_path / "a.mha")[1]).max() == 0


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("packed", [False, True], ids=["raw", "compressed"])
def test_equal_to_simpleitk(dicom: Any, tmp_path: Path, kind: str, packed: bool) -> None:
    rng = np.random.default_rng(7)
    for name in ("a.mha", "b.mhd"):
        made = sitk.GetImageFromArray(rng.integers(0, 100, (4, 5, 6)).astype(kind))
        made.SetDirection(turned(rng).reshape(-1).tolist())
        made.SetSpacing((0.7, 1.3, 2.5))
        made.SetOrigin((-12.5, 33.25, 100.125))
        path = tmp_path / name
        sitk.WriteImage(made, str(path), useCompression=packed)
        beside = sorted(p for p in tmp_path.iterdir() if p.stem == path.stem and p != path)
        draft = image(dicom, path, *beside)
        expected, affine = itk(path)
        assert draft.load().dtype == expected.dtype
        assert np.array_equal(draft.load(), expected)
        assert np.abs(draft.affine - affine).max() < 1e-6
        assert (draft.frames is None) == packed
        assert draft.problems == []


def test_a_series_in_time_and_a_plane(dicom: Any, tmp_path: Path) -> None:
    values = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
    series = sitk.JoinSeries([sitk.GetImageFromArray(one) for one in values])
    sitk.WriteImage(series, str(tmp_path / "t.mha"))
    draft = image(dicom, tmp_path / "t.mha")
    assert draft.dims == ("t", "z", "y", "x")
    assert np.array_equal(draft.load(), values)
    sitk.WriteImage(sitk.GetImageFromArray(values[0, 0]), str(tmp_path / "p.mha"))
    plane = image(dicom, tmp_path / "p.mha")
    assert plane.shape == (1, 4, 5)
    assert "place and thickness" in plane.problems[0]


def test_big_endian_and_raw_voxels_are_referenced_where_they_lie(
    dicom: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.mha", SMALL.astype(">i2").tobytes(), BinaryDataByteOrderMSB="True")
    draft = image(dicom, path)
    data = path.read_bytes()
    slices = [
        np.frombuffer(data[f.offset : f.offset + f.length], ">i2") for f in draft.frames or []
    ]
    assert np.array_equal(np.reshape(slices, (4, 3, 2)), SMALL)
    assert np.array_equal(itk(path)[0], SMALL)


def test_text_gzip_and_a_header_before_the_voxels(dicom: Any, tmp_path: Path) -> None:
    text = " ".join(map(str, SMALL.reshape(-1))).encode()
    assert np.array_equal(
        image(dicom, write(tmp_path / "a.mha", text, BinaryData="False")).load(), SMALL
    )
    for name, skip in (("b", "5"), ("c", "-1")):
        (tmp_path / f"{name}.bin").write_bytes(b"12345" + SMALL.tobytes())
        path = write(tmp_path / f"{name}.mhd", b"", f"{name}.bin", HeaderSize=skip)
        assert np.array_equal(image(dicom, path, tmp_path / f"{name}.bin").load(), SMALL)
        assert np.array_equal(itk(path)[0], SMALL)


def test_masks_by_name_on_their_image_through_ingest(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    folder = tmp_path / "src" / "patient7"
    folder.mkdir(parents=True)
    values = rng.integers(-1000, 1000, (4, 5, 6)).astype("i2")
    labels = rng.integers(0, 3, (4, 5, 6)).astype("u1")
    for name, array in (("ct.mhd", values), ("ct_seg.mha", labels)):
        made = sitk.GetImageFromArray(array)
        made.SetSpacing((1, 2, 3))
        sitk.WriteImage(made, str(folder / name), useCompression=name == "ct_seg.mha")
    result = ingest(tmp_path / "src", tmp_path / "s.onco")
    assert result.counts == {"ingested": 1, "referenced": 2, "skipped": 0, "refused": 0}
    patient = Store(tmp_path / "s.onco")["patient7"]
    (ct,) = patient.images.values()
    (mask,) = patient.segmentations.values()
    assert ct.modality == "CT"
    assert np.array_equal(ct.data.values, values)
    assert mask.image == ct.id
    assert np.array_equal(mask.mask(mask.labels[1]).values, labels == 2)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"NDims": "9"}, "NDims is '9'"),
        ({"DimSize": "2 3"}, "DimSize"),
        ({"DimSize": "2 3 -4"}, "DimSize"),
        ({"DimSize": "99999 99999 99999"}, "at most"),
        ({"DimSize": "2 3 5"}, "ends early"),
        ({"ElementType": "MET_STRING"}, "ElementType"),
        ({"ElementNumberOfChannels": "3"}, "3 numbers a voxel"),
        ({"ElementSpacing": "1 0 1"}, "more than 0"),
        ({"ElementSpacing": "1 nan 1"}, "finite"),
        ({"TransformMatrix": "0 0 0 0 0 0 0 0 0"}, "."),
        ({"ObjectType": "Tube"}, "."),
        ({"CompressedData": "True"}, "cannot be read"),
        ({"HeaderSize": "x", "local": "b.raw"}, "not among the sources"),
        ({"local": "../b.raw"}, "another folder"),
        ({"local": "/etc/passwd"}, "another folder"),
        ({"local": "c:\\b.raw"}, "another folder"),
        ({"local": "LIST"}, "several files"),
        ({"local": "b%03d.raw 1 4 1"}, "several files"),
    ],
)
def test_what_cannot_be_taken(
    dicom: Any, tmp_path: Path, fields: dict[str, str], reason: str
) -> None:
    assert reason in refused(dicom, write(tmp_path / "a.mha", **fields))


def test_headers_without_an_end(dicom: Any, tmp_path: Path) -> None:
    for name, data in (("a", b"ObjectType = Image\n" * 9), ("b", b"ObjectType = Image\nx" * 9999)):
        (tmp_path / f"{name}.mha").write_bytes(data)
        assert "header" in refused(dicom, tmp_path / f"{name}.mha")


def test_a_bomb_gives_no_more_than_its_header_claims(dicom: Any, tmp_path: Path) -> None:
    data = zlib.compress(bytes(256 << 20), 9)
    draft = image(dicom, write(tmp_path / "a.mha", data, CompressedData="True"))
    assert draft.load().nbytes == SMALL.nbytes


def test_a_scale_is_told(dicom: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", ElementToIntensityFunctionSlope="0.5")
    draft = image(dicom, path)
    assert draft.slope == 0.5
    assert "ITK shows them unscaled" in draft.problems[0]


@pytest.mark.slow
def test_flipped_bytes_and_truncations_give_one_status_each(tmp_path: Path) -> None:
    """500 of 10 valid files, raw and compressed; nothing crashes, nothing hangs."""
    rng = random.Random(20)
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(10):
        data = zlib.compress(SMALL.tobytes()) if number % 2 else SMALL.tobytes()
        path = write(tmp_path / "valid.mha", data, CompressedData=str(bool(number % 2)))
        valid = path.read_bytes()
        for k in range(50):
            broken = bytearray(valid)
            if k % 5 == 0:
                del broken[rng.randrange(1, len(broken)) :]
            else:
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            (folder / f"p{number}_{k:03}.mha").write_bytes(broken)
    result = ingest(folder, tmp_path / "s.onco")
    assert len(result.files) == 500
    assert {row["path"] for row in result.files} == {str(p) for p in folder.iterdir()}
    assert all(row["reason"] for row in result.refused)
    assert result.counts["referenced"] + result.counts["ingested"] > 100


def test_segmentations_keep_their_own_grid_without_an_image(dicom: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a_mask.mha", (SMALL % 3).astype("i2").tobytes())
    (draft,) = read(dicom, path).drafts
    assert isinstance(draft, SegmentationDraft)
    assert [s.number for s in draft.segments] == [1, 2]
    assert np.array_equal(draft.load(1), SMALL % 3 == 2)
