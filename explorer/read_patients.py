"""Read patients: many at once, a table at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from explorer.layout import UNASSIGNED
from explorer.patient import Patient

if TYPE_CHECKING:
    from explorer.store import Store

Row = dict[str, Any]
_READ_AT = 8  # fewer patients are read one by one


def read_patients(
    store: Store, names: Iterable[str] | None = None, tables: Sequence[str] = ()
) -> list[Patient]:
    """Open many patients, with the rows of some tables read at once.

    A patient who is moved to a newer version meanwhile stays at the version that was met first,
    and reads its rows when they are asked for.

    Parameters
    ----------
    store : Store
    names : iterable of str, optional
        Keys or identifiers; every patient by default, in the order of their labels.
    tables : sequence of str
        Record tables to read now.

    Returns
    -------
    list of Patient

    Raises
    ------
    NotFoundError
        There is no such patient.
    """
    if names is not None:
        names = list(names)
        if len(names) < _READ_AT:
            return [store[name] for name in names]
    heads = {head.patient: head for head in store.records.heads()}
    hidden = {UNASSIGNED, *store.records.hidden()}
    known = {key: head for key, head in heads.items() if key not in hidden}
    if names is None:
        keys = list(store.keys_and_labels())
    else:
        keys = [one if one in known else store.identity.resolve(one) for one in names]
    found = [Patient(store, known[key]) for key in keys if key in known]
    for table in dict.fromkeys(("attributes", *tables)):
        _fill(store, table, found)
    return found


def _fill(store: Store, table: str, patients: Sequence[Patient]) -> None:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in store.records.visible(table, without=UNASSIGNED).to_pylist():
        found[row["patient"], row["commit"]].append(row)
    for one in patients:
        commit = one.head.at.get(table)
        if commit is None:
            one.keep_rows(table, [])
        elif (one.key, commit) in found:  # else somebody has committed, or it has none left
            one.keep_rows(table, found[one.key, commit])
