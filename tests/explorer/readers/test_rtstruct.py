from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
from matplotlib.path import Path as Outline
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from skimage.measure import find_contours

from explorer.draft import Grid, Reading, SegmentationDraft
from explorer.errors import FileRefusedError
from explorer.readers.place import slice_first_voxels
from explorer.readers.reader import Reader
from explorer.readers.rtstruct import RtstructReader
from explorer.space import make_affine

STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
PATIENTS = ("STS_002", "STS_003", "STS_008")
KINDS = ("CT", "MR_T1", "PET")


def read(dicom: Any, path: Path, grids: list[Grid]) -> Reading:
    header = RtstructReader().peek(dicom.source(path))
    assert header is not None
    assert header.kind == "segmentation"
    return RtstructReader().read([pickle.loads(pickle.dumps(header))], grids)


def taken(dicom: Any, path: Path, grids: list[Grid]) -> SegmentationDraft:
    reading = read(dicom, path, grids)
    (status,) = reading.statuses
    assert status.status == "ingested", status.reason
    (draft,) = reading.drafts
    assert isinstance(draft, SegmentationDraft)
    return draft


def refused(dicom: Any, path: Path, grids: list[Grid]) -> str:
    reading = read(dicom, path, grids)
    assert reading.drafts == []
    assert reading.statuses[0].status == "refused"
    return reading.statuses[0].reason or ""


@pytest.fixture(scope="module")
def grids(dicom: Any, sts: Path) -> dict[str, list[Grid]]:
    """The three images of each patient."""
    return {
        patient: [dicom.image(sts / patient / kind / "image").grid for kind in KINDS]
        for patient in PATIENTS
    }


def test_is_a_reader() -> None:
    assert isinstance(RtstructReader(), Reader)


@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_published_masks(
    dicom: Any, sts: Path, grids: dict[str, list[Grid]], kind: str
) -> None:
    image = grids["STS_002"][KINDS.index(kind)]
    draft = taken(dicom, sts / "STS_002" / kind / "mask" / "RS.dcm", grids["STS_002"])
    assert draft.image == image.item
    assert draft.image_reason == "the file names this image's series"
    assert draft.problems == []
    (segment,) = draft.segments
    assert segment.name == f"GTV_Mass_{kind}"
    assert segment.color == (255, 0, 0)
    assert draft.meta["interpreted_types"] == {segment.name: "GTV"}
    truth = nib.load(sts / "nifti" / "STS_002" / f"{kind}_mask.nii.gz")
    expected = np.asarray(truth.dataobj).T > 0
    assert expected.any()
    assert np.array_equal(draft.load(0), expected)
    assert np.abs(np.diag([-1, -1, 1, 1]) @ truth.affine - draft.affine).max() < 1e-3


@pytest.mark.parametrize("patient", ["STS_003", "STS_008"])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_an_independent_rasterisation(
    dicom: Any, sts: Path, grids: dict[str, list[Grid]], patient: str, kind: str
) -> None:
    """Against matplotlib's test of points; pixels within 1e-6 of an outline may go either way."""
    path = sts / patient / kind / "mask" / "RS.dcm"
    image = grids[patient][KINDS.index(kind)]
    found = taken(dicom, path, grids[patient]).load(0)
    expected, close = independent(pydicom.dcmread(path), image)
    assert expected.any()
    assert np.array_equal(found[~close], expected[~close])
    assert close.sum() < 0.01 * expected.sum()


