"""The work of an ingest, a patient at a time: whose each file is, and who has lost one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from explorer.assign import Person
from explorer.draft import Header
from explorer.layout import UNASSIGNED
from explorer.part import part_of
from explorer.patient_task import PatientTask
from explorer.store import Store

Row = dict[str, Any]


class PatientTasks:
    """Makes the tasks of one source tree.

    Parameters
    ----------
    store : Store
    known : mapping
        File to the status row that the store has of it.
    roots : dict
        File to source root.
    copy : bool
        See `PatientTask`.
    """

    def __init__(
        self, store: Store, known: Mapping[str, Row], roots: dict[str, str], copy: bool
    ) -> None:
        self._store, self._known, self._roots, self._copy = store, known, roots, copy

    def of(
        self, people: Mapping[Person, list[Header]], refused: Mapping[str, list[Row]]
    ) -> list[PatientTask]:
        """One task for each person, and for each patient of whom a file was taken or is gone.

        Parameters
        ----------
        people : mapping
            Person to headers of files.
        refused : mapping
            Key to the status rows of files that were this patient's and cannot be read now.

        Returns
        -------
        list of PatientTask
        """
        left = dict(refused)
        tasks: dict[Any, PatientTask] = {}
        for person, theirs in people.items():
            key = key_of(self._store, person)
            tasks[key or person] = self._task(person, theirs, left.pop(key or "", []))
        self._gone(tasks, left)
        return list(tasks.values())

    def _task(self, person: Person, headers: list[Header], refused: list[Row]) -> PatientTask:
        return PatientTask(self._store.place, person, headers, refused, [], self._roots, self._copy)

    def _gone(self, tasks: dict[Any, PatientTask], refused: dict[str, list[Row]]) -> None:
        """Files that changed hands: their former patient gets a new version without them."""
        holders = {h.source.uri: key for key, task in tasks.items() for h in task.headers}
        lost: dict[str, list[str]] = defaultdict(list)
        for uri, holder in holders.items():
            owner = self._known[uri]["patient"] if uri in self._known else UNASSIGNED
            if owner not in (UNASSIGNED, holder):
                lost[owner].append(uri)
        for key in {*lost, *refused}:
            if key not in tasks:
                part = part_of(self._store, key)
                about = part.rows("attributes")[0] if part else {}
                person = Person(about["issuer"], about["label"], bool(about["made_up"]))
                tasks[key] = self._task(person, [], refused.get(key, []))
            tasks[key].gone.extend(lost.get(key, []))


def key_of(store: Store, person: Person) -> str | None:
    """The key of a person whom the store has, or None."""
    return store.identity.known(person.issuer, [person.identifier]).get(person.identifier)
