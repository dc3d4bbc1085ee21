"""Claims: what a report says, as pieces that can be compared one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.finding import Finding
from graphs.generated_report import GeneratedReport

_NUMBERS = (
    ("longest_mm", "mm"),
    ("perpendicular_mm", "mm"),
    ("volume_ml", "ml"),
)


@dataclass(frozen=True)
class Claim:
    """One thing that is said of one subject.

    Attributes
    ----------
    subject : str
        Of a generated report the target of the lesion's main outline; of findings the entity and
        its place.
    slot : str
        'organ', 'side', 'contact: heart', 'longest_mm', 'count', ...
    value : str or float
    unit : str
        Empty where the value is no number.
    """

    subject: str
    slot: str
    value: str | float
    unit: str = ""


def claims(report: GeneratedReport | Sequence[Finding]) -> list[Claim]:
    """Take a report apart.

    Parameters
    ----------
    report : GeneratedReport or sequence of Finding
        The findings of any report, whoever wrote it; of those only the ones of the body of the
        report, since an impression says them again.

    Returns
    -------
    list of Claim
        Extremes of intensities are not among them: they follow the noise.
    """
    if isinstance(report, GeneratedReport):
        return list(_generated(report.structured))
    return list(_found([one for one in report if one.section != "impression"]))


def _generated(structured: dict[str, Any]) -> Iterator[Claim]:
    for study in structured["studies"]:
        day = study["date"] or "no date"
        yield Claim(day, "count", float(study["count"]))
        for organ, count in study["by_organ"].items():
            yield Claim(day, f"count: {organ}", float(count))
        for lesion in study["lesions"]:
            yield from _lesion(lesion)


def _lesion(lesion: dict[str, Any]) -> Iterator[Claim]:
    subject = lesion["main"]
    for slot in ("noun", "organ", "laterality"):
        yield Claim(subject, slot, str(lesion[slot] or "unknown"))
    (main,) = [one for one in lesion["outlines"] if one["target"] == subject]
    for slot, unit in _NUMBERS:
        yield Claim(subject, slot, main[slot], unit)
    if main["mean"] is not None and main["units"] != "1":
        yield Claim(subject, "mean", main["mean"], main["units"])
    for near in lesion["near"]:
        if near["role"] == "organ" and near["contact"]:
            yield Claim(subject, f"contact: {near['name']}", "yes")


def _found(findings: Sequence[Finding]) -> Iterator[Claim]:
    seen: dict[str, int] = {}
    for one in findings:
        places = " ".join(one.anatomy) or one.location or ""
        name = " ".join(part for part in (one.entity, one.laterality, places) if part)
        seen[name] = seen.get(name, 0) + 1
        subject = name if seen[name] == 1 else f"{name} ({seen[name]})"
        yield Claim(subject, "assertion", one.assertion)
        if one.change:
            yield Claim(subject, "change", one.change)
        for value in one.measurements:
            lengths = value.mm or value.value
            for axis, number in enumerate(lengths):
                unit = "mm" if value.mm else value.unit
                prior = " before" if value.prior else ""
                yield Claim(subject, f"{value.kind} {axis}{prior}", number, unit)
