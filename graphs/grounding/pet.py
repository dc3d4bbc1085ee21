"""Regions of a PET without outlines: local maxima of the SUV, grown.

As the weak labels of ConTEXTual Net 3D (Huemann et al. 2024: a sentence's SUVmax and slice number
lead to a voxel, and that to a region): the voxel is a local maximum whose SUV rounds to what the
report says, and the region is what hangs together with it above a part of that maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image
from explorer.space import index_to_lps, spacing
from graphs.grounding.candidate import Candidate
from graphs.grounding.cues import SLICE_LIMIT, SUV_LIMIT, SUV_SCALE
from graphs.grounding.reported import Reported

if TYPE_CHECKING:
    from graphs.grounding.search import Search

# Of the maximum; 41 % is the EANM's (Boellaard et al. 2015), raised where the region runs on.
FRACTIONS = (0.41, 0.5, 0.6, 0.7, 0.8)
_LARGEST_ML = 150.0  # a region that is larger has run into the organ behind it
_ROOM = 1.5  # how much longer than its reported size a region may be
_REACH_MM = 60.0  # how far from the maximum a region is looked for where no size is said
_MOST_PEAKS = 200
_LOWEST_SUV = 1.0
_BODY_SUV = 0.2  # air takes up nothing
_MIDDLE = 0.05  # of the body's width: so near to its middle no side is said

Voxel = tuple[int, int, int]
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class PetRegion:
    """A grown region.

    Attributes
    ----------
    seed : tuple of int
        Voxel ``(z, y, x)`` of the maximum.
    suvmax : float
    fraction : float
        Of the maximum, above which it was grown.
    box : tuple
        ``((z0, z1), (y0, y1), (x0, x1))``, voxel edges, half-open.
    mask : ndarray, bool
        Inside of the box.
    longest_mm : float
        Longest side of the box, in mm.
    volume_ml : float
    """

    seed: Voxel
    suvmax: float
    fraction: float
    box: Box
    mask: NDArray[np.bool_]
    longest_mm: float
    volume_ml: float


def pet_candidates(search: Search, reported: Reported) -> list[Candidate]:
    """Regions of the report's PET images whose maximum is what the report says.

    Parameters
    ----------
    search : Search
    reported : Reported
        With `suvmax`.

    Returns
    -------
    list of Candidate
        Their targets are boxes in the image; ``detail`` has seed, threshold and volume.
    """
    found = []
    for image in search.images:
        if image.dims != ("z", "y", "x") or not image.units.upper().startswith("SUV"):
            continue
        values = _volume(image)
        steps = spacing(image.affine)
        for seed in peaks(values, reported, reported.slices.get(image.id), steps):
            region = grow(values, seed, steps, reported.axes_mm[0] if reported.axes_mm else None)
            if region is not None:
                one = _candidate(region, image, search, _side(values, seed, image))
                if search.allows(one.target):
                    found.append(one)
    return found


_volumes: WeakKeyDictionary[Image, NDArray[np.float32]] = WeakKeyDictionary()


def _volume(image: Image) -> NDArray[np.float32]:
    """The whole image; kept while it is open, since every finding of a report asks for it."""
    if image not in _volumes:
        _volumes[image] = np.asarray(image.read((slice(None),) * 3), np.float32)
    return _volumes[image]


def peaks(
    values: NDArray[np.float32],
    reported: Reported,
    slices: tuple[int, ...] | None,
    steps: tuple[float, float, float],
) -> list[Voxel]:
    """Local maxima whose SUV fits, near the slices that can be meant.

    Parameters
    ----------
    values : ndarray, (z, y, x), float32, SUV
    reported : Reported
    slices : tuple of int, or None
        Slice indices; None: any.
    steps : tuple of float
        Voxel spacing in mm, ``(z, y, x)``.

    Returns
    -------
    list of (z, y, x)
        The best fitting first; one of each plateau.
    """
    from scipy.ndimage import label, maximum_filter

    said = reported.suvmax
    if said is None or said < _LOWEST_SUV:
        return []
    far = SUV_LIMIT * (SUV_SCALE[0] * (reported.suv_step or 0.1) + SUV_SCALE[1] * said)
    fitting = np.abs(values - said) <= far
    if slices:
        size = reported.axes_mm[0] if reported.axes_mm else _REACH_MM / 2
        reach = SLICE_LIMIT + size / steps[0]
        at = np.arange(values.shape[0])
        near = np.abs(at[:, None] - np.asarray(slices)).min(axis=1) <= reach
        fitting[~near] = False
    if not fitting.any():
        return []
    planes = np.flatnonzero(fitting.any(axis=(1, 2)))
    low, high = max(int(planes[0]) - 1, 0), int(planes[-1]) + 2
    part = values[low:high]
    top = (part == maximum_filter(part, size=3, mode="nearest")) & fitting[low:high]
    marks, _ = label(top, np.ones((3, 3, 3)))
    names, places = np.unique(marks, return_index=True)
    found = []
    for place in places[names > 0]:
        z, y, x = np.unravel_index(int(place), marks.shape)
        found.append((int(z) + low, int(y), int(x)))
    return sorted(found, key=lambda one: (abs(float(values[one]) - said), one))[:_MOST_PEAKS]


def grow(
    values: NDArray[np.float32],
    seed: Voxel,
    steps: tuple[float, float, float],
    size_mm: float | None = None,
) -> PetRegion | None:
    """Grow a region from its maximum.

    Parameters
    ----------
    values : ndarray, (z, y, x), SUV
    seed : tuple of int
    steps : tuple of float
        Voxel spacing in mm, ``(z, y, x)``.
    size_mm : float, optional
        Longest diameter that the report says: the region stops there.

    Returns
    -------
    PetRegion or None
        None where a hotter voxel hangs together with the seed at every threshold: it is no
        lesion's maximum.
    """
    from scipy.ndimage import label

    reach = _REACH_MM if size_mm is None else max(_ROOM * size_mm, 3 * max(steps))
    low = [max(0, at - int(np.ceil(reach / step))) for at, step in zip(seed, steps, strict=True)]
    high = [at + int(np.ceil(reach / step)) + 1 for at, step in zip(seed, steps, strict=True)]
    part = values[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    inner = tuple(at - a for at, a in zip(seed, low, strict=True))
    maximum = float(values[seed])
    for fraction in FRACTIONS:
        marks, _ = label(part >= fraction * maximum)
        mask = marks == marks[inner]
        if float(part[mask].max()) > maximum:
            continue
        places = np.argwhere(mask)
        first, last = places.min(axis=0), places.max(axis=0) + 1
        longest = float(((last - first) * steps).max())
        volume = float(mask.sum() * np.prod(steps) / 1000)
        if volume > _LARGEST_ML or (size_mm is not None and longest > _ROOM * size_mm + max(steps)):
            continue
        spans = [(int(a + f), int(a + t)) for a, f, t in zip(low, first, last, strict=True)]
        inside = mask[tuple(slice(f, t) for f, t in zip(first, last, strict=True))]
        box = (spans[0], spans[1], spans[2])
        return PetRegion(seed, maximum, fraction, box, inside, longest, volume)
    return None


def _side(values: NDArray[np.float32], seed: Voxel, image: Image) -> tuple[str | None, str]:
    """By the middle of what takes up anything around the seed's slice; near it, unknown."""
    slab = values[max(seed[0] - 2, 0) : seed[0] + 3]
    columns = np.flatnonzero((slab > _BODY_SUV).any(axis=(0, 1)))
    if columns.size < 2:
        return None, "no body is seen around it"
    ends = [(seed[0], seed[1], int(columns[k])) for k in (0, -1)]
    edges = index_to_lps(image.affine, ends, image.slice_origins)[:, 0]
    here = float(index_to_lps(image.affine, seed, image.slice_origins)[0])
    off = here - float(edges.mean())
    if abs(off) < _MIDDLE * abs(float(edges[1] - edges[0])):
        return None, "it lies near the midline of the body"
    return ("left" if off > 0 else "right"), "midline of the body"


def _candidate(
    region: PetRegion, image: Image, search: Search, side: tuple[str | None, str]
) -> Candidate:
    seed = region.seed
    x, y, z = (float(v) for v in index_to_lps(image.affine, seed, image.slice_origins))
    return Candidate(
        target=search.target("images", image.id, box=region.box),
        geometry="box3d",
        image=image.id,
        size_mm=region.longest_mm,
        # the slice that a report names is the one of the maximum
        slices=(seed[0], seed[0]),
        slice_mm=spacing(image.affine)[0],
        side=side[0],
        side_by=side[1],
        units=image.units,
        maximum=region.suvmax,
        centroid=(x, y, z),
        frame=image.frame_of_reference,
        detail={
            "seed": list(seed),
            "point_mm_lps": [round(v, 3) for v in (x, y, z)],
            "suvmax": round(region.suvmax, 4),
            "grown_above": region.fraction,
            "volume_ml": round(region.volume_ml, 3),
        },
    )
