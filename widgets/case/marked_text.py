"""marked_text: a report's text with its findings marked in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from widgets.case.shown import shown

_TOKEN = re.compile(r"\w+|\W")


@dataclass(frozen=True)
class Mark:
    """A place in a text.

    Attributes
    ----------
    start, end : int
        Unicode code points, half-open.
    number : int
        As it is shown behind the words.
    kind : str
        The assertion: a CSS class.
    title : str
        What it says, for people who cannot see the colour.
    """

    start: int
    end: int
    number: int
    kind: str
    title: str


def marked_text(text: str, marks: Sequence[Mark]) -> str:
    """HTML of a text; marks may overlap.

    Parameters
    ----------
    text : str
    marks : sequence of Mark

    Returns
    -------
    str
        Everything of `text` is escaped. Each mark ends with its number as a link to
        ``#finding-<number>``.
    """
    cuts = sorted({0, len(text), *(p for one in marks for p in (one.start, one.end))})
    parts = []
    for left, right in pairwise(cuts):
        inside = [one for one in marks if one.start <= left and right <= one.end]
        words = shown(text[left:right])
        if inside:
            kind = min((one.kind for one in inside), key=_RANK.index)
            words = f'<mark class="{kind}">{words}</mark>'
        parts.append(words)
        parts += [
            f'<a class="to" href="#finding-{one.number}" aria-label="Finding {one.number}: '
            f'{shown(one.title)}">{one.number}</a>'
            for one in marks
            if one.end == right
        ]
    return "".join(parts)


_RANK = ("present", "uncertain", "absent", "not_assessed")


def moved(marks: Sequence[Mark], before: str, after: str) -> tuple[list[Mark], list[Mark]]:
    """Where marks lie once words of the text were replaced.

    Parameters
    ----------
    marks : sequence of Mark
        Places in `before`.
    before, after : str

    Returns
    -------
    kept, lost : list of Mark
        Places in `after`; those whose words do not read the same there are lost.
    """
    if before == after:
        return list(marks), []
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    at, place = _starts(old), _starts(new)
    where: dict[int, int] = {}
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            begin, target = at[block.a + k], place[block.b + k]
            where.update((begin + n, target + n) for n in range(len(old[block.a + k])))
    kept, lost = [], []
    for one in marks:
        first, last = where.get(one.start), where.get(one.end - 1)
        said = before[one.start : one.end]
        if first is None or last is None or said != after[first : last + 1]:
            lost.append(one)
        else:
            kept.append(Mark(first, last + 1, one.number, one.kind, one.title))
    return kept, lost


def _starts(tokens: Sequence[str]) -> list[int]:
    found, at = [], 0
    for one in tokens:
        found.append(at)
        at += len(one)
    return found
