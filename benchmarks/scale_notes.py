"""What was measured of growing stores, on the disk and as tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil


class Notes:
    """What was measured, on the disk after each step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.document: dict[str, dict[str, dict[str, float]]] = {
            "patients": {}, "series": {}, "frozen patients": {}
        }  # fmt: skip
        if path.exists():
            self.document |= json.loads(path.read_text())

    def has(self, what: str, size: int) -> bool:
        """Whether it has been measured."""
        return str(size) in self.document[what]

    def add(self, what: str, size: int, found: dict[str, float]) -> None:
        """Keep it, with the load that the machine was under."""
        self.document[what][str(size)] = {**found, "load": psutil.getloadavg()[0]}
        self.path.write_text(json.dumps(self.document, indent=1))
        sys.stderr.write(f"{what} {size:,}: {self.document[what][str(size)]}\n")

    def markdown(self) -> str:
        """Two tables, a column a size."""
        return "\n".join(_table(what, points) for what, points in self.document.items() if points)


def _table(what: str, points: dict[str, dict[str, float]]) -> str:
    sizes = sorted(points, key=int)
    names = list(dict.fromkeys(name for size in sizes for name in points[size]))
    lines = [[f"{what}", *(f"{int(size):,}" for size in sizes)], ["---"] * (len(sizes) + 1)]
    for name in names:
        lines.append([name, *(_cell(points[size].get(name)) for size in sizes)])
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
