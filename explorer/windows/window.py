"""Window: which days features may come from, and in which days the outcome is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.windows.index import Index

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.windows.windowed import Windowed

#: Where a row can lie, in the order of time; the last one is of rows that have no day.
PLACES = (
    "before the look-back",
    "look-back",
    "gap",
    "after the index",
    "outcome window",
    "after the outcome window",
    "cannot tell",
)


@dataclass(frozen=True)
class Window:
    """An index day, a look-back window before it, and an outcome window after it.

    With `d` the days from the index day: features have ``-look_back <= d <= -gap`` (both ends
    belong to it, so that without a gap the index day itself does), outcomes have
    ``start < d <= end`` for ``outcome=(start, end)`` (the first day does not belong to it). No
    day is in both. Days are whole days of a calendar: a store keeps no times of day, so what
    happened on the index day is taken as known on it; ``gap=1`` leaves that day out.

    Attributes
    ----------
    index : Index
        May be given as text or a mapping; see `Index.of`.
    look_back : int or None
        Days; None is without limit.
    outcome : tuple of (int, int or None) or None
        Days from the index day; an end of None is without limit. None: no outcome window.
    gap : int
        Days right before the index day whose rows are no features, the index day included.
    """

    index: Index = field(default_factory=Index)
    look_back: int | None = None
    outcome: tuple[int, int | None] | None = (0, None)
    gap: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", Index.of(self.index))
        if self.outcome is not None:
            start, end = _pair(self.outcome)
            if start < 0 or (end is not None and end <= start):
                raise TaskError(
                    f"An outcome window from {start} to {end}", expected="0 <= start < end"
                )
            object.__setattr__(self, "outcome", (start, end))
        _whole("gap", self.gap)
        if self.look_back is not None:
            _whole("look_back", self.look_back)
            if self.look_back < self.gap:
                raise TaskError(
                    f"A look-back of {self.look_back} days with a gap of {self.gap}",
                    expected="a look-back that is not shorter than the gap",
                )

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Window:
        """Read what `plain` gave, or a person wrote.

        Raises
        ------
        TaskError
            It is no window.
        """
        unknown = set(said) - {"index", "look_back", "outcome", "gap"}
        if unknown:
            raise TaskError(
                f"A window with {sorted(unknown)}", expected="index, look_back, outcome, gap"
            )
        outcome = said.get("outcome", (0, None))
        return cls(
            Index.of(said.get("index") or Index()), said.get("look_back"),
            None if outcome is None else _pair(outcome), said.get("gap") or 0,
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """The same as a mapping of plain values."""
        return {
            "index": self.index.plain(), "look_back": self.look_back,
            "outcome": None if self.outcome is None else list(self.outcome), "gap": self.gap,
        }  # fmt: skip

    def __str__(self) -> str:
        back = "any time" if self.look_back is None else f"{self.look_back} days"
        until = f" to {self.gap} days" if self.gap else ""
        parts = [f"index: {self.index}", f"features from {back}{until} before it"]
        if self.outcome is not None:
            start, end = self.outcome
            close = "without end" if end is None else f"to {end} days"
            parts.append(f"outcome after more than {start} days {close}")
        return "; ".join(parts)

    def place(self, offsets: NDArray[np.float64]) -> NDArray[np.int8]:
        """Say where days lie.

        Parameters
        ----------
        offsets : ndarray of float
            Days from the index day; NaN where there is none.

        Returns
        -------
        ndarray of int8
            Positions in `PLACES`.
        """
        days = np.asarray(offsets, float)
        found = np.full(days.shape, PLACES.index("after the index"), np.int8)
        found[days <= 0] = PLACES.index("gap")
        found[days <= -self.gap] = PLACES.index("look-back")
        if self.look_back is not None:
            found[days < -self.look_back] = PLACES.index("before the look-back")
        if self.outcome is not None:
            start, end = self.outcome
            found[days > start] = PLACES.index("outcome window")
            if end is not None:
                found[days > end] = PLACES.index("after the outcome window")
        found[np.isnan(days)] = PLACES.index("cannot tell")
        return found

    def apply(self, patients: PatientSet) -> Windowed:
        """Find the patients' index days, and where their rows lie.

        Parameters
        ----------
        patients : PatientSet

        Returns
        -------
        Windowed
        """
        from explorer.windows.windowed import Windowed

        return Windowed(self, patients, self.index.days(patients))


def _whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TaskError(f"{name}={value!r}", expected="whole days, 0 or more")


def _pair(said: Any) -> tuple[int, int | None]:
    if isinstance(said, str) or not hasattr(said, "__len__") or len(said) != 2:
        raise TaskError(f"An outcome window {said!r}", expected="(from, to) in days")
    start, end = said
    _whole("outcome", start)
    if end is not None:
        _whole("outcome", end)
    return start, end
