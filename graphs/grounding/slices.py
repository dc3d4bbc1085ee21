"""Which slices of which images the words 'series 4, image 57' can mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from explorer.image import Image
    from graphs.finding import ImageReference


# From which end an image's slices are counted: that of the array's first slice, or of its last.
End = Literal["first", "last"]


def slices(
    references: Sequence[ImageReference],
    images: Iterable[Image],
    ends: Mapping[str, End] | None = None,
) -> dict[str, tuple[int, ...]]:
    """Resolve image references; what is not known stays open.

    A SOPInstanceUID is one slice. A number may count from 0 or from 1, from the first or from the
    last slice: all of these that lie in the image are given, none is preferred. A series number
    leaves only the images of that series; without one, or where no image has that number because
    none has any, all images are possible.

    Parameters
    ----------
    references : sequence of ImageReference
        Of one finding; several widen the choice ('images 57 to 60').
    images : iterable of Image
        Volumes that the report can speak of; planar images have no slices.
    ends : mapping, optional
        Image to the end that its slices are counted from, where that is known
        (`graphs.grounding.counted_from`).

    Returns
    -------
    dict of str to tuple of int
        Image id to slice indices, from 0, ascending; empty where nothing can be meant.
    """
    volumes = [image for image in images if image.dims == ("z", "y", "x")]
    found: dict[str, set[int]] = {}
    for reference in references:
        if reference.uid:
            _by_uid(reference.uid, volumes, found)
        elif reference.image is not None:
            _by_number(reference.image, _of_series(reference.series, volumes), found, ends or {})
    return {image: tuple(sorted(at)) for image, at in found.items() if at}


def _by_uid(uid: str, volumes: list[Image], found: dict[str, set[int]]) -> None:
    for image in volumes:
        for position, row in enumerate(image.sources()):
            if row["sop_uid"] == uid:
                at = row["position"] if row["position"] is not None else position
                found.setdefault(image.id, set()).add(int(at))


def _of_series(series: int | None, volumes: list[Image]) -> list[Image]:
    numbers = {image.id: image.meta.get("series_number") for image in volumes}
    if series is None or all(number is None for number in numbers.values()):
        return volumes
    return [image for image in volumes if numbers[image.id] == series]


def _by_number(
    number: int, volumes: list[Image], found: dict[str, set[int]], ends: Mapping[str, End]
) -> None:
    for image in volumes:
        count, end = image.shape[0], ends.get(image.id)
        meant = set()
        if end != "last":
            meant |= {number, number - 1}
        if end != "first":
            meant |= {count - number, count - 1 - number}
        found.setdefault(image.id, set()).update(at for at in meant if 0 <= at < count)
