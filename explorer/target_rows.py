"""Rows that an address of no item of its own points at: events, observations, a study, a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from explorer.address import Address
from explorer.errors import AddressError, NotFoundError

if TYPE_CHECKING:
    from explorer.patient import Patient

Row = dict[str, Any]

# Kind of an address to its table, and to what an item of it is called.
_KINDS: dict[str, tuple[str, Callable[[Row], str | None]]] = {
    "events": ("events", lambda row: f"{row['kind']}:{row['name']}"),
    "observations": ("observations", lambda row: row["origin"] or row["source"] or "a person"),
    "lesions": ("observations", lambda row: row["group_uid"]),
    "vectors": ("vectors", lambda row: row["name"]),
    "studies": ("items", lambda row: row["study_uid"]),
}
ROW_KINDS = tuple(_KINDS)


def target_rows(address: Address, patient: Patient) -> pd.DataFrame:
    """Look the rows up.

    A fragment ``row=`` is a source's own row of observations, and of the others the place among
    rows of one name, from 1.

    Parameters
    ----------
    address : Address
        Of a kind of `ROW_KINDS`.
    patient : Patient

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    NotFoundError
        There are none.
    AddressError
        The row is no number.
    """
    table, named = _KINDS[address.kind]
    rows = [row for row in patient.rows(table) if named(row) == address.item]
    if address.kind == "events" and address.item.startswith("mutation:"):
        of = address.item.removeprefix("mutation:")
        mutations = [row for row in patient.rows(table) if row["kind"] == "mutation"]
        rows = rows or [row for row in mutations if (row["origin"] or row["source"]) == of]
    if "row" in address.fragment and address.kind != "lesions":
        rows = _one(rows, str(address.fragment["row"]), address)
    if not rows:
        raise NotFoundError(f"No {address.kind} {address.item!r}", where=f"patient {patient.label}")
    return pd.DataFrame(rows).drop(columns=["patient", "commit", "came_as"], errors="ignore")


def _one(rows: list[Row], said: str, address: Address) -> list[Row]:
    number, _, place = said.partition(".")
    if not number.isdecimal() or (place and not place.isdecimal()):
        raise AddressError(f"row={said} in {address}", expected="row=<number>")
    if address.kind == "observations":
        if place:  # several of one source's row: the place among all of the source's
            return rows[int(place) - 1 : int(place)] if int(place) else []
        found = [row for row in rows if row["row"] == int(number)]
        if found:
            return found[:1]
    return rows[int(number) - 1 : int(number)] if int(number) else []
