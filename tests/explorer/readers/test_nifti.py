from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from explorer.draft import Draft, Grid, ImageDraft, Reading, SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.readers.nifti import NiftiReader
from explorer.readers.reader import Reader

SAMPLES = [
    *(f"sts_ct_pet_mr_rtstruct/nifti/STS_002/{k}_image.nii.gz" for k in ("CT", "MR_T1", "PET")),
    "upenn_gbm_00002_nifti/t2.nii.gz",
    "totalsegmentator_ct/example_ct_sm.nii.gz",
    "totalsegmentator_ct/example_mr_sm.nii.gz",
]
MASKS = {
    **{
        f"sts_ct_pet_mr_rtstruct/nifti/STS_002/{k}_mask.nii.gz": f"{k}_image.nii.gz"
        for k in ("CT", "MR_T1", "PET")
    },
    "upenn_gbm_00002_nifti/seg.nii.gz": "t2.nii.gz",
    "totalsegmentator_ct/example_seg.nii.gz": "example_ct_sm.nii.gz",
    "totalsegmentator_ct/example_seg_mr.nii.gz": "example_mr_sm.nii.gz",
    "totalsegmentator_ct/example_seg_dicom.nii.gz": None,
}


def read(dicom: Any, *paths: Path, grids: list[Grid] | None = None, **detail: Any) -> Reading:
    headers = [NiftiReader().peek(dicom.source(path)) for path in paths]
    assert None not in headers
    for header in headers:
        header.detail.update(detail)
    reading = NiftiReader().read(pickle.loads(pickle.dumps(headers)), grids or [])
    assert [one.uri for one in reading.statuses] == [str(path) for path in paths]
    return reading


def image(dicom: Any, path: Path) -> ImageDraft:
    reading = read(dicom, path)
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    return draft


def mask(dicom: Any, path: Path, grids: list[Grid], **detail: Any) -> SegmentationDraft:
    reading = read(dicom, path, grids=grids, **detail)
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, SegmentationDraft)
    return draft


def refused(dicom: Any, path: Path) -> str:
    """Reason, whether it is told at the first look, at reading or at loading."""
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
    """Values ``(z, y, x)`` and affine as SimpleITK has them."""
    found = sitk.ReadImage(str(path))
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(found.GetDirection(), (3, 3)) * found.GetSpacing()
    affine[:3, 3] = found.GetOrigin()
    return sitk.GetArrayFromImage(found), affine


def values(draft: ImageDraft) -> np.ndarray:
    return np.asarray(draft.load() * draft.slope + draft.intercept)


def test_is_a_reader() -> None:
    assert isinstance(NiftiReader(), Reader)


@pytest.mark.parametrize("name", SAMPLES)
def test_equals_simpleitk(dicom: Any, shared_data: Path, name: str) -> None:
    draft = image(dicom, shared_data / name)
    expected, affine = itk(shared_data / name)
    assert draft.shape == expected.shape
    assert draft.load().dtype == draft.dtype
    assert np.array_equal(values(draft), expected)
    assert np.abs(draft.affine - affine).max() < 1e-4
    assert draft.units == "1"
    assert draft.units_reason
    assert draft.frames is None  # compressed
    assert draft.modality in ("CT", "MR", "PT")
    assert draft.meta["modality_by"] == "file name"


@pytest.mark.parametrize(("name", "partner"), MASKS.items())
def test_masks_equal_simpleitk_and_find_their_image(
    dicom: Any, shared_data: Path, name: str, partner: str | None
) -> None:
    path = shared_data / name
    images = {
        one.name: image(dicom, one)
        for one in path.parent.glob("*.nii.gz")
        if "mask" not in one.name and "seg" not in one.name
    }
    draft = mask(dicom, path, [one.grid for one in images.values() if one.grid])
    expected, affine = itk(path)
    assert draft.shape == expected.shape
    assert np.abs(draft.affine - affine).max() < 1e-4
    present = [one.number for k, one in enumerate(draft.segments) if draft.load(k).any()]
    assert present == [n for n in np.unique(expected) if n]
    named = name.startswith("totalsegmentator_ct")  # in the header's extension
    assert draft.segments[0].name == ("spleen" if named else "label 1")
    for index, segment in enumerate(draft.segments):
        found = draft.load(index)
        assert found.dtype == bool
        assert np.array_equal(found, expected == segment.number)
    assert draft.image == (images[partner].item if partner else None)
    assert draft.image_reason


