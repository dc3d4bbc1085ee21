"""A report as a static figure: its words with marks, places and checks beside them, a legend."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D

from explorer.picture import Picture
from widgets.palette import ASSERTIONS, SELECTED, VERDICTS
from widgets.report_content import report_content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from explorer.patient import Patient

_FONT = "DejaVu Sans Mono"
_SIZE, _LINE = 8.0, 0.19  # points; inches from line to line
_ADVANCE = 0.602 * _SIZE / 72  # inches: the advance of every glyph of the font
_STYLES: dict[str, Any] = {"present": "-", "uncertain": "--", "absent": ":", "not assessed": "-."}
_COLORS = {**ASSERTIONS, "not assessed": ASSERTIONS["absent"]}
_SIGNS = {"agrees": "✓", "contradicts": "✗", "cannot tell": "?"}
_GAP = 3  # columns between text and margin


@dataclass(frozen=True)
class _Line:
    """A stretch of the text that fits the width."""

    start: int
    end: int


def report_figure(
    patient: Patient,
    report: str,
    *,
    columns: int = 88,
    margin: int = 54,
    lines: int = 70,
) -> Figure:
    """Draw a report with its findings.

    Parameters
    ----------
    patient : Patient
    report : str
        Id.
    columns, margin : int
        Widths of text and margin, characters.
    lines : int
        The first so many lines are drawn; how many more there are is said.

    Returns
    -------
    matplotlib.figure.Figure
        Text stays text (no mathematics in it). A character that the font lacks is drawn as a
        box, and right-to-left text in the order in which it is stored.

    Raises
    ------
    NotFoundError
        There is no such report.
    """
    content = report_content(patient, report)
    text = content["text"]
    every = list(_wrapped(text, columns))
    kept = every[:lines]
    notes = _notes(content, kept, margin)
    # notes go down where there is no room: each names its words
    placed: list[tuple[int, str, str]] = []
    for at, beside in enumerate(notes):
        for words, color in beside:
            placed.append((max(at, placed[-1][0] + 1 if placed else 0), words, color))
    rows = max(len(kept), placed[-1][0] + 1 if placed else 0)
    height = (rows + 5) * _LINE
    width = (columns + _GAP + margin + 2) * _ADVANCE
    figure = Picture(size=(width, height), facecolor="white")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(-1, columns + _GAP + margin + 1), ylim=(rows + 2.7, -2.3))
    axis.set_axis_off()
    more = f", {len(every) - len(kept)} more lines" if len(every) > len(kept) else ""
    made = " · synthetic" if content["synthetic"] else ""
    _write(axis, 0, -1.4, f"{content['when']} · {content['name']}{made}{more}", weight="bold")
    for at, line in enumerate(kept):
        _draw_line(axis, text, line, at, content["findings"])
    for at, words, color in placed:
        _write(axis, columns + _GAP, at, words, color="#222222")
        axis.plot([columns + _GAP - 1] * 2, [at - 0.35, at + 0.35], color=color, linewidth=2.5)
    _legend(axis, content)
    return figure


def _wrapped(text: str, columns: int) -> Iterator[_Line]:
    """Lines of at most so many columns, broken at white space where there is some."""
    start = at = width = 0
    space = -1
    while at < len(text):
        if text[at] == "\n":
            yield _Line(start, at)
            start, width, space = at + 1, 0, -1
        else:
            if text[at].isspace():
                space = at
            width += _columns(text[at])
            if width > columns:
                end = space + 1 if space > start else at
                yield _Line(start, end)
                width = sum(map(_columns, text[end : at + 1]))
                start, space = end, -1
        at += 1
    if start < len(text):
        yield _Line(start, len(text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@cache
def _known() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=_FONT))).get_charmap())


def _shown(text: str) -> str:
    """What the font can draw; what it lacks is a box."""
    kept = (char for char in text if unicodedata.category(char) not in ("Cc", "Cf"))
    return "".join(char if ord(char) in _known() else "□" for char in kept)


def _write(axis: Axes, x: float, y: float, text: str, **style: Any) -> None:
    axis.text(
        x, y, _shown(text), va="center", ha="left", family=_FONT, fontsize=_SIZE,
        parse_math=False, **style,
    )  # fmt: skip


def _draw_line(axis: Axes, text: str, line: _Line, at: int, findings: list[dict[str, Any]]) -> None:
    column = 0
    for char in text[line.start : line.end]:
        # one by one: what is drawn stands where its column is, whatever is missing in the font
        if _columns(char) and not char.isspace():
            _write(axis, column, at, char)
        column += _columns(char)
    inside = [
        one for one in findings
        if one["start"] < line.end and one["end"] > line.start and one["end"] > one["start"]
    ]  # fmt: skip
    for depth, one in enumerate(sorted(inside, key=lambda f: f["end"] - f["start"])):
        shared = any(
            other is not one and other["start"] < one["end"] and one["start"] < other["end"]
            for other in inside
        )
        left, right = max(one["start"], line.start), min(one["end"], line.end)
        spans = [sum(map(_columns, text[line.start : place])) for place in (left, right)]
        lower = at + 0.36 + (0.12 * depth if shared else 0)
        axis.plot(
            spans, [lower] * 2, linestyle=_STYLES[one["assertion"]],
            color=_COLORS[one["assertion"]], linewidth=1.8, solid_capstyle="butt",
        )  # fmt: skip


def _notes(content: dict[str, Any], lines: list[_Line], margin: int) -> list[list[tuple[str, str]]]:
    """What stands beside each line: of each finding that ends there, where it is and the checks."""
    found: list[list[tuple[str, str]]] = [[] for _ in lines]
    for one in content["findings"]:
        at = next((k for k, line in enumerate(lines) if line.start < one["end"] <= line.end), None)
        if at is None:
            continue
        color = _COLORS[one["assertion"]]
        found[at].append((_short(f"{one['text']}: {one['assertion']}", margin), color))
        for place in content["groundings"]:
            if place["finding"] == one["id"] and place["target"] is not None:
                score = "" if place["score"] is None else f" {place['score']:.3g}"
                by = f"  {place['status']}: {place['place']} ({place['method']}{score})"
                found[at].append((_short(by, margin), SELECTED))
        for check in content["verdicts"]:
            if check["finding"] == one["id"]:
                told = f"  {_SIGNS[check['verdict']]} {check['cue']} {check['verdict']}"
                told += " (within the report): " if check["against"] == "itself" else ": "
                told += f"{check['said'] or '-'} | {check['seen'] or '-'}"
                found[at].append((_short(told, margin), VERDICTS[check["verdict"]]))
    return found


def _short(text: str, most: int) -> str:
    plain = " ".join(text.split())
    lead = "  " if text.startswith("  ") else ""
    return (lead + plain)[:most] if len(plain) <= most else (lead + plain)[: most - 1] + "…"


def _legend(axis: Axes, content: dict[str, Any]) -> None:
    used = [name for name in _STYLES if any(f["assertion"] == name for f in content["findings"])]
    handles = [
        Line2D([], [], color=_COLORS[one], linestyle=_STYLES[one], linewidth=1.8, label=one)
        for one in used
    ]
    if handles:
        axis.legend(
            handles=handles, loc="lower left", ncols=4, frameon=False,
            prop={"family": _FONT, "size": _SIZE},
        )  # fmt: skip
