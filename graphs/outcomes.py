"""outcomes: what the tables of a store say of outcomes, as pairs of a time and an event."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.facets import Facets
from explorer.layout import UNASSIGNED
from explorer.store import Store
from graphs.outcome import Outcome


def outcomes(store: Store, facets: Facets) -> dict[str, Outcome]:
    """Outcomes that were read as such: events of the kind 'outcome' with a time.

    Parameters
    ----------
    store : Store
    facets : Facets
        Of the same store; they say which patients, in which order.

    Returns
    -------
    dict of str to Outcome
        By name. Nobody is given two times: whoever has several different ones cannot be counted.
    """
    columns = ["patient", "kind", "name", "value", "number", "unit", "state"]
    data = store.records.visible("events", columns, without=UNASSIGNED)
    data = data.filter(
        pc.fill_null(pc.and_(pc.equal(data["kind"], "outcome"), pc.is_valid(data["number"])), False)
    )
    place = pc.index_in(data["patient"], value_set=pa.array(facets.keys_of, pa.string()))
    held = pc.is_valid(place)
    data, where = data.filter(held), place.filter(held).to_numpy()
    names = np.asarray(pc.fill_null(data["name"], "").to_pylist(), dtype=object)
    units = np.asarray(pc.fill_null(data["unit"], "").to_pylist(), dtype=object)
    values = np.asarray(pc.fill_null(data["value"], "").to_pylist(), dtype=object)
    numbers = data["number"].to_numpy()
    found = {}
    for name, unit in sorted(set(zip(names.tolist(), units.tolist(), strict=True))):
        rows = (names == name) & (units == unit)
        title = f"{name} (as its table was read)"
        found[f"{name} ({unit})" if unit else name] = _outcome(
            title, unit, where[rows], numbers[rows], values[rows], len(facets.keys_of)
        )
    return found


def _outcome(
    title: str,
    unit: str,
    where: np.ndarray,
    numbers: np.ndarray,
    values: np.ndarray,
    count: int,
) -> Outcome:
    time, event = np.full(count, np.nan), np.zeros(count, bool)
    why = np.full(count, "no time", "<U32")
    time[where], event[where], why[where] = numbers, values == "event", ""
    unclear = where[(values != "event") & (values != "censored")]
    why[unclear] = "not known whether it happened"
    differs = (numbers != time[where]) | ((values == "event") != event[where])
    why[where[differs]] = "several times"
    why[(why == "") & (time < 0)] = "a time below 0"
    time[why != ""] = np.nan
    return Outcome(title, unit, time, event & (why == ""), why)
