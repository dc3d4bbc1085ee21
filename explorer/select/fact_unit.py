"""fact_unit: the unit that is meant where a condition on a fact names none."""

from __future__ import annotations

import pyarrow.compute as pc

from explorer.errors import NotFoundError, QueryError
from explorer.select.basis import Basis
from explorer.select.fact_expression import FactExpression
from explorer.select.near import near

_SHOWN = 8


def fact_unit(basis: Basis, said: FactExpression) -> str:
    """The unit of a fact's numbers, where the expression has numbers and does not say it.

    Parameters
    ----------
    basis : Basis
    said : FactExpression

    Returns
    -------
    str
        Empty where the numbers have none.

    Raises
    ------
    NotFoundError
        Nobody has a fact of that name.
    QueryError
        Its numbers have several units.
    """
    _, data = basis.table("facts", "name", "number", "unit")
    mine = pc.fill_null(pc.equal(data["name"], said.name), False)
    if not pc.any(mine).as_py():
        known = sorted(str(one) for one in pc.unique(data["name"]).drop_null().to_pylist())
        like = near(said.name, known) or known[:_SHOWN]
        raise NotFoundError(
            f"Nobody has a fact {said.name!r}",
            expected=f"one of {len(known)} names: {', '.join(map(repr, like))}",
        )
    if said.unit or not said.numeric:
        return said.unit or ""
    numbers = data.filter(pc.and_(mine, pc.is_valid(data["number"])))
    units = pc.unique(pc.fill_null(numbers["unit"], "")).to_pylist()
    found = sorted({"" if one == "1" else str(one) for one in units})
    named = [one for one in found if one]
    if len(named) > 1:
        raise QueryError(
            f"The numbers of {said.name!r} have the units {', '.join(named)}",
            expected=f"a condition that says which: {said.name} > 1 {named[0]}",
        )
    return named[0] if named else ""
