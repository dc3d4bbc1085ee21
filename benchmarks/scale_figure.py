"""The growth curves of `scale.py` as one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explorer.picture import Picture

_PANELS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("patients", "patients with arrays", "ms", (
        "open a patient by name, ms", "first slice of a patient, ms", "commit of a fact, ms",
        "commit of a new patient with arrays, ms", "10 patients: commit of a fact, ms",
    )),
    ("patients", "patients with arrays", "ms", (
        "count patients, ms", "list names, ms", "cohort of all, ms", "cohort query, first, ms",
        "cohort query, again, ms",
    )),
    ("patients", "patients with arrays", "s", ("walk its files, s", "compact, s")),
    ("series", "series, rows alone", "ms", (
        "one patient's items, ms", "commit of a new patient's fact, ms", "cohort query, again, ms",
        "cohort query, first, ms", "facets, first, ms", "cohort of all, ms",
    )),
)  # fmt: skip


def scale_figure(document: dict[str, Any], target: Path) -> None:
    """Write it; both axes are logarithmic, so that what is linear is a slope of one."""
    figure = Picture((11, 8), layout="constrained")
    for axes, (what, label, unit, names) in zip(figure.subplots(2, 2).flat, _PANELS, strict=True):
        points = document[what]
        for name in names:
            at = [size for size in sorted(points, key=int) if name in points[size]]
            values = [points[size][name] for size in at]
            axes.loglog([int(size) for size in at], values, "o-", label=name.rpartition(",")[0])
        axes.set_xlabel(label)
        axes.set_ylabel(unit)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=80)
