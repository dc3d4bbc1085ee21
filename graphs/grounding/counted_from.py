"""From which end a report counts the slices of an image: told by all of its findings together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from explorer.derived import derived
from explorer.patient import Patient
from graphs.finding import Finding
from graphs.grounding.cues import compare
from graphs.grounding.match import NONE_AT
from graphs.grounding.reported import Reported
from graphs.grounding.slices import End, slices

if TYPE_CHECKING:
    from graphs.grounding.candidate import Candidate
    from graphs.grounding.search import Search

Candidates = Callable[[Reported, "Search"], "list[Candidate]"]

# One way has to fit better than the other by this much cost: e ** 6, or 400, to one.
_SURE = 12.0
_known: WeakKeyDictionary[Patient, dict[str, dict[str, End]]] = WeakKeyDictionary()


def counted_from(search: Search, candidates: Candidates) -> dict[str, End]:
    """Tell from which end the report counts each image's slices.

    A report counts in one way. Each of its findings with an image number fits some region when
    its slices are counted from the first, and some when from the last; what fits better over all
    findings is taken, where the difference is beyond doubt.

    Parameters
    ----------
    search : Search
    candidates : callable
        Gives the regions that a finding may speak of.

    Returns
    -------
    dict of str to {'first', 'last'}
        Image to end; without the images of which it is not known.
    """
    if search.report is None:
        return {}
    of_patient = _known.setdefault(search.patient, {})
    # what must not be an answer must not tell how to count either
    asked = f"{search.report.id} {sorted(search.excluded)}"
    if asked not in of_patient:
        of_patient[asked] = _told(search, candidates, search.report.id, search.report.text)
    return of_patient[asked]


def _told(search: Search, candidates: Candidates, item: str, text: str) -> dict[str, End]:
    costs: dict[str, dict[End, float]] = {}
    rows = [row for row in derived(search.patient, "findings") if row["item"] == item]
    for finding in {row["finding"]: Finding.of_row(row) for row in rows}.values():
        numbered = any(one.image is not None and not one.uid for one in finding.refers)
        if not numbered or finding.assertion == "absent":
            continue
        both = slices(finding.refers, search.images)
        if len(both) != 1:
            continue  # it may speak of several images
        (image,) = both
        near = candidates(Reported.of(finding, both, text), search)
        for end in ("first", "last"):
            meant = slices(finding.refers, search.images, {image: end})
            cost = _least(Reported.of(finding, meant, text), image, near)
            of_image = costs.setdefault(image, {"first": 0.0, "last": 0.0})
            of_image[end] += cost
    found: dict[str, End] = {}
    for image, cost_of in costs.items():
        if abs(cost_of["first"] - cost_of["last"]) >= _SURE:
            found[image] = "first" if cost_of["first"] < cost_of["last"] else "last"
    return found


def _least(reported: Reported, image: str, near: list[Candidate]) -> float:
    """Cost of the region that fits best; of none, that of 'none of them'."""
    costs = [NONE_AT**2]
    for one in near:
        evidence, cost = compare(reported, one)
        if one.image == image and not any(cue.passed is False for cue in evidence):
            costs.append(cost)
    return min(costs)
