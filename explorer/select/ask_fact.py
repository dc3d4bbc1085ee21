"""AskFact: patients by a fact, each number in its unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from explorer.days_in import days_in
from explorer.facet_rows import pairs_of
from explorer.select.answer import ANOTHER, Answer, Matches, anybody, missing_states, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis
from explorer.select.day_column import day_column
from explorer.select.fact_expression import FactExpression
from explorer.select.in_other_units import in_other_units
from explorer.select.short_state import short_state

_COMPARE = {"=": pc.equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater,
            ">=": pc.greater_equal}  # fmt: skip
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class AskFact(Ask):
    """One condition on one fact.

    Of several values one is enough; of a negative condition (``!=``, ``not in``) all must be
    other ones. Days, weeks, months and years are converted (`days_in`: a year has 365.25 days, a
    month a twelfth of them). A number in any other unit than the asked one is not compared:
    'cannot tell'.

    Attributes
    ----------
    fact : str
        See `FactExpression`.
    unit : str
        Of the numbers, where the expression does not say it; empty: the numbers have none.
    missing : tuple of str
    """

    kind: ClassVar[str] = "with_fact"
    fact: str
    unit: str = ""
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.checked("fact", str)
        self.checked("unit", str)
        missing_states(self.missing)
        FactExpression.parse(self.fact)

    @property
    def said(self) -> FactExpression:
        """The expression, with its unit."""
        found = FactExpression.parse(self.fact)
        unit = found.unit or self.unit or None
        return FactExpression(found.name, found.operator, found.values, unit)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        missing = f" (or no value: {', '.join(self.missing)})" if self.missing else ""
        return f"{self.said}{missing}"

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        said = self.said
        where, data = basis.table("facts", "name", "value", "number", "unit", "state", "day")
        mine = pc.fill_null(pc.equal(data["name"], said.name), False)
        where, data = where[mine.to_numpy()], data.filter(mine)
        state = pc.fill_null(data["state"], "present")
        held = pc.equal(state, "present").to_numpy()
        states = pairs_of(where[~held], short_state(state.filter(pa.array(~held))))
        where, data = where[held], data.filter(pa.array(held))
        yes, doubt, why = _truth(said, data)
        count = basis.count
        if said.negative:
            fits = anybody(where, count) & ~anybody(where[~yes & ~doubt], count)
            fits &= ~anybody(where[doubt], count)
        else:
            fits = anybody(where[yes], count)
        other = where if not said.negative else where[~yes & ~doubt]
        told = [(f"cannot tell: {words}", where[doubt & some]) for words, some in why.items()]
        told = [(ANOTHER, other), *told] if said.negative else [*told, (ANOTHER, other)]
        rows = Matches(where[yes], day_column(data["day"])[yes])
        found = settle(fits, told, states, missing=self.missing, rows=rows)
        return replace(found, words=_converted(said, data))


def _truth(said: FactExpression, data: pa.Table) -> tuple[Bools, Bools, dict[str, Bools]]:
    """Of each row whether it fits, whether nobody can tell, and why not."""
    number, unit = data["number"], _units(data)
    text = pc.coalesce(data["value"], pc.cast(number, pa.string()))
    bare = pc.is_null(number).to_numpy()
    other = pc.not_equal(unit, said.unit or "").to_numpy() & ~bare
    yes = np.zeros(len(data), bool)
    doubt = np.zeros(len(data), bool)
    why: dict[str, Bools] = {}
    for one in said.values if said.operator != "between" else ("",):
        if said.operator.endswith("like"):
            fold = "ilike" in said.operator
            yes |= _bools(pc.match_like(text, str(one), ignore_case=fold))
        elif isinstance(one, str) and said.operator != "between":
            yes |= _bools(pc.equal(text, one))
    if said.numeric:
        yes |= _compare(said, number) & ~bare & ~other
        for one, values in _in_days(said, unit).items():
            mine = pc.equal(unit, one).to_numpy() & other
            days = pc.multiply(number, days_in(one))
            yes |= _compare(values, days) & mine
            other &= ~mine
        why["another unit"] = other & ~yes
        if said.operator not in ("=", "!=", "in", "not in"):
            why["no number"] = bare & ~yes
        for some in why.values():
            doubt |= some
    if said.negative:
        return ~yes & ~doubt, doubt, why
    return yes, doubt, why


def _units(data: pa.Table) -> pa.ChunkedArray:
    unit = pc.fill_null(data["unit"], "")
    return pc.if_else(pc.equal(unit, "1"), "", unit)  # a pure number


def _in_days(said: FactExpression, unit: pa.ChunkedArray) -> dict[str, FactExpression]:
    """The condition in days, by the other units of time that there are.

    Both sides are made days, since a product of theirs is exact where a quotient is not.
    """
    length = days_in(said.unit or "")
    if length is None:
        return {}
    values = tuple(one * length if isinstance(one, float) else one for one in said.values)
    days = replace(said, values=values)
    return {one: days for one in pc.unique(unit).to_pylist() if days_in(one) is not None}


def _converted(said: FactExpression, data: pa.Table) -> str:
    if not said.numeric or days_in(said.unit or "") is None:
        return ""
    numbers = data.filter(pc.is_valid(data["number"]))
    return in_other_units(said, pc.unique(_units(numbers)).to_pylist())


def _compare(said: FactExpression, number: pa.ChunkedArray) -> Bools:
    numbers = [one for one in said.values if isinstance(one, float)]
    if said.operator == "between":
        low, high = numbers
        return _bools(pc.and_(pc.greater_equal(number, low), pc.less_equal(number, high)))
    compare = _COMPARE.get(said.operator, pc.equal)
    found = np.zeros(len(number), bool)
    for one in numbers:
        found |= _bools(compare(number, one))
    return found


def _bools(column: Any) -> Bools:
    found: Bools = pc.fill_null(column, False).to_numpy()
    return found
