"""A data card's figure: balance and missingness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.picture import Picture
from explorer.printable import printable

_MOST_LETTERS, _MOST_ROWS = 28, 24
_PRESENT = "#4477aa"  # Tol's bright scheme, told apart by colour-blind people
_ABSENT = ("#bbbbbb", "#ee6677", "#ccbb44", "#aa3377", "#66ccee", "#228833")


def card_figure(document: Mapping[str, Any]) -> Picture:
    """Draw a card.

    Parameters
    ----------
    document : mapping
        Of `DataCard`.

    Returns
    -------
    Picture
    """
    balance = document["balance"]
    missing = document["missing"]
    rows = missing["rows"][:_MOST_ROWS]
    figure = Picture((11, 2.6 + 0.24 * len(rows)), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[2.4, 0.4 + 0.24 * max(len(rows), 1)])
    top, bottom = parts
    for axes, (name, counts) in zip(
        top.subplots(1, len(balance), squeeze=False)[0], balance.items(), strict=True
    ):
        known = [(_short(label), n) for label, n in counts.items() if isinstance(n, int)][::-1]
        axes.barh([label for label, _ in known], [n for _, n in known], color=_PRESENT)
        axes.set_title(_short(name), fontsize=9)
        axes.set_xlabel("patients", fontsize=8)
        axes.tick_params(labelsize=7)
    axes = bottom.subplots()
    labels = [_short(str(row[0])) for row in rows][::-1]
    left = [0.0] * len(rows)
    for column, name in enumerate(missing["columns"][1:]):
        values = [_number(row[column + 1]) for row in rows][::-1]
        color = _PRESENT if column == 0 else _ABSENT[(column - 1) % len(_ABSENT)]
        axes.barh(range(len(rows)), values, left=left, color=color, label=_short(name))
        left = [a + b for a, b in zip(left, values, strict=True)]
    axes.set_yticks(range(len(rows)), labels, fontsize=7)
    axes.set_xlabel("patients", fontsize=8)
    axes.tick_params(axis="x", labelsize=7)
    axes.set_title("Who has it, and why the rest do not", fontsize=9)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def _short(text: str) -> str:
    # a dollar sign would begin matplotlib's mathematics
    shown = printable(text).replace("$", r"\$")
    return shown if len(shown) <= _MOST_LETTERS else shown[: _MOST_LETTERS - 1] + "…"


def _number(told: int | str) -> float:
    return float(told) if isinstance(told, int) else 0.0
