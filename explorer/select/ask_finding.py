"""AskFinding: patients of whom a report states something."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.errors import QueryError
from explorer.facet_rows import Pairs
from explorer.select.answer import Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import days_of_items
from explorer.select.standing_rows import read_reports, standing_rows

_ASSERTIONS = ("present", "absent", "uncertain", "not_assessed")
_SIDES = ("left", "right", "bilateral")
_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "µm": 0.001}
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class AskFinding(Ask):
    """A statement of a report, all parts in one sentence's finding.

    Attributes
    ----------
    entity : str
        What is stated: 'nodule', 'pleural effusion'; without regard to case.
    laterality : {'left', 'right', 'bilateral'} or None
        'bilateral' counts as left and as right; where no side is said: 'cannot tell'.
    assertion : {'present', 'absent', 'uncertain', 'not_assessed'}
    size_from, size_below : float or None
        mm: ``size_from <= longest axis < size_below``, of the present sizes; where none is said:
        'cannot tell'.
    missing : tuple of str
        'no report', 'not extracted' (nobody has read the report), 'none stated'.
    """

    kind: ClassVar[str] = "with_finding"
    entity: str
    laterality: str | None = None
    assertion: str = "present"
    size_from: float | None = None
    size_below: float | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("entity", str)
        self.checked("size_from", int, float, type(None))
        self.checked("size_below", int, float, type(None))
        missing_states(self.missing)
        if self.assertion not in _ASSERTIONS:
            raise QueryError(f"No assertion {self.assertion!r}", expected=f"of {_ASSERTIONS}")
        if self.laterality is not None and self.laterality not in _SIDES:
            raise QueryError(f"No side {self.laterality!r}", expected=f"of {_SIDES}")

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        side = f"{self.laterality} " if self.laterality is not None else ""
        low = f" from {self.size_from:g} mm" if self.size_from is not None else ""
        high = f" below {self.size_below:g} mm" if self.size_below is not None else ""
        missing = f" (or none: {', '.join(self.missing)})" if self.missing else ""
        return f"a report states {self.assertion}: {side}{self.entity}{low}{high}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        where, data = standing_rows(
            basis, "entity", "assertion", "laterality", "measurements", "item"
        )
        mine = pc.equal(pc.utf8_lower(data["entity"]), self.entity.lower())
        mine = pc.fill_null(mine, False)
        where, data = where[mine.to_numpy()], data.filter(mine)
        said = pc.fill_null(pc.equal(data["assertion"], self.assertion), False).to_numpy()
        side, no_side = self._side(data["laterality"])
        size, no_size = self._size(data["measurements"])
        yes = said & side & size
        maybe = said & (side | no_side) & (size | no_size) & ~yes
        states = Pairs.of("none stated", read_reports(basis)).plus(
            "not extracted", basis.table("texts", "item")[0]
        )
        told = [
            ("cannot tell: its side is not said", where[maybe & no_side]),
            ("cannot tell: its size is not said", where[maybe & no_size]),
            ("stated otherwise", where[~yes & ~maybe]),
        ]
        day = days_of_items(basis, "texts", where[yes], data["item"].filter(pa.array(yes)))
        return settle(
            anybody(where[yes], basis.count), told, states, otherwise="no report",
            missing=self.missing, rows=Matches(where[yes], day),
        )  # fmt: skip

    def _side(self, laterality: pa.ChunkedArray) -> tuple[Bools, Bools]:
        """Which findings are of the side, and of which no side is said."""
        count = len(laterality)
        if self.laterality is None:
            return np.ones(count, bool), np.zeros(count, bool)
        wanted = pa.array([self.laterality, "bilateral"])
        unsaid = pc.is_null(laterality).to_numpy()
        return pc.is_in(laterality, value_set=wanted).to_numpy(), unsaid

    def _size(self, measurements: pa.ChunkedArray) -> tuple[Bools, Bools]:
        count = len(measurements)
        if self.size_from is None and self.size_below is None:
            return np.ones(count, bool), np.zeros(count, bool)
        coded = pc.fill_null(measurements, "[]").combine_chunks().dictionary_encode()
        # each text once: reports say the same few sizes again and again
        longest = np.array([_longest_mm(text) for text in coded.dictionary.to_pylist()], float)
        mm = longest[coded.indices.to_numpy()] if count else np.zeros(0)
        low = -np.inf if self.size_from is None else self.size_from
        high = np.inf if self.size_below is None else self.size_below
        with np.errstate(invalid="ignore"):
            return (mm >= low) & (mm < high), np.isnan(mm)


def _longest_mm(text: str) -> float:
    """The longest axis of the sizes that are no earlier ones; NaN where there is none."""
    try:
        said: Any = json.loads(text)
    except ValueError:
        return np.nan
    found = [
        float(axis) * _MM[one["unit"]]
        for one in said
        if one.get("kind") == "size" and not one.get("prior") and one.get("unit") in _MM
        for axis in one.get("value", ())
    ]
    return max(found, default=np.nan)
