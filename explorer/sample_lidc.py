"""The four readers' outlines and ratings of the bundled patient LIDC-IDRI-0314."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import Code, Grid, SegmentationDraft, SegmentDraft, Source
from explorer.errors import GeometryError, NotFoundError
from explorer.item_id import item_id
from explorer.peek_file import sha256_of
from explorer.readers.place import slice_first_voxels, slice_spacing
from explorer.readers.rasterise import rasterise

_PATIENT = "LIDC-IDRI-0314"
CONTOURS = "contours.csv"
_NODULE = Code("27925004", "SCT", "Nodule")
_ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
_COLORS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167))  # Okabe and Ito

# What a rating means, from 1 on (McNitt-Gray et al. 2007, Academic Radiology 14, 1464-1474; the
# steps that it leaves unnamed are numbers alone).
_RATINGS: dict[str, dict[int, str]] = {
    "subtlety": {1: "extremely subtle", 5: "obvious"},
    "internalStructure": {1: "soft tissue", 2: "fluid", 3: "fat", 4: "air"},
    "calcification": {
        1: "popcorn", 2: "laminated", 3: "solid", 4: "non-central", 5: "central", 6: "absent",
    },
    "sphericity": {1: "linear", 3: "ovoid", 5: "round"},
    "margin": {1: "poorly defined", 5: "sharp"},
    "lobulation": {1: "none", 5: "marked"},
    "spiculation": {1: "none", 5: "marked"},
    "texture": {1: "non-solid", 3: "part solid", 5: "solid"},
    "malignancy": {
        1: "highly unlikely", 2: "moderately unlikely", 3: "indeterminate",
        4: "moderately suspicious", 5: "highly suspicious",
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Outline:
    """One outline in one slice: vertices ``(n, 2)`` as ``(y, x)`` pixels, counted from 0."""

    reader: str
    included: bool
    z: float
    vertices: NDArray[np.int64]


def lidc_segmentation(folder: Path, grid: Grid) -> SegmentationDraft:
    """Make masks of the outlines: four overlapping segments, one a reader.

    Parameters
    ----------
    folder : pathlib.Path
        Where `explorer.sample.unpack_samples` has put the patients.
    grid : Grid
        Of the patient's CT.

    Returns
    -------
    SegmentationDraft
        'Nodule, reader 1' to 'Nodule, reader 4', in the order of the file.

    Raises
    ------
    NotFoundError
        The files are not there.
    GeometryError
        The grid is not that of the series on which the outlines were drawn.

    Notes
    -----
    A LIDC outline runs through the first pixels outside of the nodule (Armato et al. 2011,
    Medical Physics 38, 915-931). As in pylidc 0.2.3 (``Annotation.boolean_mask``), its vertices
    are not of the mask; what an outline with ``inclusion`` 0 encloses is cut out, its vertices
    too. Outlines are placed by the slice's z position, which they name.
    """
    path = _file(folder, CONTOURS)
    series = _rows(folder, "annotations.csv")[0]["series_instance_uid"]
    if grid.series_uid != series:
        raise GeometryError(
            f"The image is of series {grid.series_uid}",
            expected=f"the series that the readers outlined, {series}",
            where=f"patient {_PATIENT}",
        )
    outlines = _outlines(folder)
    readers = list(dict.fromkeys(outline.reader for outline in outlines))
    slices = _slices({outline.z for outline in outlines}, grid)

    def load(index: int) -> NDArray[np.bool_]:
        own = [outline for outline in outlines if outline.reader == readers[index]]
        return _mask(own, slices, grid.shape)

    about = path.stat()
    return SegmentationDraft(
        item=item_id("seg", "lidc outlines", series),
        modality="MASK",
        name="Nodule, four readers",
        segments=[
            SegmentDraft(
                number=number,
                name=f"Nodule, reader {number}",
                code=_NODULE,
                category=_ABNORMAL,
                algorithm_type="MANUAL",
                color=_COLORS[(number - 1) % len(_COLORS)],
            )
            for number in range(1, len(readers) + 1)
        ],
        shape=grid.shape,
        affine=grid.affine,
        load=load,
        sources=[
            Source(
                path=path,
                uri=str(path),
                relative=path.relative_to(folder).as_posix(),
                referable=True,
                size=about.st_size,
                mtime_ns=about.st_mtime_ns,
                sha256=sha256_of(path),
            )
        ],
        slice_origins=grid.slice_origins,
        frame_of_reference=grid.frame_of_reference,
        image=grid.item,
        image_reason="the outlines name this image's series",
    )


def lidc_ratings(folder: Path) -> list[dict[str, Any]]:
    """Read how the four readers rated the nodule, nine characteristics each.

    Parameters
    ----------
    folder : pathlib.Path
        Where `explorer.sample.unpack_samples` has put the patients.

    Returns
    -------
    list of dict
        name, value (what the number means, where the scale names it), number, unit (the scale),
        day, source.

    Raises
    ------
    NotFoundError
        The file is not there.
    """
    rows = {row["annotation_id"]: row for row in _rows(folder, "annotations.csv")}
    order = dict.fromkeys(outline.reader for outline in _outlines(folder))
    return [
        {
            "name": f"Nodule, reader {number}: {name}",
            "value": words.get(int(rows[reader][name]), rows[reader][name]),
            "number": float(rows[reader][name]),
            "unit": f"scale 1 to {max(words)}",
            "day": None,
            "source": f"{_PATIENT}/annotations.csv",
        }
        for number, reader in enumerate(order, start=1)
        for name, words in _RATINGS.items()
    ]


def _file(folder: Path, name: str) -> Path:
    path = folder / _PATIENT / name
    if not path.is_file():
        raise NotFoundError(f"No file {path}", do="unpack the bundled patients: oncograph demo")
    return path


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with _file(folder, name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _outlines(folder: Path) -> list[_Outline]:
    return [
        _Outline(
            reader=row["annotation_id"],
            included=row["inclusion"] == "1",
            z=float(row["image_z_position"]),
            vertices=np.array(
                [[int(at) for at in line.split(",")][::-1] for line in row["coords"].split()]
            ),
        )
        for row in _rows(folder, CONTOURS)
    ]


def _slices(positions: Iterable[float], grid: Grid) -> dict[float, int]:
    """Slice index of each z position in mm LPS."""
    along = slice_first_voxels(grid)[:, 2]
    found = {}
    for z in positions:
        nearest = int(abs(along - z).argmin())
        if abs(along[nearest] - z) > slice_spacing(grid) / 10:
            raise GeometryError(
                f"An outline lies at z = {z} mm",
                expected=f"one of the image's slices, {along.min()} to {along.max()} mm",
                where=f"patient {_PATIENT}",
            )
        found[z] = nearest
    return found


def _mask(
    outlines: list[_Outline], slices: dict[float, int], shape: tuple[int, int, int]
) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    for outline in sorted(outlines, key=lambda one: not one.included):  # what is cut out, last
        plane = mask[slices[outline.z]]
        enclosed = rasterise([outline.vertices], (shape[1], shape[2]))
        if outline.included:
            plane |= enclosed
        else:
            plane &= ~enclosed
        plane[outline.vertices[:, 0], outline.vertices[:, 1]] = False
    return mask
