"""A figure of a table of facts."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from explorer.patient import Patient
from explorer.picture import Picture
from explorer.printable import printable

_COLUMNS = (("kind", 0.0, 14), ("name", 0.14, 38), ("value", 0.46, 34), ("when", 0.73, 30))
_ROW = 0.22  # inches


def facts_figure(patient: Patient, rows: list[dict[str, Any]], most: int, **options: Any) -> Figure:
    """Draw rows as text.

    Parameters
    ----------
    patient : Patient
    rows : list of dict
        Of `facts_rows`.
    most : int
    **options
        Of the figure.
    """
    shown = rows[:most]
    figure = Picture((9, _ROW * (len(shown) + 4)), **options)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(shown) + 3, 0)
    plain: dict[str, Any] = {"parse_math": False, "va": "center", "fontsize": 9}
    axes.text(0, 0.5, printable(patient.label), weight="bold", **plain)
    for name, left, _ in _COLUMNS:
        axes.text(left, 1.5, name, weight="bold", **plain)
    axes.axhline(2, color="0.4", linewidth=0.8)
    for k, row in enumerate(shown):
        for name, left, longest in _COLUMNS:
            missing = name == "value" and not row["value"]
            text = row["state"] if missing else row[name]
            text = " ".join(printable(text).split())
            text = text if len(text) <= longest else text[: longest - 1] + "…"
            style: dict[str, Any] = {"style": "italic", "color": "0.35"} if missing else {}
            axes.text(left, k + 2.5, text, **plain, **style)
    rest = len(rows) - len(shown)
    if rest > 0:
        axes.text(0, len(shown) + 2.6, f"and {rest} more rows", color="0.35", **plain)
    if any(row["synthetic"] for row in shown):
        axes.text(1, 0.5, "parts are synthetic", ha="right", color="0.35", **plain)
    return figure