def test_uncompressed_voxels_are_referenced_where_they_lie(
    dicom: Any, shared_data: Path, tmp_path: Path
) -> None:
    packed = shared_data / SAMPLES[3]
    path = tmp_path / "t2.nii"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    reading = read(dicom, path)
    assert reading.statuses[0].status == "referenced"
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    assert draft.frames is not None
    data = path.read_bytes()
    slices = [
        np.frombuffer(data[one.offset : one.offset + one.length], draft.dtype)
        for one in draft.frames
    ]
    assert np.array_equal(np.reshape(slices, draft.shape), itk(packed)[0])
    archived = dicom.source(path, referable=False)
    (draft,) = NiftiReader().read([NiftiReader().peek(archived)], []).drafts
    assert isinstance(draft, ImageDraft)
    assert draft.frames is None


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "f4", "f8"])
@pytest.mark.parametrize("maker", [nib.Nifti1Image, nib.Nifti2Image])
def test_types_and_byte_orders(
    dicom: Any, nifti: Any, tmp_path: Path, order: str, kind: str, maker: Any
) -> None:
    header = maker.header_class(endianness=order)
    header.set_data_dtype(np.dtype(kind).newbyteorder(order))
    path = tmp_path / "scan.nii"
    nib.save(maker(nifti.small.astype(kind), np.eye(4), header), path)
    draft = image(dicom, path)
    assert draft.dtype == np.dtype(f"{order}{kind}")
    assert np.array_equal(draft.load(), nifti.small.T)


@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [(2.0, -5.0, (2, -5)), (0.0, 9.0, (1, 0)), (np.nan, np.nan, (1, 0)), (1.0, 0.0, (1, 0))],
)
def test_scaling(
    dicom: Any,
    nifti: Any,
    tmp_path: Path,
    slope: float,
    intercept: float,
    expected: tuple[int, int],
) -> None:
    path = nifti.save(tmp_path / "scan.nii", nifti.small)
    draft = image(dicom, nifti.patch(path, 112, "<ff", slope, intercept))
    assert (draft.slope, draft.intercept) == expected
    assert np.array_equal(values(draft), np.asarray(nib.load(path).dataobj).T)


