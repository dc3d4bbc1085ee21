"""A patient map in effect: files go to whom a person gave them, identifiers are joined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.errors import OncographError
from explorer.join import join
from explorer.join_log import FILES
from explorer.patient_map import PatientMap, Told
from explorer.records import now, quote

if TYPE_CHECKING:
    from explorer.store import Store


class ToldFiles:
    """Files that a person gave to patients, now or at an earlier ingest.

    Parameters
    ----------
    store : Store
    given : PatientMap, optional
        Of this run; it wins over what was said before.
    """

    def __init__(self, store: Store, given: PatientMap | None = None) -> None:
        self._store = store
        self._given = given
        self._fresh: dict[str, Told] = {}
        self._before: dict[str, str] = {}
        where = f"patient = {quote(FILES)} AND undone IS NULL"
        for row in store.records.read("joins", where).to_pylist():
            self._before[json.loads(row["detail"])["uri"]] = row["into"]
        self._names: dict[str, tuple[str, str]] = {}

    def of(self, uri: str, relative: str) -> tuple[str | None, str] | None:
        """Issuer and identifier of the patient that a file was given to, or None.

        The issuer is None where the store does not know such a patient yet.
        """
        told = self._given.of_file(uri, relative) if self._given else None
        if told is not None:
            self._fresh[uri] = told
            return self._person(told)
        if uri in self._before:
            return self._alias(self._before[uri])
        return None

    def has(self, uri: str, relative: str, key: str) -> bool:
        """Whether a file is with the patient that this run's map gives it to, if it does."""
        if self._given is None or self._given.of_file(uri, relative) is None:
            return True
        issuer, identifier = self.of(uri, relative) or (None, "")
        return issuer is not None and key in self._store.identity.called(identifier, issuer)

    def _person(self, told: Told) -> tuple[str | None, str]:
        if told.issuer is not None:
            return told.issuer, told.patient
        found = self._store.identity.find(told.patient)
        if len(found) > 1:
            raise OncographError(
                f"{len(found)} patients are called {told.patient!r}",
                where=f"{self._given.file if self._given else ''}, row {told.row}",
                do="say in a column 'issuer' which one is meant",
            )
        return (self._alias(found[0][1]) if found else None) or (None, told.patient)

    def _alias(self, key: str) -> tuple[str, str] | None:
        if key not in self._names:
            where = f"patient = {quote(key)}"
            rows = self._store.records.read("aliases", where).to_pylist()
            if not rows:
                return None
            first = min(rows, key=lambda row: (row["time"], row["issuer"], row["identifier"]))
            self._names[key] = first["issuer"], first["identifier"]
        return self._names[key]

    def remember(self, holders: dict[str, str]) -> None:
        """Keep what was said, so that later runs need no map.

        Parameters
        ----------
        holders : dict
            File to the key of the patient that has it now.
        """
        rows = []
        for uri, told in self._fresh.items():
            if uri in holders and self._before.get(uri) != holders[uri]:
                reason = f"{self._given.file if self._given else ''}, row {told.row}"
                rows.append(
                    {
                        "patient": FILES, "into": holders[uri], "reason": reason,
                        "detail": json.dumps({"uri": uri}), "time": now(), "undone": None,
                    }
                )  # fmt: skip
        self._store.records.append("joins", rows)


def join_told(store: Store, given: PatientMap) -> list[dict[str, Any]]:
    """Join the identifiers of a map, and say what became of each row.

    Parameters
    ----------
    store : Store
    given : PatientMap

    Returns
    -------
    list of dict
        row, identifier, patient, done ('joined', 'one already', 'named', or why not): one a row.
    """
    return [
        {
            "row": told.row, "identifier": told.name, "patient": told.patient,
            "done": _join(store, given, told),
        }
        for told in given.identifiers
    ]  # fmt: skip


def _join(store: Store, given: PatientMap, told: Told) -> str:
    lead = store.records.hidden()
    reason = f"patient map {given.file}, row {told.row}"
    try:
        mine = _called(store, told.name, told.issuer)
        if not mine:
            return "not in the store"
        if len(mine) > 1:
            return "several patients are called so: say which in a column 'issuer'"
        theirs = _called(store, told.patient, None)
        if len(theirs) > 1:
            return f"several patients are called {told.patient!r}"
        key = lead.get(mine[0], mine[0])
        if not theirs:
            store.identity.add("patient map", told.patient, key)
            return "named"
        into = lead.get(theirs[0], theirs[0])
        if key == into:
            return "one already"
        if mine[0] in lead:
            return f"was joined into {key} before: take that back first"
        join(store, key, into, reason)
    except OncographError as error:
        return error.message
    return "joined"


def _called(store: Store, name: str, issuer: str | None) -> list[str]:
    """Keys that are called so and have a version; those that are one patient by now count once."""
    lead = store.records.hidden()
    keys = store.identity.called(name, issuer)
    found = {lead.get(key, key): key for key in sorted(keys) if store.records.head(key)}
    return list(found.values())
