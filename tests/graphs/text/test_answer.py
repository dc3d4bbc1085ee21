from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.errors import ExtractionRefusedError
from graphs.text.answer import read_answer

REPORT = (
    "FINDINGS: A 2.3 cm nodule in the right lung. No effusion. No nodule on the left.\n所見：結節。"  # noqa: RUF001
)


def one(**more: Any) -> dict[str, Any]:
    return {"text": "nodule", "entity": "nodule", "assertion": "present", **more}


def answer(*rows: Any) -> str:
    return json.dumps({"findings": list(rows)})


def test_a_good_answer() -> None:
    got = read_answer(
        REPORT,
        answer(
            {"text": "effusion", "entity": "Pleural effusion", "assertion": "absent"},
            one(
                laterality="right",
                location="right lung",
                change=None,
                measurements=[{"text": "2.3 cm", "value": [2.3], "unit": "cm"}],
            ),
            one(assertion="absent"),
            {"text": "結節", "entity": "nodule", "assertion": "present", "start": 84, "end": 86},
        ),
    )
    assert [REPORT[f.start : f.end] for f in got] == ["nodule", "effusion", "nodule", "結節"]
    assert [f.assertion for f in got] == ["present", "absent", "absent", "present"]
    assert got[0].measurements[0].mm == (23.0,)
    assert REPORT[got[0].measurements[0].start : got[0].measurements[0].end] == "2.3 cm"
    assert [f.sentence for f in got] == [0, 1, 2, 3]
    assert {f.section for f in got} == {"findings"}
    assert got[1].entity == "pleural effusion"


def test_no_findings_are_an_answer() -> None:
    assert read_answer(REPORT, ' {"findings": []}\n') == []


REFUSED = [
    ("", "empty"),
    (answer(one())[:-3], "cut off"),
    ('{"findings": [{"text": "nod', "cut off"),
    ("[", "cut off"),
    ('{"findings": [],', "cut off"),
    ('{"findings": [{"text": "nodule",', "cut off"),
    ('{"findings": [{"text": "nodule", "entity":', "cut off"),
    ('{"findings": [{"text": "nodule", "entity"', "cut off"),
    ("Sure! " + answer(one()), "text before the JSON: 'Sure!"),
    (answer(one()) + " I hope this helps", "text behind the JSON"),
    (f"```json\n{answer(one())}\n```", "text before the JSON"),
    (answer(one()) + answer(one()), "text behind"),
    ('{"findings": [}', "no JSON"),
    ("[]", "not an object"),
    ('{"findings": {}}', "findings is an object, not a list"),
    ('{"findings": [], "note": 1}', "alone"),
    ('{"findings": [], "findings": []}', "twice"),
    (answer("nodule"), r"findings\[0\] is text, not an object"),
    (answer({"text": "nodule", "entity": "nodule"}), r"has no \['assertion'\]"),
    (answer(one(colour="red")), "unknown"),
    (answer(one(text=3)), "text is a number, not text"),
    (answer(one(text=" ")), "empty"),
    (answer(one(entity=None)), "entity is null"),
    (answer(one(text="spiculated mass")), "not in the report: 'spiculated mass'"),
    (answer(one(), one(), one()), "less often"),
    (answer(one(assertion="maybe")), "assertion is 'maybe', not one of present"),
    (answer(one(assertion=["present"])), "assertion"),
    (answer(one(laterality="middle")), "laterality"),
    (answer(one(change="bigger")), "change"),
    (answer(one(start=0, end=6)), "characters 0 to 6 are not 'nodule'"),
    (answer(one(start=17)), "one of start and end"),
    (answer(one(start=17.0, end=23.0)), "whole numbers"),
    (answer(one(start=True, end=2)), "whole numbers"),
    (answer(one(start=-60, end=-54)), "are not"),
    (answer(one(location="left upper lobe")), "location is not in the report"),
    (answer(one(measurements={})), "measurements is an object"),
    (answer(one(measurements=[{"text": "2.3 cm", "value": [], "unit": "cm"}])), "one to three"),
    (answer(one(measurements=[{"text": "2.3 cm", "value": ["2.3"], "unit": "cm"}])), "no number"),
    (answer(one(measurements=[{"text": "2.3 cm", "value": [2.3], "unit": "inch"}])), "unit"),
    (answer(one(measurements=[{"text": "9 cm", "value": [9], "unit": "cm"}])), "not in the report"),
    ('{"findings": [NaN]}', "NaN is no number"),
    ("[" * 100_000, "nested too deeply|cut off"),
    (f'{{"findings": [{"9" * 10_000}]}}', "no JSON|not an object"),
]


@pytest.mark.parametrize(("said", "reason"), REFUSED)
def test_a_bad_answer_is_refused_with_the_reason(said: str, reason: str) -> None:
    with pytest.raises(ExtractionRefusedError, match=reason):
        read_answer(REPORT, said)


def test_one_wrong_finding_refuses_the_whole_answer() -> None:
    with pytest.raises(ExtractionRefusedError, match=r"findings\[1\]"):
        read_answer(REPORT, answer(one(), one(assertion="sure")))


def test_many_faults_are_counted() -> None:
    with pytest.raises(ExtractionRefusedError, match="and 4 more"):
        read_answer(REPORT, answer(*(one(text=f"x{n}") for n in range(9))))


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.text(),
        JSONS.map(json.dumps),
        st.lists(st.dictionaries(st.sampled_from(sorted(one(start=1, end=2))), JSONS)).map(
            lambda rows: answer(*rows)
        ),
    )
)
def test_whatever_is_answered_slices_back_or_is_refused(said: str) -> None:
    try:
        found = read_answer(REPORT, said)
    except ExtractionRefusedError:
        return
    for finding in found:
        assert REPORT[finding.start : finding.end] == finding.text
