"""Prior: the earlier image that an image is to be compared with, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from explorer.errors import NotFoundError
from explorer.shown_list import ShownList

if TYPE_CHECKING:
    from explorer.image import Image
    from explorer.patient import Patient

_UNSAID = {"", "unknown"}


@dataclass(frozen=True)
class Prior:
    """An image and the one before it.

    Attributes
    ----------
    current : str
        Address without key and version: ``images/ct-1``.
    prior : str or None
        The same of the earlier image.
    state : str
        'present', or 'absent: ' and why.
    days : int or None
        From the prior to the current image.
    alike : bool
        Whether both have the same units and the same series description, so that their values
        can be compared; the pair itself needs only body part, modality and date.
    reason : str
        What decided.
    alternatives : tuple of str
        Others of the same day, which would do as well.
    """

    current: str
    prior: str | None
    state: str
    days: int | None = None
    alike: bool = False
    reason: str = ""
    alternatives: tuple[str, ...] = ()


def prior(patient: Patient, image: str) -> Prior:
    """Find the prior of an image: same body part and modality, nearest earlier date.

    The rule of Libra (Zhang et al., 2024) with one more: where that day has several such images,
    the one with the same series description and units is taken if it is the only one; else the
    pair stays open and the images are named.

    Parameters
    ----------
    patient : Patient
    image : str
        Item id.

    Returns
    -------
    Prior
        With state 'absent: ...' where there is none; never an image of another body part, nor
        one whose date is unknown. A made-up image is no prior of a real one.

    Raises
    ------
    NotFoundError
        There is no such image.
    """
    if image not in patient.images:
        raise NotFoundError(f"No image {image!r}", where=f"patient {patient.label}")
    return _pair(patient.images[image], list(patient.images.values()))


def priors(patient: Patient) -> ShownList[Prior]:
    """The prior of each image of a patient, in time order."""
    every = list(patient.images.values())
    found = [_pair(one, every) for one in every]
    head = ["image", "prior", "days", "state", "same series and units", "why"]
    return ShownList(found, head, _cells, f"images of {patient.label} and their priors")


def _cells(one: Prior) -> list[object]:
    return [one.current, one.prior, one.days, one.state, one.alike, one.reason]


def _pair(image: Image, every: Sequence[Image]) -> Prior:
    current = f"images/{image.id}"
    missing = _missing(image)
    if missing:
        return Prior(current, None, f"absent: {missing} of the image is not known")
    others = [one for one in every if one.id != image.id and one.synthetic == image.synthetic]
    same = [one for one in others if _part(one) == _part(image) and one.modality == image.modality]
    gaps = {one.id: _days(one, image) for one in same}
    earlier = [one for one in same if (gaps[one.id] or 0) > 0]
    if not earlier:
        return Prior(current, None, f"absent: {_why_none(image, others, same, gaps)}")
    days = min(gaps[one.id] or 0 for one in earlier)
    nearest = [one for one in earlier if gaps[one.id] == days]
    rule = f"same body part ({_part(image)}) and modality ({image.modality}), nearest earlier date"
    alike = [one for one in nearest if _alike(one, image)]
    chosen = nearest if len(nearest) == 1 else alike
    if len(chosen) != 1:
        names = tuple(f"images/{one.id}" for one in nearest)
        state = f"absent: {len(nearest)} images of that day would do, none stands out"
        return Prior(current, None, state, days, reason=rule, alternatives=names)
    if len(nearest) > 1:
        rule += "; of that day the only one of the same series description and units"
    left = tuple(f"images/{one.id}" for one in nearest if one is not chosen[0])
    return Prior(
        current, f"images/{chosen[0].id}", "present", days, _alike(chosen[0], image), rule, left
    )


def _missing(image: Image) -> str | None:
    if _part(image) in _UNSAID:
        return "the body part"
    if (image.modality or "").casefold() in _UNSAID:
        return "the modality"
    return None if image.acquired or image.day is not None else "the date"


def _why_none(
    image: Image, others: Sequence[Image], same: Sequence[Image], gaps: dict[str, int | None]
) -> str:
    if not others:
        return "it is the only image"
    if not same:
        return f"no other image of {_part(image)} by {image.modality}"
    if any(gap is None for gap in gaps.values()):
        return "other images of the body part have no date that can be compared"
    return "it is the first of its body part and modality"


def _part(image: Image) -> str:
    return (image.body_part or "").strip().casefold()


def _alike(one: Image, other: Image) -> bool:
    named = bool(one.name.strip()) and one.name.strip().casefold() == other.name.strip().casefold()
    return named and one.units == other.units


def _days(one: Image, other: Image) -> int | None:
    """Days from one to the other; None where it cannot be told."""
    if one.acquired and other.acquired:
        return (date.fromisoformat(other.acquired) - date.fromisoformat(one.acquired)).days
    if one.day is not None and other.day is not None:
        return other.day - one.day
    return None
