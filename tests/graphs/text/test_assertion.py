"""Assertion: present, absent, uncertain, not assessed; scopes, lists, and phrases that mislead."""

from __future__ import annotations

import pytest

from graphs.text.rules import RulesExtractor

RULES = RulesExtractor()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No focal consolidation, pneumothorax, or large pleural effusion.",
         {"consolidation": "absent", "pneumothorax": "absent", "pleural effusion": "absent"}),
        ("No pneumothorax, but there is a small pleural effusion.",
         {"pneumothorax": "absent", "pleural effusion": "present"}),
        ("Pneumothorax is not seen.", {"pneumothorax": "absent"}),
        ("Nodules, masses or effusion are not identified.",
         {"nodule": "absent", "mass": "absent", "pleural effusion": "absent"}),
        ("The heart is not enlarged.", {"cardiomegaly": "absent"}),
        ("Heart size is within normal limits.", {"cardiomegaly": "absent"}),
        ("No effusion, the heart is enlarged.",
         {"pleural effusion": "absent", "cardiomegaly": "present"}),
        ("Possible pneumonia.", {"pneumonia": "uncertain"}),
        ("Pneumonia cannot be excluded.", {"pneumonia": "uncertain"}),
        ("Opacity in the left base may represent pneumonia or atelectasis.",
         {"lung opacity": "present", "pneumonia": "uncertain", "atelectasis": "uncertain"}),
        ("No suspicious nodule.", {"nodule": "absent"}),
        ("No change in the nodule.", {"nodule": "present"}),
        ("Gram negative pneumonia.", {"pneumonia": "present"}),
        ("History of sarcoma.", {"sarcoma": "not_assessed"}),
        ("Evaluate for pneumothorax.", {"pneumothorax": "not_assessed"}),
        ("Sebaceous cyst?", {"cyst": "uncertain"}),
        ("Resolution of the pleural effusion.", {"pleural effusion": "absent"}),
        ("Heart enlarged without effusion.",
         {"cardiomegaly": "present", "pleural effusion": "absent"}),
        ("Findings consistent with emphysema.", {"emphysema": "present"}),
        ("Lungs are clear of infiltrate.", {"lung opacity": "absent"}),
        ("The nodule is not enlarged.", {"nodule": "present"}),
        ("Lymph nodes are not enlarged.", {"lymph node": "absent"}),
        ("No growth of the nodule.", {"nodule": "present"}),
        ("No progression of metastases.", {"metastasis": "present"}),
        ("The effusion has not resolved.", {"pleural effusion": "present"}),
        ("The nodule is no longer visible.", {"nodule": "absent"}),
        ("Unlikely to represent metastasis.", {"metastasis": "absent"}),
        ("Cannot completely exclude metastasis.", {"metastasis": "uncertain"}),
        ("Metastasis cannot be definitively excluded.", {"metastasis": "uncertain"}),
        ("Nodule, 12 mm vs 10 mm.", {"nodule": "present"}),
        ("Pneumothorax: No.", {"pneumothorax": "absent"}),
        ("Pleural effusion: no, pneumothorax: no",
         {"pleural effusion": "absent", "pneumothorax": "absent"}),
        ("Heart: mildly enlarged.", {"cardiomegaly": "present"}),
        ("Mediastinum: enlarged lymph nodes.", {"lymphadenopathy": "present"}),
        ("Lymph nodes: 0/12 positive for metastasis.",
         {"lymph node": "absent", "metastasis": "absent"}),
        ("Metastasis in 3 of 12 lymph nodes.", {"metastasis": "present", "lymph node": "present"}),
    ],
)  # fmt: skip
def test_assertions(text: str, expected: dict[str, str]) -> None:
    found = {one.entity: one.assertion for one in RULES.extract(text)}
    assert found == expected


def test_the_words_that_decided_are_kept() -> None:
    text = "There is no evidence of pneumothorax."
    (one,) = RULES.extract(text)
    start, end = one.detail["cue"]
    assert text[start:end] == "no evidence of"
