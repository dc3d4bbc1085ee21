"""RECIST 1.1 of lesions that were followed by their outlines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from graphs.recist import Recist, RecistVisit, recist
from graphs.recist_rules import recist_organ
from graphs.seen_lesion import SeenLesion
from graphs.tracked_lesion import TrackedLesion

if TYPE_CHECKING:
    from explorer.patient import Patient

_NODE = ("lymph", "node")


def assess(
    patient: Patient,
    visits: tuple[str, ...],
    tracks: list[TrackedLesion],
    complete: bool,
    targets: Iterable[str] | None,
) -> Recist:
    """Categories of response; what only a complete outlining could tell is needed, not assumed.

    Parameters
    ----------
    patient : Patient
    visits : tuple of str
        In time order.
    tracks : list of TrackedLesion
    complete : bool
        Whether the outlines of each visit are all lesions that there are.
    targets : iterable of str, optional
        Ids of tracked lesions.

    Returns
    -------
    Recist
    """
    later = [t for t in tracks if min(t.at) != visits[0]]
    unsure = [t for t in later if not complete or t.matches[0].by == "unmatched"]
    counted = [t for t in tracks if t not in unsure]
    seen = [
        (visit, [_seen(patient, t, visit, complete) for t in counted if min(t.at) <= visit])
        for visit in visits
    ]
    found = recist(seen, targets)
    made = tuple(_with_doubt(one, [t for t in unsure if min(t.at) <= one.visit])
                 for one in found.visits)  # fmt: skip
    return replace(found, visits=made)


def _with_doubt(one: RecistVisit, unsure: list[TrackedLesion]) -> RecistVisit:
    """A visit with outlines of which it is not known whether they are new lesions."""
    if not unsure or one.category == "PD":
        return one
    needs = tuple(
        f"whether {t.id} ({t.matches[0].reason}) is new"
        if not t.matches[0].alternatives
        else f"which of {', '.join(t.matches[0].alternatives)} is {t.id}, or whether it is new"
        for t in unsure
    )
    every = (*one.needs, *needs)
    return replace(
        one, category="cannot assess", needs=every,
        reason=f"cannot assess, needs {', '.join(every)}. {one.reason}",
    )  # fmt: skip


def _seen(patient: Patient, track: TrackedLesion, visit: str, complete: bool) -> SeenLesion:
    first = track.at[min(track.at)]
    text = f"{first.name} {first.organ or ''} {first.code or ''}".casefold()
    node = any(word in text for word in _NODE)
    organ = recist_organ(first.organ)
    lesion = track.at.get(visit)
    if lesion is None:
        return SeenLesion(
            track.id, "absent" if complete else "not evaluated", node=node, organ=organ
        )
    image = patient.images.get(lesion.image or "")
    base = patient.images.get(first.image or "")
    if image and base and image.modality != base.modality:
        # section 3.2.2 of the guideline: one method at baseline and later
        missing = f"the size of {track.id} on {base.modality}, as at first"
        return SeenLesion(track.id, "not evaluated", node=node, organ=organ, missing=missing)
    slice_mm = image.spacing_mm[0] if image and len(image.spacing_mm) == 3 else None
    m = lesion.measures
    return SeenLesion(track.id, "present", m.longest_mm, m.perpendicular_mm, node, organ, slice_mm)
