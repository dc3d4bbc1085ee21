from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.text.answer import read_answer
from graphs.text.answer_grammar import AnswerGrammar, GrammarState

REPORT = 'A nodule in the right lung. 結節。 No "effusion".'


def said(*texts: str) -> str:
    rows = [
        {"text": t, "entity": "mass", "assertion": "absent", "laterality": None, "change": "new"}
        for t in texts
    ]
    return json.dumps({"findings": rows}, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("texts", [(), ("nodule",), ("nodule", "結節", "right lung.")])
def test_right_answers_are_complete_and_read(texts: tuple[str, ...]) -> None:
    state = AnswerGrammar(REPORT).after(GrammarState(), said(*texts))
    assert state is not None
    assert state.complete
    assert len(read_answer(REPORT, said(*texts))) == len(texts)


@pytest.mark.parametrize(
    "start",
    [
        "x",
        " {",
        '{"findings": ',
        said("nodule") + " ",
        said("mass")[:30],
        '{"findings":[{"text":""',
        '{"findings":[{"text":"No \\"',
        said("nodule").replace("absent", "maybe"),
        said("nodule").replace("mass", "Mass"),
    ],
)
def test_what_cannot_become_right_has_no_state(start: str) -> None:
    assert AnswerGrammar(REPORT).after(GrammarState(), start) is None


def test_a_beginning_is_not_complete() -> None:
    whole = said("nodule")
    for end in range(len(whole)):
        state = AnswerGrammar(REPORT).after(GrammarState(), whole[:end])
        assert state is not None
        assert not state.complete


def test_there_are_only_so_many_findings() -> None:
    grammar = AnswerGrammar(REPORT, most=2)
    assert grammar.after(GrammarState(), said("nodule", "lung")) is not None
    assert grammar.after(GrammarState(), said("nodule", "lung", "right")) is None


def test_wide_characters_only_where_the_report_has_them() -> None:
    grammar = AnswerGrammar(REPORT)
    begin = '{"findings":[{"text":"'
    states = [
        grammar.after(GrammarState(), begin + more) for more in ("", "結", "nodule", "結節。")
    ]
    assert [grammar.wide(s) for s in states if s is not None] == [True, True, False, False]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 25), st.integers(1, 30))
def test_any_words_of_the_report_may_be_quoted(start: int, length: int) -> None:
    quote = REPORT[start : start + length]
    state = AnswerGrammar(REPORT).after(GrammarState(), f'{{"findings":[{{"text":"{quote}')
    assert (state is None) == ('"' in quote[:-1])
