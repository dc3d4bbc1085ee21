"""fill: a structured report from a free one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from graphs.finding import Finding
from graphs.text.filled_template import FilledTemplate, Slot, Value
from graphs.text.sections import sections
from graphs.text.sentences import sentences
from graphs.text.template_item import UNITS, TemplateItem
from graphs.text.template_rows import finding_rows
from graphs.text.template_schema import TemplateSchema

_NUMBER = r"\d+(?:[.,]\d+)?"
_SIZE = re.compile(
    rf"({_NUMBER})\s*(mm|cm)?(?:\s*[x×]\s*({_NUMBER})\s*(mm|cm)?)?"  # noqa: RUF001
    rf"(?:\s*[x×]\s*({_NUMBER})\s*(mm|cm)?)?\s*(mm|cm)?(?!\w)",  # noqa: RUF001
    re.I,
)
_PLAIN = re.compile(rf"(?<![\w.]){_NUMBER}")
_DENIED = re.compile(
    r"\b(?:no|not|without|neither|nor|negative for|free of|absence of|denies|never|resolved"
    r"|geen|zonder|sin|ningún|ninguna)\b|未见|無い|ない|なし|无",
    re.I,
)
_DENIED_AFTER = re.compile(
    r"\s*(?:is|are|was|were|has been|have been)?\s*(?:not (?:seen|identified|present|evident"
    r"|enlarged|involved|demonstrated|visualized)|absent|normal|unremarkable|resolved|negative"
    r"|within normal|clear|none|no\b)"
    r"|[:：]\s*(?:no|none|absent|negative|normal)\b|は?(?:認めない|なし)",  # noqa: RUF001
    re.I,
)
_HEDGED = re.compile(
    r"\b(?:possibl[ey]|probabl[ey]|may|might|could|suspicious|suspected|questionable|cannot be"
    r" excluded|equivocal|versus|likely|suggest\w*|uncertain|concerning)\b|疑い|可能",
    re.I,
)
_CLOSE = 12  # characters; room for an adjective
_TURN = re.compile(r"\b(?:but|however|although|except|otherwise|there (?:is|are)(?! no))\b|;", re.I)


def fill(
    schema: TemplateSchema, text: str, findings: Sequence[Finding] | None = None
) -> FilledTemplate:
    """Fill a template from a report.

    Words of the schema are looked for sentence by sentence; nothing is filled in that the report
    does not say, and each value keeps the place that says it. What a hedge or a denial does is
    told by common words of English, and a few of Dutch, Spanish, Chinese and Japanese.

    Parameters
    ----------
    schema : TemplateSchema
    text : str
        The report; hostile.
    findings : sequence of Finding, optional
        What an extractor found in the same text: items with 'from' are answered by them.

    Returns
    -------
    FilledTemplate

    Examples
    --------
    >>> schema = TemplateSchema.read("tnm")
    >>> fill(schema, "Adenocarcinoma, pT2a pN0.").slots["t"].value
    'T2a'
    """
    parts = sections(text)
    said = [
        (one.start, one.end, next(p.name for p in parts if p.start <= one.start < p.end))
        for one in sentences(text, parts)
    ]
    if schema.rows is None:
        return FilledTemplate(
            schema, ({item.name: _single(item, text, said) for item in schema.items},)
        )
    if findings is not None and schema.item(schema.rows).source:
        return FilledTemplate(schema, finding_rows(schema, text, findings))
    return FilledTemplate(schema, tuple(_rows(schema, text, said)))


Said = tuple[int, int, str]


def _single(item: TemplateItem, text: str, said: Sequence[Said]) -> Slot:
    """The answer to an item of a form that is filled once."""
    inside = [one for one in said if one[2] in item.sections] if item.sections else []
    answers = [
        slot
        for start, end, _ in (inside or said)
        if _has(item.along, text, start, end)
        for slot in _answers(item, text, start, end)
    ]
    if not answers and item.kind == "text" and not item.words and inside:
        start, end = inside[0][0], inside[-1][1]  # the section itself
        return _slot(item, text[start:end], text, start, end)
    if not answers:
        return Slot()
    if item.take == "largest":
        return max(answers, key=_largest)
    if item.kind == "yes_no" and item.take == "first":
        # 'no' of one place does not outweigh 'yes' of another
        order = {"yes": 0, "uncertain": 1, "no": 2}
        return min(answers, key=lambda slot: order[str(slot.value)])
    return answers[-1] if item.take == "last" else answers[0]


def _largest(slot: Slot) -> float:
    if isinstance(slot.value, tuple):
        return max(slot.value)
    return slot.value if isinstance(slot.value, float) else 0.0


def _answers(item: TemplateItem, text: str, start: int, end: int) -> Iterator[Slot]:
    """Answers of one sentence."""
    if item.kind == "code" and item.pattern is not None:
        for match in item.pattern.finditer(text, start, end):
            group = 1 if match.re.groups else 0
            if match.start(group) >= 0:
                yield _slot(item, match[group], text, match.start(group), match.end(group))
        return
    if item.kind == "choice":
        if _has(item.words, text, start, end):
            yield from _chosen(item, text, start, end)
        return
    if not item.words:
        return
    for match in _words(item.words).finditer(text, start, end):
        if item.kind == "yes_no":
            value = _assertion(text, start, match.start(), match.end(), end)
            yield _slot(item, value, text, match.start(), match.end())
        elif item.kind == "text":
            at = re.compile(r"\s*(?:is|are|was|:|：|-)?\s*", re.I).match(text, match.end(), end)  # noqa: RUF001
            begin = at.end() if at else match.end()
            if begin < end:
                yield _slot(item, text[begin:end].rstrip(".。 "), text, begin, end)
        else:
            found = _number(item, text, match, start, end)
            if found is not None:
                yield found


def _chosen(item: TemplateItem, text: str, start: int, end: int) -> Iterator[Slot]:
    for place, stop, value in _choices(item, text, start, end):
        if _assertion(text, start, place, stop, end) != "no" or _DENIED.match(text, place, stop):
            yield _slot(item, value, text, place, stop)


def _choices(item: TemplateItem, text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Mentions of the choices: of those that overlap the longest, in their order."""
    found = sorted(
        (
            (match.start(), match.end(), value)
            for value, words in item.choices.items()
            for match in _words(words).finditer(text, start, end)
        ),
        key=lambda one: (one[0] - one[1], one[0]),
    )
    kept: list[tuple[int, int, str]] = []
    for one in found:
        if all(one[1] <= other[0] or other[1] <= one[0] for other in kept):
            kept.append(one)
    return sorted(kept)


