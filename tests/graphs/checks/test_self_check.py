from __future__ import annotations

import pytest

from graphs.checks.self_check import self_check
from graphs.text.rules import RulesExtractor

READER = RulesExtractor()


def told(findings, impression):
    text = f"FINDINGS: {findings}\n\nIMPRESSION: {impression}"
    return {(one.cue, one.verdict) for one in self_check(READER.extract(text), text)}


@pytest.mark.parametrize(
    ("findings", "impression", "cue", "verdict"),
    [
        ("Small left pleural effusion.", "Right pleural effusion.", "side", "contradicts"),
        ("Small left pleural effusion.", "Left pleural effusion.", "side", "agrees"),
        ("Bilateral pleural effusions.", "Left pleural effusion.", "side", "agrees"),
        ("Left upper zone nodule.", "Nodule in the right upper lobe.", "side", "contradicts"),
        (
            "Left upper lobe airspace disease, likely pneumonia.",
            "Right upper lobe pneumonia.",
            "side",
            "contradicts",
        ),
        ("There is no pneumothorax.", "Small pneumothorax.", "negation", "contradicts"),
        ("There is a pneumothorax.", "No pneumothorax.", "negation", "contradicts"),
        ("There is no pneumothorax.", "No pneumothorax.", "negation", "agrees"),
        ("Lobar pneumonia.", "No acute cardiopulmonary abnormality.", "negation", "contradicts"),
        ("A 2.3 cm nodule.", "Nodule of 23 mm.", "size", "agrees"),
        ("A 2.3 cm nodule.", "Nodule of 2 cm.", "size", "agrees"),
        ("A 2.3 cm nodule.", "Nodule of 32 mm.", "size", "contradicts"),
    ],
)
def test_a_cue(findings, impression, cue, verdict):
    assert (cue, verdict) in told(findings, impression)


@pytest.mark.parametrize(
    ("findings", "impression"),
    [
        ("There is a small pneumothorax.", "No large pneumothorax."),
        ("Left pleural effusion.", "No right pleural effusion."),
        ("Stable left pleural effusion. New right pleural effusion.", "Right pleural effusion."),
        ("Old healed rib fracture.", "No acute cardiopulmonary abnormality."),
        ("A nodule of 5 mm and a nodule of 9 mm.", "Nodules up to 9 mm."),
        ("Possible pneumonia.", "No pneumonia."),
        ("Nodule in the left upper lobe.", "Mass in the right kidney."),
        ("The heart is normal.", "No acute disease."),
    ],
)
def test_what_is_no_contradiction(findings, impression):
    assert not {one for one in told(findings, impression) if one[1] == "contradicts"}


def test_both_statements_are_cited():
    text = "FINDINGS: Left pleural effusion.\n\nIMPRESSION: Right pleural effusion."
    (one,) = [v for v in self_check(READER.extract(text), text) if v.cue == "side"]
    places = [v.partition("#chars=")[2].split(":") for v in one.evidence]
    assert [text[int(a) : int(b)] for a, b in places] == ["pleural effusion", "pleural effusion"]
    assert (one.report_value, one.image_value) == ("right", "left")
    assert one.detail == {"against": "itself"}
