"""Which image a segmentation lies on: as its file says, else by the one frame that fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from explorer.draft import Grid

_NAMED = 40  # characters of a UID that a message shows


def find_image(
    grids: Sequence[Grid],
    series: Collection[str],
    instances: Collection[str],
    frame_of_reference: str | None,
    fits: Callable[[Grid], bool],
) -> tuple[Grid | None, str]:
    """Find the image of a DICOM segmentation or structure set.

    In this order: the series that it names, the instances that it names, the only image in its
    frame of reference that it fits, the only image without one that it fits. Never a guess
    among several, and never an image in another frame of reference that is not named.

    Parameters
    ----------
    grids : sequence of Grid
        The patient's images.
    series, instances : collection of str
        SeriesInstanceUIDs and SOPInstanceUIDs that the file refers to.
    frame_of_reference : str or None
    fits : callable
        Whether the geometry fits a grid.

    Returns
    -------
    image : Grid or None
    reason : str
        How it was found, or why it is unknown; a clause without a full stop.
    """
    named = [grid for grid in grids if grid.series_uid in series]
    if len(named) == 1:
        return named[0], "the file names this image's series"
    wanted = set(instances)
    shared = [(len(wanted.intersection(grid.sop_uids)), grid) for grid in named or grids]
    most = max((count for count, _ in shared), default=0)
    best = [grid for count, grid in shared if count == most and count > 0]
    if len(best) == 1:
        return best[0], f"the file names {most} of this image's instances"
    if named:
        fitting = [grid for grid in best or named if fits(grid)]
        if len(fitting) == 1:
            return fitting[0], "the file names this image's series; of its stacks only this fits"
        return None, f"{len(named)} images come from the series that the file names"
    missing = _missing(series, instances)
    frame = frame_of_reference
    same = [grid for grid in grids if frame and grid.frame_of_reference == frame and fits(grid)]
    if same:
        if len(same) == 1:
            return same[0], f"{missing}; the only image in its frame of reference that it fits"
        return None, f"{missing}, and {len(same)} images in its frame of reference fit equally"
    if not frame or not any(grid.frame_of_reference == frame for grid in grids):
        open_frame = [g for g in grids if not (frame and g.frame_of_reference) and fits(g)]
        if len(open_frame) == 1:
            return open_frame[0], (
                f"{missing}, and no frame of reference is said; the only image that it fits"
            )
        if open_frame:
            return None, f"{missing}, and {len(open_frame)} images fit equally"
    return None, missing


def _missing(series: Collection[str], instances: Collection[str]) -> str:
    if series:
        uid = sorted(series)[0]
        shown = uid if len(uid) <= _NAMED + 24 else uid[:_NAMED] + "..."
        return f"its image series {shown} is not among the sources"
    if instances:
        return f"none of the {len(instances)} images that the file names is among the sources"
    return "the file names no image"
