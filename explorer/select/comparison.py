"""Comparison: who came and who went between two sets of patients, why, and whose data changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer.html import Raw, table_html
from explorer.picture import Picture
from explorer.printable import printable

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_SHOWN = 50
_BARS = 10
_COLORS = {"the same": "#5b7083", "changed": "#b8860b", "came": "#2e7d4f", "went": "#b23b3b"}


@dataclass(frozen=True, eq=False)
class Comparison:
    """From one set to another.

    All texts of patients, facts and names are hostile.

    Attributes
    ----------
    before, after : PatientSet
    came : pandas.DataFrame
        Columns key, label, version, why: why the first set did not have them.
    went : pandas.DataFrame
        The same: why the second set does not have them.
    changed : pandas.DataFrame
        Of those in both at another version: key, label, version_from, version_to, tables (a list),
        items (a list: '+ id' came, '- id' went, '~ id' reads otherwise).
    same : int
        How many are in both at one version.
    """

    before: PatientSet
    after: PatientSet
    came: pd.DataFrame
    went: pd.DataFrame
    changed: pd.DataFrame
    same: int

    @property
    def counts(self) -> dict[str, int]:
        """Patients before, after, the same, changed, came and went."""
        return {
            "before": self.same + len(self.changed) + len(self.went),
            "after": self.same + len(self.changed) + len(self.came),
            "the same": self.same, "changed": len(self.changed), "came": len(self.came),
            "went": len(self.went),
        }  # fmt: skip

    def reasons(self) -> pd.DataFrame:
        """How many came and went for which reason: columns which, why, patients."""
        rows = [
            (which, why, int(n))
            for which, frame in (("came", self.came), ("went", self.went))
            for why, n in frame["why"].value_counts().items()
        ]
        return pd.DataFrame(rows, columns=["which", "why", "patients"])

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "before": self.before.name or None, "after": self.after.name or None,
            "counts": self.counts,
            "reasons": self.reasons().to_dict("records"),
            **{name: getattr(self, name).to_dict("records") for name in _FRAMES},
        }  # fmt: skip

    def figure(self, *, ink: str = "#222222", ground: str = "#ffffff") -> Picture:
        """A bar for those who stayed, changed, came and went, the last two by their reasons."""
        counts = self.counts
        bars = [(name, counts[name], _COLORS[name]) for name in ("the same", "changed")]
        bars += [
            (f"{which}: {why}", n, _COLORS[which])
            for which, why, n in self.reasons().head(_BARS).itertuples(index=False)
        ]
        figure = Picture((8.0, 0.42 * len(bars) + 1.0), facecolor=ground, layout="constrained")
        axes = figure.add_subplot(facecolor=ground)
        names = [_short(name) for name, _, _ in bars]
        places = range(len(bars))
        drawn = axes.barh(places, [n for _, n, _ in bars], color=[one for _, _, one in bars])
        axes.bar_label(drawn, padding=3, color=ink, fontsize=8.5)
        axes.set_yticks(places, names, fontsize=8.5, color=ink)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_xlabel("patients", color=ink)
        axes.tick_params(colors=ink)
        for side, line in axes.spines.items():
            line.set_visible(side in ("left", "bottom"))
            line.set_color(ink)
        return figure

    def __repr__(self) -> str:
        return f"<Comparison: {', '.join(f'{name} {n}' for name, n in self.counts.items())}>"

    def _repr_html_(self) -> str:
        first = self.before.name or "the first set"
        second = self.after.name or "the second set"
        parts = [table_html(list(self.counts), [list(self.counts.values())], f"{first} → {second}")]
        parts.append(_table(self.reasons(), "Why they came and went"))
        for name in _FRAMES:
            frame = getattr(self, name)
            more = f", {_SHOWN} shown" if len(frame) > _SHOWN else ""
            shown = frame.drop(columns="key").head(_SHOWN)
            parts.append(_table(shown, f"{name}: {len(frame)} patients{more}"))
        return Raw("".join(parts))


_FRAMES = ("came", "went", "changed")


def _table(frame: pd.DataFrame, caption: str) -> str:
    if frame.empty:
        return ""
    rows = [
        [", ".join(cell) if isinstance(cell, list) else cell for cell in row]
        for row in frame.itertuples(index=False)
    ]
    return table_html(list(frame.columns), rows, caption)


def _short(text: str) -> str:
    line = printable(text).replace("\n", " ").replace("$", r"\$")
    return line if len(line) <= 70 else line[:69] + "…"
