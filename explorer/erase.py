"""Erase: a patient out of a store, for good."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.erase_rows import erase_names, erase_rows
from explorer.erasing import begin_erasure, end_erasure, erasures
from explorer.errors import NotFoundError
from explorer.held_outside import HeldOutside, held_outside
from explorer.html import table_html
from explorer.joined import joined_into
from explorer.layout import ALL_TABLES, lock_path, repository_path
from explorer.lock import lock
from explorer.progress import progress
from explorer.purge import delete_rows, purge
from explorer.records import quote
from explorer.scratch import sweep_scratch
from explorer.table_lock import table_lock
from explorer.upgrade import upgrade

if TYPE_CHECKING:
    from explorer.store import Store


@dataclass
class Erasure:
    """What an erasure takes, or took, and what it cannot reach.

    Attributes
    ----------
    patient : str
        The label.
    keys : list of str
        The patient's key, and those of the patients who were joined into this one.
    versions, items, rows : int
        What goes.
    bytes : int
        Of the array repositories that go.
    outside : HeldOutside
        What still holds the patient, and is not the store's to erase.
    at_work : list of str
        Working folders of runs that are at work: each is deleted when its run ends.
    """

    patient: str
    keys: list[str]
    versions: int = 0
    items: int = 0
    rows: int = 0
    bytes: int = 0
    outside: HeldOutside = field(default_factory=HeldOutside)
    at_work: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {**self.__dict__, "outside": self.outside.__dict__}

    def _repr_html_(self) -> str:
        caption = (
            f"{self.patient}: {self.versions} versions, {self.items} items, {self.rows} rows. "
            "What still holds the patient, and is not the store's to erase:"
        )
        rows = self.outside.lines() or [["nothing that the store knows of", "", ""]]
        return table_html(["what", "where", ""], rows, caption)


def plan_erasure(store: Store, patient: str) -> Erasure:
    """Say what `erase` would take, and what it cannot reach; nothing is changed.

    Parameters
    ----------
    store : Store
    patient : str
        What the patient is called, or the key.

    Returns
    -------
    Erasure

    Raises
    ------
    NotFoundError
        There is no such patient.
    """
    one = store[patient]
    keys = [one.key, *joined_into(store, one.key)]
    found = Erasure(one.label, keys, items=len(one.rows("items")))
    found.versions = sum(len(store.records.history(key)) for key in keys)
    where = f"patient IN ({', '.join(quote(key) for key in keys)})"
    for table, schema in ALL_TABLES.items():
        if "patient" in schema.names:
            found.rows += store.records.read(table, where, ["patient"]).num_rows
    found.bytes = sum(repository_path(store.place, key).size() for key in keys)
    found.outside = held_outside(store, keys)
    return found


def erase(store: Store, patient: str) -> Erasure:
    """Erase a patient: arrays, rows, names, history, indices, old versions of the tables.

    Writers are waited for, and held off while it lasts. A kill at any step leaves the patient as
    he was, or nobody: the rest is done by the next `erase`, `compact` or `ingest`.

    Parameters
    ----------
    store : Store
    patient : str
        What the patient is called, or the key.

    Returns
    -------
    Erasure
        With what still holds the patient outside of the store: source files, files of many
        patients, frozen cohorts and packs.

    Raises
    ------
    NotFoundError
        There is no such patient.
    StoreError
        Another process has been writing to the patient for too long.
    """
    upgrade(store)
    waiting = {key for keys in erasures(store).values() for key in keys}
    try:
        found = plan_erasure(store, patient)
    except NotFoundError as error:
        if not finish_erasures(store):
            raise
        told = "an erasure that had been begun was ended just now"
        raise NotFoundError(f"{error.found}; {told}", where=store.url) from error
    finish_erasures(store)
    if found.keys[0] in waiting:
        return found  # begun before, and now at its end
    with lock(store.place, "erase"):
        name = begin_erasure(store, found.keys)
        found.at_work = _go_on(store, name, found.keys)
    return found


def finish_erasures(store: Store) -> int:
    """Go on with erasures that were begun and not ended; gives their number."""
    if not erasures(store):
        return 0
    with lock(store.place, "erase"):
        waiting = erasures(store)
        for name, keys in waiting.items():
            _go_on(store, name, keys)
    return len(waiting)


def _go_on(store: Store, name: str, keys: list[str]) -> list[str]:
    """Do what is left of an erasure; each step can be done again."""
    with ExitStack() as held:
        for key in sorted(keys):
            held.enter_context(lock(store.place, key))
        held.enter_context(lock(store.place, "identity"))
        held.enter_context(table_lock(store.place))
        erase_names(store, keys)
        for key in keys:
            delete_rows(store.records, "patients", f"patient = {quote(key)}")
        erase_rows(store, keys)
        for key in keys:
            repository_path(store.place, key).delete_tree()
        with progress("Erase", len(ALL_TABLES)) as step:
            for table in filter(store.records.has, ALL_TABLES):
                purge(store.records, table)
                step(table)
    for key in keys:
        lock_path(store.place, key).delete()
    _, alive = sweep_scratch(store)
    end_erasure(store, name)
    return [str(folder) for folder in alive]
