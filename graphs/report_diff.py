"""report_diff: what two texts have in common, sentence by sentence and then word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from graphs.text.sections import sections
from graphs.text.sentences import sentences

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.5  # share of words in common from which on a sentence is a changed one
_PAIRS = 4000  # more are not compared one by one: a replaced page is no changed sentence
_MODEL_UP_TO = 100_000

Kind = Literal["same", "changed", "removed", "added"]
Pieces = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DiffRow:
    """A sentence of one text beside its counterpart in the other.

    Attributes
    ----------
    kind : {'same', 'changed', 'removed', 'added'}
    before, after : tuple of (str, str)
        Pieces ``('same' | 'removed' | 'added', words)``; empty on the side that has none.
    before_at, after_at : tuple of int or None
        Where the sentence stands in its text; Unicode code points, half-open.
    section : str
        Of the later text where it is there, else of the earlier one.
    """

    kind: Kind
    before: Pieces
    after: Pieces
    before_at: tuple[int, int] | None
    after_at: tuple[int, int] | None
    section: str = "unknown"


def report_diff(before: str, after: str) -> list[DiffRow]:
    """Compare two reports.

    Sentences that differ in case and white space only are the same. Of what was replaced, the
    sentences with most words in common are paired in order and compared word by word (difflib's
    Ratcliff and Obershelp matching at both levels).

    Parameters
    ----------
    before, after : str

    Returns
    -------
    list of DiffRow
        In reading order; every sentence of either text is in exactly one row.
    """
    old, new = _sentences(before), _sentences(after)
    matcher = SequenceMatcher(
        None, [_folded(one.text) for one in old], [_folded(one.text) for one in new], autojunk=False
    )
    rows: list[DiffRow] = []
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            rows += [_same(a, b) for a, b in zip(old[a0:a1], new[b0:b1], strict=True)]
        else:
            rows += _replaced(old[a0:a1], new[b0:b1])
    return rows


@dataclass(frozen=True)
class _Stated:
    text: str
    start: int
    end: int
    section: str


def _sentences(text: str) -> list[_Stated]:
    parts = sections(text, infer=len(text) <= _MODEL_UP_TO)
    found = []
    at = 0
    for one in sentences(text, parts):
        while at + 1 < len(parts) and parts[at].end <= one.start:
            at += 1
        name = parts[at].name if parts else "unknown"
        found.append(_Stated(text[one.start : one.end], one.start, one.end, name))
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _same(a: _Stated, b: _Stated) -> DiffRow:
    return DiffRow(
        "same", (("same", a.text),), (("same", b.text),), (a.start, a.end), (b.start, b.end),
        b.section,
    )  # fmt: skip


def _replaced(old: Sequence[_Stated], new: Sequence[_Stated]) -> list[DiffRow]:
    pairs = _paired(old, new)
    rows: list[DiffRow] = []
    a0 = b0 = 0
    for a, b in [*pairs, (len(old), len(new))]:
        rows += [_gone(one) for one in old[a0:a]]
        rows += [_come(one) for one in new[b0:b]]
        if a < len(old) and b < len(new):
            rows.append(_changed(old[a], new[b]))
        a0, b0 = a + 1, b + 1
    return rows


def _gone(one: _Stated) -> DiffRow:
    said = (("removed", one.text),)
    return DiffRow("removed", said, (), (one.start, one.end), None, one.section)


def _come(one: _Stated) -> DiffRow:
    said = (("added", one.text),)
    return DiffRow("added", (), said, None, (one.start, one.end), one.section)


def _paired(old: Sequence[_Stated], new: Sequence[_Stated]) -> list[tuple[int, int]]:
    """Pairs in order with the largest sum of likeness (Needleman and Wunsch without a gap cost)."""
    if not old or not new or len(old) * len(new) > _PAIRS:
        return []
    words = [[_folded(one.text).split() for one in side] for side in (old, new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_likeness(a, b) for b in words[1]] for a in words[0]]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], like[i][j] + best[i + 1][j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(a: list[str], b: list[str]) -> float:
    ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
    return ratio if ratio >= _ALIKE else 0.0


def _changed(a: _Stated, b: _Stated) -> DiffRow:
    old, new = _PIECE.findall(a.text), _PIECE.findall(b.text)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    before: list[tuple[str, str]] = []
    after: list[tuple[str, str]] = []
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        one, other = "".join(old[a0:a1]), "".join(new[b0:b1])
        if tag == "equal":
            before.append(("same", one))
            after.append(("same", other))
        else:
            before += [("removed", one)] if one else []
            after += [("added", other)] if other else []
    return DiffRow(
        "changed", tuple(before), tuple(after), (a.start, a.end), (b.start, b.end), b.section
    )
