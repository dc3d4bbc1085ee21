"""What a report's text was made from, where it was made up or generated from images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphs.errors import GroundingError

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.finding import Finding


def made_from(patient: Patient, finding: Finding) -> frozenset[str]:
    """Targets that a finding must never be grounded to, since its text was made from them.

    A text says so in ``detail['made_from']`` (a list of targets, on its row of ``texts``); a
    finding of an import can say so in its own ``detail``.

    Parameters
    ----------
    patient : Patient
    finding : Finding

    Returns
    -------
    frozenset of str
        Addresses without key and version.

    Raises
    ------
    GroundingError
        A program made the text and does not say from what, or what it says cannot be read: then
        no place of the text is better than its own source.
    """
    row = next((one for one in patient.rows("texts") if one["item"] == finding.item), None)
    said: list[object] = list(finding.detail.get("made_from") or [])
    if row is not None:
        detail = _detail(row.get("detail"), finding.item)
        named = detail.get("made_from")
        runs = {one["run"] for one in patient.rows("runs")}
        if named is None and row.get("origin") in runs:
            raise GroundingError(
                "A program wrote the text and does not say from what",
                expected="detail.made_from on the text: a list of targets",
                where=f"report {finding.item}",
            )
        said += named if isinstance(named, list) else [] if named is None else [named]
    if not all(isinstance(one, str) for one in said):
        raise GroundingError(
            "detail.made_from of the text is no list of targets", where=f"report {finding.item}"
        )
    return frozenset(_bare(str(one)) for one in said)


def _detail(text: str | None, item: str) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise GroundingError("The text's detail is no JSON", where=f"report {item}") from error
    return found if isinstance(found, dict) else {}


def _bare(target: str) -> str:
    """Without key and version: ``onco:k/images/ct-1@3#box=...`` is ``images/ct-1#box=...``."""
    if not target.startswith("onco:"):
        return target
    place, hash_, fragment = target[5:].partition("#")
    body = place.partition("/")[2].partition("@")[0]
    return body + hash_ + fragment
