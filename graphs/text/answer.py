"""read_answer: a language model's JSON as findings, or the reason why it is none."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import replace
from typing import Any, get_args

from graphs.errors import ExtractionRefusedError
from graphs.finding import Assertion, Change, Finding, Laterality
from graphs.measured_value import MeasuredValue
from graphs.text.sections import sections
from graphs.text.sentences import sentences

ASSERTIONS: tuple[str, ...] = get_args(Assertion)
LATERALITIES: tuple[str, ...] = get_args(Laterality)
CHANGES: tuple[str, ...] = get_args(Change)
UNITS = ("mm", "cm", "m", "ml", "HU", "SUV", "%")
_KINDS = {
    "ml": "volume",
    "HU": "hu",
    "SUV": "suvmax",
    "%": "percent",
}
_NEEDED = {"text", "entity", "assertion"}
_KEYS = {*_NEEDED, "start", "end", "laterality", "location", "change", "measurements"}
_VALUE_KEYS = {"text", "value", "unit"}
_MOST_FINDINGS = 1000
_MOST_CHARACTERS = 1 << 20
_SHOWN = 5

SCHEMA = f"""{{"findings": [{{
  "text": "words of the report, copied exactly",
  "entity": "name of the observation, in lower case",
  "assertion": {" | ".join(json.dumps(one) for one in ASSERTIONS)},
  "laterality": {" | ".join(json.dumps(one) for one in LATERALITIES)} | null,
  "change": {" | ".join(json.dumps(one) for one in CHANGES)} | null
}}]}}"""


class _Fault(Exception):
    """One thing that is wrong, with its place in the answer."""


def read_answer(text: str, answer: str) -> list[Finding]:
    """Read what a model answered; all of it is right, or none of it is taken.

    Parameters
    ----------
    text : str
        The report that was asked about.
    answer : str
        One JSON document: ``{"findings": [{"text", "entity", "assertion", ...}]}``. ``text`` must
        stand in the report; with ``start`` and ``end`` at that very place, without them the first
        such words that no earlier finding of the answer has taken. Optional: ``laterality``,
        ``location``, ``change``, ``measurements`` (``[{"text", "value", "unit"}]``).

    Returns
    -------
    list of Finding
        In the order of their places, with section and sentence.

    Raises
    ------
    ExtractionRefusedError
        Cut off, more than one JSON document, another type, words that are not in the report, places
        that do not slice back, an unknown assertion: the message says which and where.
    """
    found = _document(answer)
    if not isinstance(found, dict) or set(found) != {"findings"}:
        raise _refused("the answer is not an object with the key 'findings' alone")
    rows = found["findings"]
    if not isinstance(rows, list):
        raise _refused(f"findings is {_kind(rows)}, not a list")
    if len(rows) > _MOST_FINDINGS:
        raise _refused(f"{len(rows)} findings of one report")
    faults, taken, made = [], set[tuple[int, int]](), []
    for number, row in enumerate(rows):
        try:
            made.append(_finding(text, row, f"findings[{number}]", taken))
        except _Fault as fault:
            faults.append(str(fault))
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise _refused("; ".join(faults[:_SHOWN]) + more)
    return _placed(text, sorted(made, key=lambda one: (one.start, one.end)))


def _refused(reason: str) -> ExtractionRefusedError:
    return ExtractionRefusedError(f"The model's answer is refused: {reason}")


def _document(answer: str) -> Any:
    if len(answer) > _MOST_CHARACTERS:
        raise _refused(f"{len(answer)} characters")
    body = answer.strip()
    if not body:
        raise _refused("it is empty")
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_constant)
    try:
        found, end = decoder.raw_decode(body)
    except _Fault as fault:
        raise _refused(str(fault)) from fault
    except RecursionError as error:
        raise _refused("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        if not body.startswith(("{", "[")):
            raise _refused(f"text before the JSON: {body[:40]!r}") from error
        cut = error.pos >= len(body) or error.msg.startswith("Unterminated")
        why = "it is cut off" if cut else "it is no JSON"
        raise _refused(f"{why} at character {error.pos}: {error.msg}") from error
    except ValueError as error:  # an integer of thousands of digits
        raise _refused(f"it is no JSON: {error}") from error
    if end < len(body):
        raise _refused(f"text behind the JSON: {body[end : end + 40]!r}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Fault("a key stands twice in one object")
    return found


def _constant(name: str) -> float:
    raise _Fault(f"{name} is no number of JSON")


def _finding(text: str, row: Any, place: str, taken: set[tuple[int, int]]) -> Finding:
    if not isinstance(row, dict):
        raise _Fault(f"{place} is {_kind(row)}, not an object")
    unknown, missing = set(row) - _KEYS, _NEEDED - set(row)
    if unknown or missing:
        what = f"has no {sorted(missing)}" if missing else f"has the unknown {sorted(unknown)}"
        raise _Fault(f"{place} {what}")
    quote = _text(row, "text", place)
    start, end = _span(text, quote, row, place, taken)
    taken.add((start, end))
    location = row.get("location")
    if location is not None and _text(row, "location", place) not in text:
        raise _Fault(f"{place}.location is not in the report: {location[:40]!r}")
    values = row.get("measurements", [])
    if not isinstance(values, list):
        raise _Fault(f"{place}.measurements is {_kind(values)}, not a list")
    return Finding(
        start,
        end,
        quote,
        _text(row, "entity", place).lower(),
        assertion=_one_of(row, "assertion", ASSERTIONS, place),
        laterality=_one_of(row, "laterality", LATERALITIES, place),
        change=_one_of(row, "change", CHANGES, place),
        location=location,
        measurements=tuple(
            _measured(text, one, f"{place}.measurements[{n}]", start)
            for n, one in enumerate(values)
        ),
    )


def _span(
    text: str, quote: str, row: dict[str, Any], place: str, taken: set[tuple[int, int]]
) -> tuple[int, int]:
    if ("start" in row) != ("end" in row):
        raise _Fault(f"{place} has one of start and end")
    if "start" in row:
        start, end = row["start"], row["end"]
        if type(start) is not int or type(end) is not int:
            raise _Fault(f"{place}.start and end are not whole numbers")
        if not 0 <= start < end <= len(text) or text[start:end] != quote:
            raise _Fault(f"{place}: characters {start} to {end} are not {quote[:40]!r}")
        return start, end
    at = text.find(quote)
    if at < 0:
        raise _Fault(f"{place}.text is not in the report: {quote[:40]!r}")
    while at >= 0 and (at, at + len(quote)) in taken:
        at = text.find(quote, at + 1)
    if at < 0:
        raise _Fault(f"{place}.text is there less often than it is named: {quote[:40]!r}")
    return at, at + len(quote)


def _measured(text: str, row: Any, place: str, near: int) -> MeasuredValue:
    if not isinstance(row, dict) or set(row) != _VALUE_KEYS:
        raise _Fault(f"{place} is not an object with {sorted(_VALUE_KEYS)}")
    quote, values = _text(row, "text", place), row["value"]
    if not isinstance(values, list) or not 1 <= len(values) <= 3:
        raise _Fault(f"{place}.value is not a list of one to three numbers")
    for one in values:
        if isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            raise _Fault(f"{place}.value holds {one!r:.40}, which is no number")
    unit = _one_of(row, "unit", UNITS, place)
    at = [n for n in range(len(text)) if text.startswith(quote, n)]
    if not at:
        raise _Fault(f"{place}.text is not in the report: {quote[:40]!r}")
    start = min(at, key=lambda n: abs(n - near))
    return MeasuredValue(
        tuple(float(one) for one in values),
        unit,
        _KINDS.get(unit, "size"),
        start,
        start + len(quote),
    )


def _text(row: dict[str, Any], name: str, place: str) -> str:
    found = row[name]
    if not isinstance(found, str):
        raise _Fault(f"{place}.{name} is {_kind(found)}, not text")
    if not found.strip():
        raise _Fault(f"{place}.{name} is empty")
    return found


def _one_of(row: dict[str, Any], name: str, known: tuple[str, ...], place: str) -> Any:
    found = row.get(name)
    if found is None and name not in ("assertion", "unit"):
        return None
    if found not in known:
        raise _Fault(f"{place}.{name} is {found!r:.40}, not one of {', '.join(known)}")
    return found


def _kind(found: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return names.get(type(found), "null" if found is None else "a number")


def _placed(text: str, found: list[Finding]) -> list[Finding]:
    """With section and sentence."""
    parts = sections(text)
    said = sentences(text, parts)
    begins, starts = [one.start for one in said], [one.start for one in parts]
    placed = []
    for one in found:
        index = max(0, bisect_right(begins, one.start) - 1)
        sentence = said[index] if said else None
        placed.append(
            replace(
                one,
                section=parts[bisect_right(starts, one.start) - 1].name,
                sentence=index,
                sentence_start=min(sentence.start, one.start) if sentence else one.start,
                sentence_end=max(sentence.end, one.end) if sentence else one.end,
            )
        )
    return placed
