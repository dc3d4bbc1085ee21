"""'No nodule' against what is outlined."""

from __future__ import annotations

from functools import lru_cache

from graphs.anatomy import anatomy
from graphs.checks.comparable import restricted, words
from graphs.finding import Finding
from graphs.grounding.cues import family
from graphs.grounding.search import Search
from graphs.lesion import Lesion
from graphs.verdict import Answer, Verdict


def absence_verdict(finding: Finding, search: Search, complete: bool) -> list[Verdict]:
    """Check an absent focal lesion against the outlined lesions of the report's images.

    Parameters
    ----------
    finding : Finding
        Absent.
    search : Search
        With the lesions; what the text was made from is left out.
    complete : bool
        Whether every lesion that there is, is outlined.

    Returns
    -------
    list of Verdict
        One, or none where it is about no focal lesion, or only about some kind of it.
    """
    text = search.report.text if search.report else ""
    said = family(finding.entity)
    if said is None or restricted(finding, text):
        return []

    def give(answer: Answer, seen: str | None, reason: str, *targets: str) -> list[Verdict]:
        evidence = (words(finding), *targets)
        value = f"no {finding.entity}"
        detail = {"against": "image"}
        return [Verdict(finding.id, "presence", answer, value, seen, evidence, reason, detail)]

    alike = [one for one in search.lesions if one.role == "lesion" and family(one.name) == said]
    other = [one for one in alike if not is_one(one.name, finding.entity)]
    placed = [(one, lies_there(finding, one)) for one in alike if one not in other]
    there = [one for one, inside in placed if inside]
    if there:
        one = max(there, key=lambda lesion: lesion.measures.longest_mm)
        seen = f"{len(there)} outlined, the largest {one.measures.longest_mm:.1f} mm"
        reason = "it is outlined where the report says that there is none"
        return give("contradicts", seen, reason, *(lesion.target for lesion in there))
    unsure = [one for one, inside in placed if inside is None]
    if unsure:
        reason = f"needs the organ of {len(unsure)} outlines: {unsure[0].organ_by or 'unknown'}"
        return give("cannot tell", None, reason, *(one.target for one in unsure))
    if other:
        reason = f"{other[0].name!r} is outlined, which may or may not be: {finding.entity}"
        return give("cannot tell", None, reason, *(one.target for one in other))
    if complete and search.images:
        images = tuple(f"images/{image.id}" for image in search.images)
        return give("agrees", "none outlined", "every lesion of the images is outlined", *images)
    return give("cannot tell", None, "needs all lesions outlined: none of this kind is")


def is_one(name: str, entity: str) -> bool:
    """Whether an outline of this name is one of what was said to be absent.

    An outlined nodule is a nodule and a lesion; that it is malignant, nobody has outlined.
    """
    return entity == "lesion" or entity in _entities(name)


@lru_cache(maxsize=1024)
def _entities(name: str) -> frozenset[str]:
    from graphs.text.rules import RulesExtractor

    return frozenset(one.entity for one in RulesExtractor().extract(name.replace("_", " ")))


def lies_there(finding: Finding, lesion: Lesion) -> bool | None:
    """Whether a lesion lies where the finding says that there is none; None: not known."""
    if finding.laterality in ("left", "right"):
        if lesion.laterality is None:
            return None
        if lesion.laterality != finding.laterality:
            return False
    if not finding.anatomy:
        return True
    if lesion.organ is None:
        return None
    known = anatomy()
    above = {lesion.organ}
    if lesion.organ in known:
        above |= set(known.parents(lesion.organ))
    return bool(above & set(finding.anatomy))
