"""Side: left or right in the patient, where it can be told; how, or why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.space import lps_to_index
from graphs.organs import Organ, display_name
from graphs.placed_mask import PlacedMask, placed_mask
from graphs.voxel_grid import VoxelGrid

if TYPE_CHECKING:
    from explorer.patient import Patient

Side = tuple[str | None, str]

# An organ that the midline goes through: its own middle tells the side of a lesion in it.
_MIDLINE = re.compile(r"prostate|bladder|uterus|vagina|brain\b|brainstem|tongue|larynx|pharynx")
# Where an image shows a part of the body that has no midline of its own.
_LIMBS = re.compile(
    r"EXTREMIT|LEG|ARM\b|FOREARM|HAND|FOOT|FEET|KNEE|ANKLE|WRIST|ELBOW|SHOULDER|FEMUR|THIGH|CALF"
    r"|HUMERUS|BREAST|FINGER|TOE\b|HIP\b"
)
_NEAR = 0.05  # of the width: so near to the middle no side is said
_AIR = -400.0  # HU between air and body
_MOST_SLICES = 5


def side_of(placed: PlacedMask, organ: Organ, patient: Patient) -> Side:
    """Side of a lesion: by the organ that holds it, its name, or the middle of the body.

    Parameters
    ----------
    placed : PlacedMask
    organ : Organ
        As `organ_of` found it.
    patient : Patient

    Returns
    -------
    side : {'left', 'right'} or None
    by : str
        'organ mask', 'code', 'midline of the body', or why it is not known.
    """
    by_organ = _of_organ(placed, organ)
    by_name = (named_side(placed.label), "code")
    for side, by in (by_organ, by_name):
        if side is not None:
            return side, by
    if by_organ[1]:
        return by_organ
    image = patient.images.get(placed.segmentation.image or "")
    if not isinstance(image, Image):
        return None, "the image that it lies on is not known"
    return _of_body(placed, image)


def named_side(name: str) -> str | None:
    """The side that a structure's name says: 'lung_upper_lobe_left' is left."""
    words = set(re.findall(r"[a-z]+", name.casefold()))
    said = {side for side in ("left", "right") if side in words}
    return said.pop() if len(said) == 1 else None


def _of_organ(placed: PlacedMask, organ: Organ) -> Side:
    if organ.name is None or organ.segmentation is None or organ.label is None:
        return None, ""
    named = named_side(organ.name)
    if named:
        return named, "organ mask"
    whole = placed_mask(organ.segmentation, organ.label)
    if whole is None or not _MIDLINE.search(organ.name.casefold()):
        return None, ""
    x = whole.points()[:, 0]
    middle, width = (x.min() + x.max()) / 2, x.max() - x.min()
    side = _against(placed, float(middle), float(width))
    return (
        (side, "organ mask")
        if side
        else (None, f"near the middle of the {display_name(organ.name)}")
    )


def _against(placed: PlacedMask, middle: float, width: float) -> str | None:
    """The patient's left is where x grows in LPS."""
    away = float(placed.points()[:, 0].mean()) - middle
    if abs(away) < _NEAR * width:
        return None
    return "left" if away > 0 else "right"


def _of_body(placed: PlacedMask, image: Image) -> Side:
    if any("orientation" in said and "unknown" in said for said in image.problems):
        return None, "the image's orientation is not known"
    if _LIMBS.search((image.body_part or "").upper()):
        return None, f"the image shows a limb ({str(image.body_part).lower()[:32]})"
    if image.dims != ("z", "y", "x"):
        return None, "the image is no single volume"
    grid = VoxelGrid(image.affine, image.shape[0], image.slice_origins)
    towards = np.abs(grid.affine[0, :3]) / np.linalg.norm(grid.affine[:3, :3], axis=0)
    if int(np.argmax(towards)) == 2:
        return None, "no slice shows both sides of the body"
    z = lps_to_index(grid.affine, placed.points(), grid.origins)[:, 0].round()
    first, last = (int(np.clip(edge, 0, image.shape[0] - 1)) for edge in (z.min(), z.max()))
    count = min(last - first + 1, _MOST_SLICES)
    chosen = np.unique(np.linspace(first, last, count).round()).astype(int)
    found = []
    for k in chosen:
        values = image.read((int(k), slice(None), slice(None)))
        lateral = body_sides(values, image.units, grid, int(k))
        if lateral is None:
            return None, "the image does not show the whole width of the body"
        found.append(lateral)
    low, high = np.median(np.asarray(found), axis=0)
    side = _against(placed, float(low + high) / 2, float(high - low))
    return (side, "midline of the body") if side else (None, "near the midline of the body")


def body_sides(
    values: NDArray[np.generic], units: str, grid: VoxelGrid, k: int
) -> tuple[float, float] | None:
    """Where the body ends to the right and left in one slice: x in mm LPS.

    Parameters
    ----------
    values : ndarray, (y, x)
    units : str
        'HU', or any other: then Otsu's threshold tells the body, or zero where much is zero.
    grid : VoxelGrid
    k : int
        The slice.

    Returns
    -------
    tuple of float, or None
        None where the body reaches the image's edge.
    """
    from scipy.ndimage import binary_opening, label

    inside = binary_opening(_body(np.asarray(values, float), units), iterations=2)
    parts, count = label(inside)
    if not count:
        return None
    body = parts == 1 + int(np.bincount(parts.ravel())[1:].argmax())
    rows, columns = np.nonzero(body)
    lateral = int(np.argmax(np.abs(grid.affine[0, :2])))  # 0: x of the array, 1: y
    along, size = ((columns, body.shape[1]), (rows, body.shape[0]))[lateral]
    if along.min() == 0 or along.max() == size - 1:
        return None
    x = grid.lps(np.stack([np.full(rows.shape, k), rows, columns], axis=1))[:, 0]
    return float(x.min()), float(x.max())


def _body(values: NDArray[np.float64], units: str) -> NDArray[np.bool_]:
    if units == "HU":
        return np.asarray(values > _AIR)
    if (values == 0).mean() > 0.3:  # cut out beforehand
        return np.asarray(values != 0)
    from skimage.filters import threshold_otsu

    threshold: float = threshold_otsu(values[np.isfinite(values)])  # type: ignore[no-untyped-call]
    return np.asarray(values > threshold)
