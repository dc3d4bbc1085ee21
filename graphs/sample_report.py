"""Sample report: a text in a radiologist's manner, from what one reader of LIDC-IDRI outlined.

No redistributable patient has both a report that a radiologist wrote and the images that it speaks
of. This text stands in for one: it is made of one reader's outline and ratings, says so, and names
the outline, so that it is never grounded to it; the other readers' outlines are what there is to
find.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from explorer.errors import NotFoundError
from explorer.item_id import item_id
from explorer.run_draft import RunDraft
from graphs.lesion import Lesion
from graphs.lesions import lesions
from graphs.producer import Producer

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.report import Report

PRODUCER = Producer("oncograph.sample_report", "1")
_MARK = (
    "Made by oncograph from the outline and the ratings of one reader of LIDC-IDRI. No radiologist "
    "wrote it. Research use only, not a diagnosis."
)
# What a reader's numbers are called from the middle of the scale on (McNitt-Gray et al. 2007).
_FROM = 4


def sample_report(patient: Patient, reader: int = 1) -> Report:
    """Write the report of one reader's nodule, and keep it with the patient.

    Parameters
    ----------
    patient : Patient
        With outlines named ``Nodule, reader 1`` and facts ``Nodule, reader 1: texture``: the
        bundled LIDC-IDRI-0314.
    reader : int
        1 to 4.

    Returns
    -------
    Report
        Synthetic; the row's detail has ``made_from``.

    Raises
    ------
    NotFoundError
        The patient has no such outline.
    """
    name = f"Nodule, reader {reader}"
    found = [one for one in lesions(patient) if one.label == name]
    if len(found) != 1:
        raise NotFoundError(
            f"{len(found)} outlines are named {name!r}",
            expected="one: the bundled patient LIDC-IDRI-0314 has four, by readers 1 to 4",
            where=f"patient {patient.label}",
        )
    text = _text(found[0], _ratings(patient, name))
    item = item_id("report", "sample", patient.key, name)
    detail = {"generated": vars(PRODUCER), "made_from": [found[0].target]}
    row = {
        "item": item,
        "name": f"Made from the outline of reader {reader}",
        "text": text,
        "language": "en",
        "date": found[0].acquired,
        "detail": json.dumps(detail),
        "synthetic": True,
    }
    draft = RunDraft(
        "describe", PRODUCER.name, PRODUCER.version, found[0].target,
        settings={"reader": reader}, texts=[row], synthetic=True,
    )  # fmt: skip
    with patient.store.transaction(f"a sample report from the outline of reader {reader}") as t:
        t.put_run(patient.key, draft)
    return patient.store[patient.key].reports[item]


def _ratings(patient: Patient, name: str) -> dict[str, tuple[str, float]]:
    facts = patient.facts[patient.facts["name"].str.startswith(f"{name}: ")]
    rows = zip(facts["name"], facts["value"], facts["number"], strict=True)
    return {re.sub(r".*: ", "", one): (str(value), float(number)) for one, value, number in rows}


def _text(lesion: Lesion, ratings: dict[str, tuple[str, float]]) -> str:
    measures = lesion.measures
    looks = [ratings["texture"][0]] if "texture" in ratings else []
    if ratings.get("spiculation", ("", 0.0))[1] >= _FROM:
        looks.append("spiculated")
    if ratings.get("lobulation", ("", 0.0))[1] >= _FROM:
        looks.append("lobulated")
    side = f"{lesion.laterality} lung" if lesion.laterality else "lung"
    size = f"{measures.longest_mm:.0f} x {measures.perpendicular_mm:.0f} mm"
    calcium = ratings.get("calcification", ("", 0.0))[0]
    said = {"": "", "absent": " No calcification."}.get(
        calcium, f" It has {calcium} calcification."
    )
    malignancy = ratings.get("malignancy", ("not rated", 0.0))[0]
    return (
        f"{_MARK}\n\n"
        "TECHNIQUE:\nCT of the chest.\n\n"
        "FINDINGS:\n"
        f"There is a {', '.join(looks)} nodule in the {side}, measuring {size} "
        f"(image {measures.plane + 1}).{said}\n\n"
        "IMPRESSION:\n"
        f"Nodule in the {side} of {measures.longest_mm:.0f} mm. {_malignancy(malignancy)}\n"
    )


def _malignancy(rating: str) -> str:
    if rating.endswith("suspicious"):
        return f"{rating.capitalize()} for malignancy."
    return f"Malignancy is {rating}."
