"""Which words, findings and groundings of a report are lit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.derived import derived

if TYPE_CHECKING:
    from explorer.patient import Patient


def report_lit(
    patient: Patient, lit: Iterable[str], content: dict[str, Any]
) -> dict[str, list[Any]]:
    """What of a selection stands in a report.

    Parameters
    ----------
    patient : Patient
    lit : iterable of str
        Addresses; those of other patients count for nothing.
    content : dict
        Of `report_content`.

    Returns
    -------
    dict
        ``findings`` and ``groundings``: ids; ``spans``: ``[start, end]`` of words.
    """
    known = {one["id"] for one in content.get("findings", ())}
    places = {one["id"]: one["finding"] for one in content.get("groundings", ())}
    said: dict[str, None] = {}
    placed: dict[str, None] = {}
    spans: list[list[int]] = []
    for one in (Address.parse(text) for text in lit):
        if one.key != patient.key:
            continue
        if one.kind == "findings" and one.item in known:
            said[one.item] = None
        elif one.kind == "groundings" and one.item in places:
            placed[one.item] = None
            said[places[one.item]] = None
        elif one.kind == "reports" and one.item == content.get("id"):
            chars = one.fragment.get("chars")
            if isinstance(chars, tuple):
                spans.append([int(at) for at in chars])  # type: ignore[arg-type]
    return {"findings": list(said), "groundings": list(placed), "spans": spans}


def report_of(patient: Patient, lit: Iterable[str], shown: str) -> str | None:
    """The report that a selection speaks of: the one shown if it does, else the first other one."""
    owner = {row["finding"]: row["item"] for row in derived(patient, "findings")}
    found: list[str] = []
    for one in (Address.parse(text) for text in lit):
        if one.key != patient.key:
            continue
        item = one.item if one.kind == "reports" else None
        if one.kind == "findings":
            item = owner.get(one.item)
        if item is not None and item in patient.reports:
            found.append(item)
    if shown in found:
        return shown
    return found[0] if found else None
