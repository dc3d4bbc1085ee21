"""case_timeline: when everything of a case was, as a drawing without a script."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from explorer.patient import Patient
from widgets.case.case_words import CaseWords
from widgets.case.shown import shown

_WIDTH, _LEFT, _RIGHT, _ROW = 1060, 150, 40, 34
_LANES = ("images", "reports", "treatments and events")
_COLORS = {"images": "#0072b2", "reports": "#e69f00", "treatments and events": "#d55e00"}
_MOST_LABEL = 26


@dataclass(frozen=True)
class _Entry:
    lane: str
    day: int
    end: int | None
    name: str


def case_timeline(patient: Patient, words: CaseWords) -> str:
    """An SVG with a lane a kind, days on the axis; and how many entries have no day.

    Parameters
    ----------
    patient : Patient
    words : CaseWords

    Returns
    -------
    str
    """
    found, undated = _entries(patient, words)
    left = "1 entry has no known day and is" if undated == 1 else (
        f"{undated} entries have no known day and are"
    )  # fmt: skip
    note = f"<p class='legend'>{left} not drawn.</p>" if undated else ""
    if not found:
        return f"<p>Nothing of this case has a known day.</p>{note}"
    first = min(one.day for one in found)
    last = max(max(one.day, one.end or one.day) for one in found)
    span = max(last - first, 1)

    def x(day: int) -> float:
        return _LEFT + (day - first) / span * (_WIDTH - _LEFT - _RIGHT)

    parts, y = [], 26.0
    for lane in _LANES:
        mine = sorted((one for one in found if one.lane == lane), key=lambda one: one.day)
        if not mine:
            continue
        drawn, rows = _lane(mine, x, y)
        parts.append(f'<text x="0" y="{y + 4:.0f}" class="quiet">{lane}</text>{drawn}')
        y += rows * _ROW + 6
    parts.append(_axis(first, last, x, y))
    spoken = "; ".join(
        f"day {one.day}: {one.name}" for one in sorted(found, key=lambda o: o.day)[:40]
    )
    return (
        f'<svg class="time" viewBox="0 0 {_WIDTH} {y + 34:.0f}" role="img" '
        f'aria-label="Timeline. {shown(spoken)}">{"".join(parts)}</svg>'
        f'<p class="legend">Days from {words.zero_is}.</p>{note}'
    )


def _entries(patient: Patient, words: CaseWords) -> tuple[list[_Entry], int]:
    found, undated = [], 0
    grouped: dict[tuple[str, int], list[str]] = defaultdict(list)
    for image in patient.images.values():
        day = words.day(image.day, image.acquired)
        if day is None:
            undated += 1
        else:
            grouped["images", day].append(image.modality)
    for report in patient.reports.values():
        day = words.day(report.day, report.date)
        if day is None:
            undated += 1
        else:
            grouped["reports", day].append("report")
    for (lane, day), names in grouped.items():
        said = ", ".join(
            name if names.count(name) == 1 else f"{names.count(name)} {name}"
            for name in dict.fromkeys(names)
        )
        found.append(_Entry(lane, day, None, said))
    for row in patient.rows("events"):
        if row["kind"] == "row":
            continue  # a table's row that says nothing of what happened
        told = words.row(row)
        day = words.day(row["day"], row["date"])
        if told is None or day is None:
            undated += day is None
            continue
        name = str(told["name"] or told["value"] or told["kind"] or "event")
        found.append(_Entry(_LANES[2], day, words.day(row["end_day"], row["end_date"]), name))
    return found, undated


def _lane(mine: list[_Entry], x: Callable[[int], float], y: float) -> tuple[str, int]:
    """Entries side by side where their labels have room, else below one another."""
    parts, ends = [], [-1e9]
    for one in mine:
        left = x(one.day)
        right = x(one.end) if one.end is not None else left
        label = one.name if len(one.name) <= _MOST_LABEL else f"{one.name[: _MOST_LABEL - 1]}…"
        need = max(right + 8, left + 12 + 6.6 * len(label))
        row = next((n for n, end in enumerate(ends) if left > end + 8), len(ends))
        if row == len(ends):
            ends.append(-1e9)
        ends[row] = need
        at = y + row * _ROW
        color = _COLORS[one.lane]
        before = left + 12 + 6.6 * len(label) > _WIDTH
        where, anchor = (left - 10, "end") if before else (left + 10, "start")
        if right > left:
            parts.append(f'<rect x="{left:.1f}" y="{at - 4:.1f}" width="{right - left:.1f}" '
                         f'height="8" rx="4" fill="{color}" opacity=".45"/>')  # fmt: skip
        parts.append(f'<circle cx="{left:.1f}" cy="{at:.1f}" r="6" fill="{color}"/>')
        parts.append(f'<text x="{where:.1f}" y="{at + (18 if right > left else 4):.1f}" '
                     f'text-anchor="{anchor}">{shown(label)}</text>')  # fmt: skip
    return "".join(parts), len(ends)


def _axis(first: int, last: int, x: Callable[[int], float], y: float) -> str:
    span = max(last - first, 1)
    step = next(
        (s for s in (1, 2, 5, 10, 20, 50, 100, 200, 365, 730, 1825, 3650) if span / s <= 9), 36500
    )
    ticks = sorted({first, last, *range(-(-first // step) * step, last + 1, step)})
    kept = [ticks[0]]
    for one in ticks[1:]:
        if x(one) - x(kept[-1]) >= 64:
            kept.append(one)
    parts = [f'<line x1="{_LEFT - 10}" x2="{_WIDTH - _RIGHT + 10}" y1="{y:.0f}" y2="{y:.0f}" '
             'stroke="currentColor" opacity=".5"/>']  # fmt: skip
    for day in kept:
        at = x(day)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y:.0f}" y2="{y + 5:.0f}" '
                     'stroke="currentColor" opacity=".5"/>'
                     f'<text x="{at:.1f}" y="{y + 20:.0f}" text-anchor="middle" class="quiet">'
                     f"day {day}</text>")  # fmt: skip
    return "".join(parts)
