"""AnswerGrammar: which characters may come next in a model's answer about a report."""

from __future__ import annotations

import json
from dataclasses import dataclass

from graphs.text.answer import ASSERTIONS, CHANGES, LATERALITIES

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz -/")
_LONGEST_NAME, _LONGEST_QUOTE = 60, 200


def _options(values: tuple[str, ...], *, blank: bool = True) -> tuple[str, ...]:
    return (*(json.dumps(one) for one in values), *(("null",) if blank else ()))


# What a finding is made of, in the order in which it is written.
_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("one", ('{"findings":[]}', '{"findings":[{"text":"')),
    ("quote", ()),
    ("one", (',"entity":"',)),
    ("name", ()),
    ("one", (',"assertion":',)),
    ("one", _options(ASSERTIONS, blank=False)),
    ("one", (',"laterality":',)),
    ("one", _options(LATERALITIES)),
    ("one", (',"change":',)),
    ("one", _options(CHANGES)),
    ("one", ("}]}", '},{"text":"')),
)
_DONE = len(_STEPS)


@dataclass(frozen=True)
class GrammarState:
    """How far an answer is: the step, what of it is written, and how many findings there are."""

    step: int = 0
    taken: str = ""
    findings: int = 0

    @property
    def complete(self) -> bool:
        """Whether the answer is a whole one."""
        return self.step == _DONE


class AnswerGrammar:
    """The answers that `graphs.text.answer.read_answer` takes, without spaces and in one order.

    A quotation may only go on with what follows it somewhere in the report, so that nothing can be
    quoted that is not there.

    Parameters
    ----------
    report : str
    most : int
        Findings in one answer.
    """

    def __init__(self, report: str, most: int = 64) -> None:
        self.report, self.most = report, most

    def after(self, state: GrammarState, text: str) -> GrammarState | None:
        """The state behind some more characters; None where the answer can never become right."""
        for char in text:
            following = self._next(state, char)
            if following is None:
                return None
            state = following
        return state

    def wide(self, state: GrammarState) -> bool:
        """Whether a character that takes several bytes may come next."""
        if state.complete or _STEPS[state.step][0] != "quote":
            return False
        at, long = self.report.find(state.taken), len(state.taken)
        while at >= 0:
            if self.report[at + long : at + long + 1] > "\x7f":
                return True
            at = self.report.find(state.taken, at + 1)
        return False

    def _next(self, state: GrammarState, char: str) -> GrammarState | None:
        if state.complete:
            return None
        kind, options = _STEPS[state.step]
        taken = state.taken + char
        if kind == "one":
            return self._option(state, taken, options)
        if char == '"':
            if not state.taken.strip():
                return None
            return GrammarState(state.step + 1, "", state.findings)
        if kind == "name":
            fits = char in _NAME and len(taken) <= _LONGEST_NAME and (state.taken or char.isalpha())
        else:
            fits = char != "\\" and char >= " " and len(taken) <= _LONGEST_QUOTE
            fits = fits and taken in self.report
        return GrammarState(state.step, taken, state.findings) if fits else None

    def _option(
        self, state: GrammarState, taken: str, options: tuple[str, ...]
    ) -> GrammarState | None:
        if state.step == _DONE - 1 and state.findings + 1 >= self.most:
            options = options[:1]
        if taken in options:
            if taken.endswith("]}"):
                return GrammarState(_DONE, "", state.findings)
            if state.step == _DONE - 1:
                return GrammarState(1, "", state.findings + 1)
            return GrammarState(state.step + 1, "", state.findings)
        fits = any(one.startswith(taken) for one in options)
        return GrammarState(state.step, taken, state.findings) if fits else None
