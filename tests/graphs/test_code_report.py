from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from graphs.code_report import MARK, code_report
from graphs.errors import MeasureError
from graphs.model_score import ModelScore
from graphs.producer import Producer

HEART = ("The heart is not enlarged.", "The heart is enlarged.")
FLUID = ("There is no pleural effusion.", "There is a pleural effusion.")
NODULE = ("There is no nodule in the lung.", "There is a nodule in the lung.")
NONE = "None of the findings that were looked for."
# the eight reports, written out
REPORTS = {
    "000": (HEART[0], FLUID[0], NODULE[0], NONE),
    "100": (HEART[1], FLUID[0], NODULE[0], "Cardiomegaly."),
    "010": (HEART[0], FLUID[1], NODULE[0], "Pleural effusion."),
    "001": (HEART[0], FLUID[0], NODULE[1], "Lung nodule."),
    "110": (HEART[1], FLUID[1], NODULE[0], "Cardiomegaly.\nPleural effusion."),
    "101": (HEART[1], FLUID[0], NODULE[1], "Cardiomegaly.\nLung nodule."),
    "011": (HEART[0], FLUID[1], NODULE[1], "Pleural effusion.\nLung nodule."),
    "111": (HEART[1], FLUID[1], NODULE[1], "Cardiomegaly.\nPleural effusion.\nLung nodule."),
}
FINDINGS = ("cardiomegaly", "pleural effusion", "lung nodule")


def scores(code: str) -> list[ModelScore]:
    return [
        ModelScore(
            name, 0.5 if bit == "1" else 0.4999, 0.5, "images/cr-1", Producer(name, "1", "a")
        )
        for name, bit in zip(FINDINGS, code, strict=True)
    ]


@pytest.mark.parametrize("code", REPORTS)
def test_each_code_has_its_report(code: str) -> None:
    given = scores(code)
    report = code_report(given[::-1])  # whatever the order that they come in
    heart, fluid, nodule, impression = REPORTS[code]
    wanted = f"{MARK}\n\nFINDINGS:\n{heart}\n{fluid}\n{nodule}\n\nIMPRESSION:\n{impression}\n"
    assert (report.code, report.text) == (code, wanted)
    by_finding = {one.finding: one for one in given}
    for one in report.sentences:
        assert report.text[one.start : one.end].endswith(".")
        assert one.score is by_finding[one.finding]
    assert len(report.sentences) == 3 + code.count("1")


def test_eight_codes_are_eight_reports() -> None:
    assert len({code_report(scores(code)).text for code in REPORTS}) == 8


def test_what_no_model_has_looked_for_is_not_assessed() -> None:
    report = code_report(scores("101")[:1])
    assert report.code == "1--"
    assert "Pleural effusion was not assessed." in report.text
    assert [one.score is None for one in report.sentences] == [False, True, True, False]


def test_scores_that_cannot_be_taken_are_refused() -> None:
    one = scores("000")[0]
    with pytest.raises(MeasureError, match="Two scores"):
        code_report([one, one])
    with pytest.raises(MeasureError, match="No sentences"):
        code_report([ModelScore("fracture", 1, 0, "", one.producer)])
    with pytest.raises(MeasureError, match="nan"):
        code_report([ModelScore("cardiomegaly", math.nan, 0, "", one.producer)])


def test_other_tables_have_other_sentences() -> None:
    table = {"fracture": {"present": "Broken.", "absent": "Whole.", "impression": "Fracture."}}
    found = code_report([ModelScore("fracture", 2, 1, "", Producer("m", "1"))], table)
    assert found.code == "1"
    assert "Broken.\n\nIMPRESSION:\nFracture." in found.text


def test_it_is_kept_with_the_scores(outlined: Callable[..., Any]) -> None:
    patient = outlined("Anna")
    report = code_report(
        [ModelScore("lung nodule", 0.9, 0.5, "images/ct-1", Producer("net", "3", "f" * 64))]
    )
    with patient.store.transaction("report") as t:
        t.put_run(patient.key, report.draft(patient.key))
    after = patient.store["Anna"]
    (kept,) = after.reports.values()
    assert kept.text == report.text
    assert kept.synthetic
    (score,) = after.observations.to_dict("records")
    assert (score["number"], score["target"], score["value"]) == (0.9, "images/ct-1", "present")
    assert json.loads(score["detail"])["checkpoint"] == "f" * 64
