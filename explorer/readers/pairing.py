"""Which image a NIfTI or NRRD mask lies on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from explorer.draft import Grid, Source
from explorer.errors import GeometryError
from explorer.readers.place import Placement, place_volume
from explorer.readers.volume_names import read_name
from explorer.space import FloatArray


@dataclass(frozen=True)
class Pairing:
    """The image of a mask, and the mask's place in it.

    Attributes
    ----------
    image : Grid or None
    placement : Placement or None
        None where the mask keeps its own grid.
    reason : str
        How the image was found, or why it is unknown.
    """

    image: Grid | None
    placement: Placement | None
    reason: str


def pair_mask(
    source: Source,
    affine: FloatArray,
    shape: tuple[int, int, int],
    grids: Sequence[Grid],
    said: str | None = None,
) -> Pairing:
    """Find a mask's image: the one that was said, else the only one that has its grid.

    Grids are the same where every voxel of one is a voxel of the other, mirrored or with axes
    swapped included. Of several the one in the mask's folder is taken, then the one whose name
    begins most like the mask's; still several, and the image stays unknown.

    Parameters
    ----------
    source : Source
        The mask's file.
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    shape : tuple of int
        ``(z, y, x)``.
    grids : sequence of Grid
        The patient's images.
    said : str, optional
        URI of the image, or of the folder of its files (``--pair``).
    """
    if said is not None:
        return _as_said(said, affine, shape, grids)
    fitting = [(grid, place) for grid in grids if (place := _whole(affine, shape, grid))]
    if not fitting:
        return Pairing(None, None, "no image of the patient has its grid")
    near = [one for one in fitting if _folder(one[0].uri) == _folder(source.uri)]
    if len(near or fitting) == 1:
        (image, placement), where = (near or fitting)[0], "in its folder" if near else "there is"
        return Pairing(image, placement, f"the only image with its grid {where}")
    alike = [_shared(one[0].uri, source.uri) for one in near or fitting]
    best = [one for one, count in zip(near or fitting, alike, strict=True) if count == max(alike)]
    if len(best) == 1 and max(alike) > 0:
        return Pairing(*best[0], "of the images with its grid the one named most like it")
    return Pairing(
        None, None, f"{len(best)} images share this grid: say which one with --pair MASK=IMAGE"
    )


def _as_said(
    said: str, affine: FloatArray, shape: tuple[int, int, int], grids: Sequence[Grid]
) -> Pairing:
    named = [grid for grid in grids if grid.uri == said]
    inside = said.rstrip("/\\")
    named = named or [
        g for g in grids if _folder(g.uri) == inside or _folder(g.uri) == _folder(said)
    ]
    if len(named) != 1:
        return Pairing(
            None, None, f"{len(named)} images of the patient come from the file said with --pair"
        )
    try:
        return Pairing(named[0], place_volume(affine, shape, named[0]), "said with --pair")
    except GeometryError as error:
        return Pairing(named[0], None, f"said with --pair; it keeps its own grid: {error.found}")


def _whole(affine: FloatArray, shape: tuple[int, int, int], grid: Grid) -> Placement | None:
    """Placement of a mask that covers an image, voxel for voxel; None where it does not."""
    if sorted(shape) != sorted(grid.shape):
        return None
    try:
        placement = place_volume(affine, shape, grid)
    except GeometryError:
        return None
    return placement if tuple(shape[axis] for axis in placement.axes) == grid.shape else None


def _folder(uri: str | None) -> str:
    return re.split(r"[/\\!][^/\\!]*$", uri or "")[0]


def _shared(image: str | None, mask: str) -> int:
    """Words that two files' names begin with alike."""
    words = []
    for uri in (image or "", mask):
        name = PurePosixPath(uri.replace("\\", "/").replace("!", "/")).name
        words.append(re.findall(r"[0-9A-Za-z]+", read_name(name).stem.lower()))
    count = 0
    for a, b in zip(*words, strict=False):
        if a != b:
            break
        count += 1
    return count