def independent(dataset: Any, image: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Mask of an axial RTSTRUCT, and the pixels that lie on an outline."""
    mask, close = np.zeros(image.shape, bool), np.zeros(image.shape, bool)
    origin, step = image.affine[:3, 3], np.diag(image.affine)
    y, x = np.mgrid[: image.shape[1], : image.shape[2]]
    centres = np.stack([x.ravel(), y.ravel()], axis=1) * step[:2] + origin[:2]
    for contour in dataset.ROIContourSequence[0].ContourSequence:
        points = np.array(contour.ContourData, float).reshape(-1, 3)
        k = round((points[0, 2] - origin[2]) / step[2])
        outline = Outline(points[:, :2])
        inside = outline.contains_points(centres)
        mask[k] ^= inside.reshape(image.shape[1:])
        flat = close[k].ravel()  # a view
        for start, end in zip(points[:, :2], np.roll(points[:, :2], -1, axis=0), strict=True):
            low, high = np.minimum(start, end) - 1e-6, np.maximum(start, end) + 1e-6
            near = np.flatnonzero(((centres >= low) & (centres <= high)).all(axis=1))
            length = max(float(np.linalg.norm(end - start)), 1e-12)
            along = (end - start) / length
            at = np.clip((centres[near] - start) @ along, 0, length)
            gap = np.linalg.norm(centres[near] - start - at[:, None] * along, axis=1)
            flat[near[gap < 1e-6]] = True
    return mask, close


def test_its_image_is_not_guessed(dicom: Any, sts: Path, grids: dict[str, list[Grid]]) -> None:
    ct, mr, pet = grids["STS_002"]
    path = sts / "STS_002" / "CT" / "mask" / "RS.dcm"
    reason = refused(dicom, path, [mr, pet])
    assert "is not among the sources" in reason
    assert "2 images in its frame of reference fit equally" in reason
    assert "ingest it together" in reason
    assert "is not among the sources" in refused(dicom, path, [])
    alone = taken(dicom, path, [pet])  # same frame of reference, and every contour lies on it
    assert alone.image == pet.item
    assert "the only image in its frame of reference that it fits" in (alone.image_reason or "")
    stranger = replace(pet, frame_of_reference="1.2.3")
    assert "is not among the sources" in refused(dicom, path, [stranger])
    unsaid = replace(ct, frame_of_reference=None, series_uid=None)
    assert taken(dicom, path, [unsaid]).image == ct.item


# Structure sets made here, their contours synthetic or traced on real images.

Roi = dict[str, Any]


def structure_set(path: Path, image: Grid, rois: list[Roi], **more: Any) -> Path:
    """Write an RTSTRUCT; a ROI is {'name', 'contours': [(n, 3)], 'kind', 'frame'}."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = STRUCTURE_SET, generate_uid()
    dataset.Modality, dataset.PatientID = "RTSTRUCT", "made"
    dataset.StudyInstanceUID = dataset.SeriesInstanceUID = generate_uid()
    dataset.StructureSetLabel = "made for a test"
    dataset.StructureSetROISequence = []
    dataset.ROIContourSequence = []
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = image.series_uid or "1.2.3.4"
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID = image.frame_of_reference or "1.2.3.5"
    frame.RTReferencedStudySequence = [study]
    dataset.ReferencedFrameOfReferenceSequence = [frame]
    for number, roi in enumerate(rois, start=1):
        head, body = Dataset(), Dataset()
        head.ROINumber = body.ReferencedROINumber = number
        head.ROIName = roi["name"]
        head.ReferencedFrameOfReferenceUID = roi.get("frame", frame.FrameOfReferenceUID)
        body.ROIDisplayColor = [0, 128, 255]
        body.ContourSequence = []
        for points in roi["contours"]:
            contour = Dataset()
            contour.ContourGeometricType = roi.get("kind", "CLOSED_PLANAR")
            contour.NumberOfContourPoints = len(points)
            contour.ContourData = [f"{one:.6f}"[:16] for one in np.ravel(points)]
            body.ContourSequence.append(contour)
        dataset.StructureSetROISequence.append(head)
        dataset.ROIContourSequence.append(body)
    dataset.update(more)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    return path


def outline(image: Grid, k: float, pixels: Any) -> np.ndarray:
    """Outline ``(n, 2)`` in pixels ``(y, x)`` as ``(n, 3)`` mm on slice `k`, or between two."""
    origins = slice_first_voxels(image)
    low = int(k)
    origin = origins[low]
    if k != low:
        origin = origin + (k - low) * (origins[low + 1] - origin)
    yx = np.asarray(pixels, float)
    return np.asarray(origin + yx[:, ::-1] @ image.affine[:3, :2].T)


SQUARE = [(2.5, 2.5), (2.5, 6.5), (6.5, 6.5), (6.5, 2.5)]
INNER = [(3.5, 3.5), (3.5, 5.5), (5.5, 5.5), (5.5, 3.5)]


def oblique(origins: Any = None) -> Grid:
    turn = np.linalg.qr(np.random.default_rng(8).normal(size=(3, 3)))[0]
    affine = make_affine((10, -20, 30), turn @ np.diag([0.7, 0.9, 2.5]))
    return Grid("image", (6, 12, 14), affine, origins, "1.2.3.5", "1.2.3.4")


def test_a_traced_organ_with_holes_on_a_real_ct(
    dicom: Any, shared_data: Path, tmp_path: Path
) -> None:
    """Trace the lungs' threshold on a real CT: many contours a slice, contours within contours."""
    image = dicom.image(shared_data / "lidc_0314_ct_subset" / "dicom")
    grid = image.grid
    values = image.load() * image.slope + image.intercept
    slices = range(0, grid.shape[0], 6)
    contours, expected = [], np.zeros(grid.shape, bool)
    for k in slices:
        air = np.pad(values[k] < -500, 1)[1:-1, 1:-1]
        air[[0, -1]] = air[:, [0, -1]] = False
        expected[k] = air
        # outlines halfway between pixels: no centre lies on them
        traced = [one for one in find_contours(air.astype(float), 0.5) if len(one) > 3]
        contours += [outline(grid, k, one) for one in traced]
    assert len(contours) > 3 * len(slices)
    path = structure_set(tmp_path / "rs.dcm", grid, [{"name": "air", "contours": contours}])
    found = taken(dicom, path, [grid]).load(0)
    # find_contours joins diagonal neighbours; those corners alone may differ
    assert (found != expected).mean() < 1e-4
    assert np.array_equal(found.any(axis=(1, 2)), expected.any(axis=(1, 2)))


def test_holes_and_several_contours_on_an_oblique_image(dicom: Any, tmp_path: Path) -> None:
    grid = oblique()
    far = np.add(SQUARE, (0, 6))
    path = structure_set(
        tmp_path / "rs.dcm",
        grid,
        [
            {"name": "ring", "contours": [outline(grid, 2, SQUARE), outline(grid, 2, INNER)]},
            {"name": "ring", "contours": [outline(grid, 4, SQUARE), outline(grid, 4, far)]},
            {"name": "nothing", "contours": []},
        ],
    )
    draft = taken(dicom, path, [grid])
    assert [one.name for one in draft.segments] == ["ring", "ring 2", "nothing"]
    assert draft.segments[0].color == (0, 128, 255)
    expected = np.zeros(grid.shape, bool)
    expected[2, 3:7, 3:7] = True
    expected[2, 4:6, 4:6] = False
    assert np.array_equal(draft.load(0), expected)
    expected[:] = False
    expected[4, 3:7, 3:7] = expected[4, 3:7, 9:13] = True
    assert np.array_equal(draft.load(1), expected)
    assert not draft.load(2).any()
    assert draft.problems == ["'nothing' is empty: no contour of it lies on the image"]


def test_contours_on_every_other_slice_are_said(dicom: Any, tmp_path: Path) -> None:
    grid = oblique()
    contours = [outline(grid, k, SQUARE) for k in (0, 2, 4)]
    path = structure_set(tmp_path / "rs.dcm", grid, [{"name": "one", "contours": contours}])
    draft = taken(dicom, path, [grid])
    assert draft.problems == ["'one' has contours 2 slices apart; the slices between are empty"]


def test_what_is_no_outline_of_an_axial_plane_is_left_out(dicom: Any, tmp_path: Path) -> None:
    grid = oblique()
    good = outline(grid, 2, SQUARE)
    tilted = np.vstack([outline(grid, 0, SQUARE[:2]), outline(grid, 4, SQUARE[2:])])
    path = structure_set(
        tmp_path / "rs.dcm",
        grid,
        [
            {"name": "tilted", "contours": [good, tilted]},
            {"name": "point", "contours": [good[:1]], "kind": "POINT"},
            {"name": "open", "contours": [good], "kind": "OPEN_PLANAR"},
            {"name": "two", "contours": [good, good[:2]]},
            {"name": "far", "contours": [good + grid.affine[:3, 2] * 50]},
            {"name": "elsewhere", "contours": [good], "frame": "9.9.9"},
        ],
    )
    draft = taken(dicom, path, [grid])
    assert [int(draft.load(i).sum()) for i in range(6)] == [16, 0, 0, 16, 0, 0]
    said = " / ".join(draft.problems)
    for part in (
        "'tilted': 1 of 2 contours left out, not parallel to the slices",
        "'point': 1 of 1 contours left out, of type POINT, which encloses nothing",
        "'open': 1 of 1 contours left out, of type OPEN_PLANAR",
        "'two': 1 of 2 contours left out, of fewer than three points",
        "'far': 1 of 1 contours left out, on no slice",
        "'elsewhere': 1 of 1 contours left out, in another frame of reference",
        "'elsewhere' is empty",
    ):
        assert part in said


@pytest.mark.parametrize("data", [b"1\\2", b"1\\2\\nan", b"a\\b\\c", b"1e300\\0\\0", b""])
def test_broken_coordinates_are_left_out(dicom: Any, tmp_path: Path, data: bytes) -> None:
    grid = oblique()
    good = outline(grid, 2, SQUARE)
    path = structure_set(tmp_path / "rs.dcm", grid, [{"name": "one", "contours": [good, good]}])
    dataset = pydicom.dcmread(path)
    contour = dataset.ROIContourSequence[0].ContourSequence[1]
    contour.add(pydicom.DataElement(0x30060050, "OB", data))
    dataset.save_as(path)
    draft = taken(dicom, path, [grid])
    assert draft.load(0).sum() == 16
    assert "1 of 2 contours left out" in draft.problems[0]


def test_hostile_names_stay_text(dicom: Any, tmp_path: Path) -> None:
    grid = oblique()
    name = "<script>alert(1)</script>\x1b[31m"
    path = structure_set(
        tmp_path / "rs.dcm", grid, [{"name": name, "contours": [outline(grid, 2, SQUARE)]}]
    )
    (segment,) = taken(dicom, path, [grid]).segments
    assert segment.name == "<script>alert(1)</script>[31m"


def test_no_structure_is_refused(dicom: Any, tmp_path: Path) -> None:
    grid = oblique()
    assert "no structure" in refused(dicom, structure_set(tmp_path / "rs.dcm", grid, []), [grid])


def test_cut_files_are_refused_or_read(
    dicom: Any, sts: Path, grids: dict[str, list[Grid]], tmp_path: Path
) -> None:
    data = (sts / "STS_002" / "CT" / "mask" / "RS.dcm").read_bytes()
    path = tmp_path / "rs.dcm"
    fates = set()
    for size in range(200, len(data), 997):
        path.write_bytes(data[:size])
        try:
            header = RtstructReader().peek(dicom.source(path))
        except FileRefusedError:
            fates.add("refused")
            continue
        if header is not None:
            (status,) = RtstructReader().read([header], grids["STS_002"]).statuses
            assert status.status in ("refused", "ingested")
            fates.add(status.status)
    assert "refused" in fates