def _number(
    item: TemplateItem, text: str, match: re.Match[str], start: int, end: int
) -> Slot | None:
    """The number behind the words, unless one stands right before them: 'a 2 cm nodule'."""
    pattern = _SIZE if item.kind == "size" else _PLAIN
    turn = _TURN.search(text, match.end(), end)
    behind = list(pattern.finditer(text, match.end(), turn.start() if turn else end))
    before = list(pattern.finditer(text, start, match.start()))[::-1]
    close = [one for one in before[:1] if match.start() - one.end() <= _CLOSE]
    if item.kind == "number":
        close = [one for one in behind[:1] if one.start() - match.end() <= _CLOSE] + close
    for one in (*close, *behind, *before):
        value: Value = _size(item, one) if item.kind == "size" else float(one[0].replace(",", "."))
        if value is not None:
            return _slot(item, value, text, one.start(), one.end())
    return None


def _size(item: TemplateItem, match: re.Match[str]) -> tuple[float, ...] | None:
    units = [one for one in (match[2], match[4], match[6], match[7]) if one]
    if not units:
        return None
    axes = []
    for number, own in ((match[1], match[2]), (match[3], match[4]), (match[5], match[6])):
        if number:
            factor = UNITS[(own or units[-1]).lower()] / UNITS[item.unit or "mm"]
            axes.append(round(float(number.replace(",", ".")) * factor, 6))
    return tuple(axes)


def _assertion(text: str, start: int, begin: int, stop: int, end: int) -> str:
    """'yes', 'no' or 'uncertain' of a mention in its sentence."""
    turns = [one.end() for one in _TURN.finditer(text, start, begin)]
    left = turns[-1] if turns else start
    turn = _TURN.search(text, stop, end)
    right = turn.start() if turn else end
    if _DENIED.search(text, left, begin) or _DENIED_AFTER.match(text, stop, right):
        return "no"
    return "uncertain" if _HEDGED.search(text, left, right) else "yes"


def _rows(schema: TemplateSchema, text: str, said: Sequence[Said]) -> Iterator[dict[str, Slot]]:
    """A row for each mention that is not denied; what stands nearest to it belongs to it."""
    key = schema.item(schema.rows or "")
    for start, end, section in said:
        if key.sections and section not in key.sections:
            continue
        heads = _choices(key, text, start, end)
        kept = [
            (place, stop, value)
            for place, stop, value in heads
            if _assertion(text, start, place, stop, end) != "no"
        ]
        if not kept:
            continue
        rows = [{item.name: Slot() for item in schema.items} for _ in kept]
        for row, (place, stop, value) in zip(rows, kept, strict=True):
            row[key.name] = _slot(key, value, text, place, stop)
        for item in schema.items:
            if item is key:
                continue
            for slot in _answers(item, text, start, end):
                nearest = min(heads, key=lambda head: _gap(head, slot))
                if nearest in kept and rows[kept.index(nearest)][item.name].value is None:
                    rows[kept.index(nearest)][item.name] = slot
        yield from rows


def _gap(head: tuple[int, int, str], slot: Slot) -> int:
    if slot.start is None or slot.end is None:
        return 0
    return max(head[0] - slot.end, slot.start - head[1], 0)


def _slot(item: TemplateItem, value: Value, text: str, start: int, end: int) -> Slot:
    return Slot(value, "present", start, end, text[start:end], item.fault(value))


def _has(words: tuple[str, ...], text: str, start: int, end: int) -> bool:
    return not words or _words(words).search(text, start, end) is not None


@lru_cache(maxsize=4096)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these words; a star at the end stands for the rest of a word."""
    spelled = []
    for word in sorted(words, key=len, reverse=True):
        body = re.escape(word.rstrip("*")).replace(r"\ ", r"\s+")
        left = r"(?<!\w)" if word[:1].isascii() else ""
        right = r"\w*" if word.endswith("*") else r"(?!\w)" if word[-1:].isascii() else ""
        spelled.append(f"{left}{body}{right}")
    return re.compile("|".join(spelled), re.I)