def test_time_and_trailing_axes(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    four = np.stack([nifti.small, nifti.small + 100], axis=-1)
    path = nifti.save(tmp_path / "scan.nii", four)
    nib.load(path)
    nifti.patch(path, 92, "<f", 2500.0)  # pixdim[4]
    nifti.patch(path, 123, "<B", 2 | 16)  # mm, ms
    draft = image(dicom, path)
    assert draft.dims == ("t", "z", "y", "x")
    assert draft.shape == (2, 4, 3, 2)
    assert draft.meta["time_step_s"] == 2.5
    assert np.array_equal(draft.load()[1], nifti.small.T + 100)
    assert len(draft.frames or []) == 8
    single = image(dicom, nifti.save(tmp_path / "one.nii", nifti.small[..., None, None]))
    assert single.shape == (4, 3, 2)
    flat = image(dicom, nifti.save(tmp_path / "flat.nii", nifti.small[:, :, 0]))
    assert flat.shape == (1, 3, 2)


def test_a_header_and_its_voxels_in_two_files(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Pair(nifti.small, np.eye(4)), tmp_path / "scan.hdr")
    head, voxels = tmp_path / "scan.hdr", tmp_path / "scan.img"
    groups = {NiftiReader().peek(dicom.source(path)).group for path in (head, voxels)}
    assert len(groups) == 1
    reading = read(dicom, head, voxels)
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    assert np.array_equal(draft.load(), nifti.small.T)
    assert [one.item for one in reading.statuses] == [draft.item] * 2
    assert "not among the sources" in (read(dicom, head).statuses[0].reason or "")
    assert read(dicom, voxels).statuses[0].status == "refused"
    head.unlink()
    assert NiftiReader().peek(dicom.source(voxels)) is None


def test_a_sidecar_says_the_modality(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    path = nifti.save(tmp_path / "scan7.nii", nifti.small)
    assert image(dicom, path).modality == "unknown"
    (tmp_path / "scan7.json").write_text('{"Modality": "PT"}')
    draft = image(dicom, path)
    assert (draft.modality, draft.meta["modality_by"]) == ("PT", "sidecar JSON")
    for hostile in ('{"Modality": ["CT"]}', "[" * 100_000, "\xff"):
        (tmp_path / "scan7.json").write_text(hostile, "latin-1")
        assert image(dicom, path).modality == "unknown"


def test_pairing_that_was_said(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    first = image(dicom, nifti.save(tmp_path / "t1.nii", nifti.small)).grid
    second = image(dicom, nifti.save(tmp_path / "t2.nii", nifti.small)).grid
    assert first is not None
    assert second is not None
    path = nifti.save(tmp_path / "seg.nii", (nifti.small % 2).astype(np.uint8))
    draft = mask(dicom, path, [first, second])
    assert draft.image is None
    assert "2 images share this grid: say which one with --pair" in (draft.image_reason or "")
    draft = mask(dicom, path, [first, second], pair=str(tmp_path / "t2.nii"))
    assert (draft.image, draft.image_reason) == (second.item, "said with --pair")


def test_a_mask_mirrored_against_its_dicom_image(dicom: Any, shared_data: Path) -> None:
    """TotalSegmentator's NIfTI of its DICOM CT has the rows upside down."""
    folder = shared_data / "totalsegmentator_ct"
    ct = dicom.image(folder / "example_ct_dicom")
    path = folder / "example_seg_dicom.nii.gz"
    draft = mask(dicom, path, [ct.grid], pair=str(folder / "example_ct_dicom"))
    assert draft.image == ct.item
    assert draft.shape == ct.shape
    assert np.array_equal(draft.affine, ct.affine)
    stored, affine = itk(path)
    assert not np.allclose(affine, ct.affine)
    source = sitk.ReadImage(str(path))
    target = sitk.GetImageFromArray(np.zeros(ct.shape, np.uint8))
    target.SetOrigin(ct.affine[:3, 3].tolist())
    size = np.linalg.norm(ct.affine[:3, :3], axis=0)
    target.SetSpacing(size.tolist())
    target.SetDirection((ct.affine[:3, :3] / size).ravel().tolist())
    moved = sitk.GetArrayFromImage(sitk.Resample(source, target, sitk.Transform(), 1))
    assert stored.sum() == moved.sum()
    for index, segment in enumerate(draft.segments):
        assert np.array_equal(draft.load(index), moved == segment.number)


def test_other_files_are_not_claimed(dicom: Any, tmp_path: Path) -> None:
    for name in ("a.txt", "b.gz", "c.hdr", "d.img", "e.json"):
        (tmp_path / name).write_bytes(b"nothing" * 100)
        assert NiftiReader().peek(dicom.source(tmp_path / name)) is None


def test_analyze_is_refused(dicom: Any, nifti: Any, tmp_path: Path) -> None:
    nib.save(nib.AnalyzeImage(nifti.small, np.eye(4)), tmp_path / "scan.hdr")
    with pytest.raises(FileRefusedError, match=r"Analyze 7\.5"):
        NiftiReader().peek(dicom.source(tmp_path / "scan.hdr"))


def test_cut_files_are_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    packed = (shared_data / "sts_ct_pet_mr_rtstruct/nifti/STS_002/CT_mask.nii.gz").read_bytes()
    plain = gzip.decompress(packed)
    for name, data in (("scan.nii.gz", packed), ("scan.nii", plain)):
        for size in (0, 1, 2, 9, 100, 347, 400, len(data) // 2, len(data) - 1):
            path = tmp_path / name
            path.write_bytes(data[:size])
            assert refused(dicom, path)


def test_a_corrupt_stream_is_refused(dicom: Any, shared_data: Path, tmp_path: Path) -> None:
    data = bytearray((shared_data / SAMPLES[3]).read_bytes())
    data[-5] ^= 0xFF  # of the checksum
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(data)
    assert "CRC" in refused(dicom, path)


def test_a_bomb_is_refused_unopened_or_left_at_what_it_declares(
    dicom: Any, nifti: Any, tmp_path: Path
) -> None:
    head = bytearray(nifti.save(tmp_path / "scan.nii", nifti.small).read_bytes())
    bomb = tmp_path / "bomb.nii.gz"
    # Declares a thousandth of what comes out: the rest is never decompressed.
    bomb.write_bytes(gzip.compress(bytes(head) + bytes(200 << 20), 9))
    assert np.array_equal(image(dicom, bomb).load(), nifti.small.T)
    # Declares more than its few bytes can ever hold.
    struct.pack_into("<8h", head, 40, 3, 1000, 1000, 1000, 1, 1, 1, 1)
    bomb.write_bytes(gzip.compress(bytes(head)))
    assert "ends early" in refused(dicom, bomb)


def test_a_file_that_went_away_is_refused_at_loading(
    dicom: Any, nifti: Any, tmp_path: Path
) -> None:
    draft: Draft = image(dicom, nifti.save(tmp_path / "scan.nii", nifti.small))
    (tmp_path / "scan.nii").write_bytes(b"")
    assert isinstance(draft, ImageDraft)
    with pytest.raises(FileRefusedError, match="ends early"):
        draft.load()
