"""Describe: a structured and a narrative report of a patient's outlined lesions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from explorer.errors import ConflictError
from explorer.item_id import item_id
from explorer.run_draft import RunDraft
from graphs.describe_lesion import (
    describe_lesion,
    lesion_document,
    lesion_name,
    main_outline,
    place,
    size,
)
from graphs.distance import Distance
from graphs.distances import distances
from graphs.generated_report import MARK, GeneratedReport
from graphs.lesion import Lesion
from graphs.lesion_groups import lesion_groups
from graphs.lesions import lesions, still_holds
from graphs.producer import Producer
from graphs.prose import Prose
from graphs.said_number import SaidNumber

if TYPE_CHECKING:
    from explorer.patient import Patient

PRODUCER = Producer("oncograph.describe", "1")

_MOST_DESCRIBED = 20  # lesions of one day that get a paragraph; the others are counted
_MOST_CONCLUDED = 5
_MODALITIES = {"PT": "PET", "MR": "MRI", "unknown": "Image of a modality that is not known"}

Group = list[Lesion]
Near = dict[str, list[Distance]]


def describe(
    patient: Patient,
    *,
    keep: bool = True,
    within_mm: float = 30.0,
    named: Mapping[str, str] | None = None,
) -> GeneratedReport:
    """Write a report of what is outlined: site, size, volume, intensities, contact, counts.

    Every number of the text is a `SaidNumber` with the addresses of what it was measured on. What
    could not be told (the organ, the side) is left out of the sentences and said at the end.
    Nothing is said of what is not outlined.

    Parameters
    ----------
    patient : Patient
    keep : bool
        Commit the measurements and the text: a report of the patient (``synthetic``) whose detail
        says by what it was generated and from which outlines.
    within_mm : float
        Organs and vessels up to this distance are looked at.
    named : mapping, optional
        What you know of segments whose names say nothing, as in `lesions`.

    Returns
    -------
    GeneratedReport

    Examples
    --------
    >>> print(describe(store["STS_002"]).text)
    """
    measured = lesions(patient, keep=keep, unknown=True, named=named)
    found = [one for one in measured if one.role == "lesion"]
    unknown = [one for one in measured if one.role == "unknown"]
    studies = _studies(patient, found)
    near = {
        main.target: distances(main, patient, within_mm=within_mm)
        for groups in studies.values()
        for main in map(main_outline, groups)
    }
    prose = Prose()
    prose.say(MARK, "\n")
    for day, groups in studies.items():
        _study(prose, patient, day, groups, near)
    if studies:
        _impression(prose, *list(studies.items())[-1], dated=len(studies) > 1)
    else:
        # 'no lesion' would say that somebody has looked
        told = "There are no outlines."
        if patient.segmentations:
            told = "All outlines are of organs or other tissue."
        if unknown:
            told = "The outlines do not say what they are of."
        prose.say(f"\nFINDINGS:\n{told} Nothing is described.\n")
    _limits(prose, patient, found, unknown)
    report = GeneratedReport(
        patient.key, patient.version, prose.text, tuple(prose.numbers),
        _structured(studies, near, unknown), tuple(one.target for one in measured), PRODUCER,
    )  # fmt: skip
    if not (keep and measured and still_holds(patient)):
        return report
    return _kept(patient, report, list(studies))


def _studies(patient: Patient, found: Sequence[Lesion]) -> dict[str | None, list[Group]]:
    """Day to the lesions of that day, largest first; a day that is not known comes last."""
    days: dict[str | None, list[Group]] = {}
    for group in lesion_groups(found, patient):
        days.setdefault(main_outline(group).acquired, []).append(group)
    ordered = sorted(days.items(), key=lambda pair: pair[0] or "9999")
    return {
        day: sorted(groups, key=lambda g: -main_outline(g).measures.longest_mm)
        for day, groups in ordered
    }


def _study(
    prose: Prose, patient: Patient, day: str | None, groups: list[Group], near: Near
) -> None:
    ids = dict.fromkeys(one.image for group in groups for one in group if one.image)
    seen = [patient.images[image] for image in ids if image in patient.images]
    modality = {image.id: _MODALITIES.get(image.modality, image.modality) for image in seen}
    kinds = "/".join(sorted(set(modality.values()), reverse=True)) or "not known"
    prose.say(f"\nEXAMINATION:\n{kinds}", f" of {day}" if day else "", ".\n\nFINDINGS:\n")
    if len(groups) > 1:
        _counts(prose, groups)
    for group in groups[:_MOST_DESCRIBED]:
        describe_lesion(prose, group, near[main_outline(group).target], modality)
    if len(groups) > _MOST_DESCRIBED:
        rest = groups[_MOST_DESCRIBED:]
        prose.say("There are ", _count(rest), " smaller lesions that are not described.\n")


def _impression(prose: Prose, day: str | None, groups: list[Group], *, dated: bool) -> None:
    prose.say("\nIMPRESSION:\n", f"As of {day}:\n" if dated and day else "")
    for group in groups[:_MOST_CONCLUDED]:
        main = main_outline(group)
        where = place(main)
        prose.say(f"{lesion_name(main.noun).capitalize()}", f" {where}" if where else "", ", ")
        prose.say(*size(main), ".\n")
    if len(groups) > _MOST_CONCLUDED:
        prose.say("There are ", _count(groups[_MOST_CONCLUDED:]), " further lesions.\n")


def _counts(prose: Prose, groups: list[Group]) -> None:
    prose.say("There are ", _count(groups), " lesions.")
    by_place: dict[str, list[Group]] = {}
    for group in groups:
        by_place.setdefault(place(main_outline(group)), []).append(group)
    for where, here in sorted(by_place.items(), key=lambda pair: -len(pair[1])):
        if where and 1 < len(here) < len(groups):
            prose.say(" There are ", _count(here), f" lesions {where}.")
    prose.say("\n")


def _count(groups: Sequence[Group]) -> SaidNumber:
    every = tuple(main_outline(group).target for group in groups)
    return SaidNumber("count", float(len(groups)), "", every)


def _limits(
    prose: Prose, patient: Patient, found: Sequence[Lesion], unknown: Sequence[Lesion]
) -> None:
    told: list[list[str | SaidNumber]] = []
    if found and all(one.organ is None for one in found):
        told.append([f"The organ is not known: {_reasons(one.organ_by for one in found)}."])
    sides = [one for one in found if one.laterality is None]
    if sides:
        some = "" if len(sides) == len(found) else " of some"
        why = _reasons(one.laterality_by for one in sides)
        told.append([f"The side{some} is not known: {why}."])
    if unknown:
        targets = tuple(one.target for one in unknown)
        count = SaidNumber("count", float(len(unknown)), "", targets)
        told.append(["Outlines whose code and name do not say what they are: ", count, "."])
        for one in unknown[:_MOST_DESCRIBED]:
            ml = SaidNumber("volume", one.measures.volume_mm3 / 1000, "ml", (one.target,))
            told.append(["One of them has a volume of ", ml, " ml."])
    if any(one.synthetic for one in (*found, *unknown)):
        told.append(["The images or outlines are synthetic."])
    if told:
        prose.say("\nCOMMENT:\n")
        for sentence in told:
            prose.say(*sentence, "\n")


def _reasons(reasons: Any) -> str:
    return "; ".join(dict.fromkeys(reasons))


def _structured(
    studies: dict[str | None, list[Group]], near: Near, unknown: Sequence[Lesion]
) -> dict[str, Any]:
    return {
        "studies": [
            {
                "date": day,
                "count": len(groups),
                "by_organ": dict(Counter(main_outline(g).organ or "unknown" for g in groups)),
                "lesions": [lesion_document(g, near[main_outline(g).target]) for g in groups],
            }
            for day, groups in studies.items()
        ],
        "unknown": [
            {"target": one.target, "name": one.name, "volume_ml": one.measures.volume_mm3 / 1000}
            for one in unknown
        ],
    }


def _kept(patient: Patient, report: GeneratedReport, days: Sequence[str | None]) -> GeneratedReport:
    item = item_id("generated", patient.key, PRODUCER.name)
    detail = {
        "generated": asdict(PRODUCER),
        "made_from": list(report.made_from),
        "numbers": [asdict(one) for one in report.numbers],
    }
    row = {
        "item": item,
        "name": "Generated report",
        "text": report.text,
        "language": "en",
        "date": max((day for day in days if day), default=None),
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
        "synthetic": True,
    }
    draft = RunDraft(
        "describe", PRODUCER.name, PRODUCER.version, texts=[row],
        detail={"numbers": len(report.numbers), "outlines": len(report.made_from)},
    )  # fmt: skip
    try:
        with patient.store.transaction("report generated from outlines") as t:
            t.put_run(patient.key, draft)
    except ConflictError:
        return report  # another writer was faster: the text is not kept
    return replace(report, item=item)
