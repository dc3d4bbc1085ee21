"""'Where is it?': a sentence about a finding, with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import NotFoundError
from graphs.anatomy import anatomy
from graphs.finding import Finding
from graphs.grounding.answer import Answer
from graphs.grounding.extent import extent
from graphs.groundings import groundings

if TYPE_CHECKING:
    from explorer.patient import Patient
    from graphs.grounding.extent import Box
    from graphs.grounding.grounding import Grounding


def answer_where(patient: Patient, finding: Finding | str) -> Answer:
    """Say where a finding lies.

    Parameters
    ----------
    patient : Patient
    finding : Finding or str
        The finding or its id.

    Returns
    -------
    Answer
        Where it is not known, the reason; of a tie, the places between which it cannot be told.

    Raises
    ------
    NotFoundError
        The patient has no such finding.
    """
    name = finding if isinstance(finding, str) else finding.id
    row = next((one for one in derived(patient, "findings") if one["finding"] == name), None)
    if row is None:
        raise NotFoundError(f"No finding {name!r}", where=f"patient {patient.label}")
    said = Finding.of_row(row)
    mine = [one for one in groundings(patient) if one.finding == name and one.status != "rejected"]
    if not mine:
        return Answer(f"The {said.entity} has not been grounded.", findings=(name,))
    best = min(mine, key=lambda one: one.status != "accepted")
    if best.target is None:
        return _unknown(patient, said, best)
    place = extent(patient, best.target)
    address = f"onco:{patient.key}/{place.target(patient)}"
    return Answer(
        _sentence(patient, said, best, place.item, place.box),
        place.box,
        address,
        (name,),
        (best.id,),
        _nodes(patient, said, best),
        (best.target,),
        {"status": best.status, "region": best.region},
    )


def _unknown(patient: Patient, said: Finding, best: Grounding) -> Answer:
    others = tuple(one.target for one in best.alternatives)
    text = f"Where the {said.entity} lies cannot be told: {best.reason}."
    if best.detail.get("tie"):
        text += f" {len(others)} places are possible."
    return Answer(
        text, None, None, (said.id,), (best.id,), _nodes(patient, said, best), others,
        {"status": best.status},
    )  # fmt: skip


def _sentence(patient: Patient, said: Finding, best: Grounding, item: str, box: Box) -> str:
    places = [anatomy()[one].display for one in said.anatomy if one in anatomy()]
    region = {
        "lesion": f"The {said.entity} is outlined",
        "organ": f"The {said.entity} itself is not outlined; the organ that the report names is",
        "examined": f"No {said.entity} is said to be there; what was examined is",
    }[best.region or "lesion"]
    image = patient.images.get(item)
    modality = image.modality if image is not None else "its segmentation"
    spans = " x ".join(f"{a} to {b - 1}" for a, b in box)
    axes = "slices, rows and columns" if len(box) == 3 else "rows and columns"
    named = f" The report names: {', '.join(places)}." if places else ""
    sized = ""
    if image is not None and len(box) == len(image.spacing_mm):
        mm = np.asarray(image.spacing_mm) * [b - a for a, b in box]
        sized = f" ({' x '.join(f'{one:.0f}' for one in mm[::-1])} mm)"
    by = "a person placed it" if best.status == "accepted" else f"found by {best.method}"
    return f"{region} in the {modality}, {axes} {spans}{sized}; {by}: {best.reason or '-'}.{named}"


def _nodes(patient: Patient, said: Finding, best: Grounding) -> tuple[str, ...]:
    """Nodes of scene graphs that stand for the mention, its sentence or the region."""
    chars: Any = (said.start, said.end)
    found = []
    for row in derived(patient, "nodes"):
        target = row["target"] or ""
        if row["kind"] == "evidence":  # of a prediction: no node of a scene graph
            continue
        if target and target == best.target:
            found.append(row["node"])
        elif target.startswith("reports/"):
            address = Address.parse(f"onco:{patient.key}/{target}")
            if address.item == said.item and address.fragment.get("chars") == chars:
                found.append(row["node"])
    return tuple(dict.fromkeys(found))
