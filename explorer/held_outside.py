"""What still holds a patient once the store does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.layout import ORIGIN_TABLES, UNASSIGNED
from explorer.records import quote
from explorer.source_file import source_is_there

if TYPE_CHECKING:
    from explorer.store import Store

_SHOWN = 12


@dataclass
class HeldOutside:
    """Where a patient is besides the store.

    Attributes
    ----------
    sources : list of str
        Source files that are there and speak of the patient alone; archives too.
    tables : list of str
        Files and archives that speak of other patients as well.
    pins : list of dict
        Frozen cohorts, and files that were handed over: holder, kind, version, place, time.
    others : list of dict
        Other patients of the store whose older versions have what is this one's: a file that was
        once given to the wrong patient, a join that was taken back. patient (key), files.
    """

    sources: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    pins: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)

    def lines(self) -> list[list[str]]:
        """What, where, and what to do: one line each, for people."""
        rows = [["a source file", path, "delete it yourself"] for path in self.sources[:_SHOWN]]
        if len(self.sources) > _SHOWN:
            rows.append(["source files", f"and {len(self.sources) - _SHOWN} more", ""])
        rows += [
            ["a file of many patients", path, "take the patient's part out"] for path in self.tables
        ]
        rows += [_pin_line(pin) for pin in self.pins]
        rows += [
            ["older versions of another patient", one["patient"], f"{len(one['files'])} files"]
            for one in self.others
        ]
        return rows


def _pin_line(pin: dict[str, Any]) -> list[str]:
    if pin["kind"] == "cohort":  # it is in the store, and keeps the rest
        return ["a frozen cohort", pin["holder"], "loses the patient, and `verify` says so"]
    return [f"a {pin['kind']}", f"{pin['holder']} {pin['place'] or ''}", f"made {pin['time']}"]


def held_outside(store: Store, keys: list[str]) -> HeldOutside:
    """Find what holds patients outside of the store.

    Parameters
    ----------
    store : Store
    keys : list of str

    Returns
    -------
    HeldOutside
    """
    known = store.readable_roots()
    uris = uris_of(store, keys)
    shared = shared_files(store, keys)
    rest = store.records.read("files", f"NOT {any_of('patient', keys)}", ["patient", "uri"])
    theirs = {_file(row["uri"]) for row in rest.to_pylist() if row["patient"] != UNASSIGNED}
    files = {_file(uri) for uri in uris - shared}
    tables = (uris & shared) | {file for file in files & theirs if source_is_there(file, known)}
    pins = store.records.read("pins", any_of("patient", keys)).to_pylist()
    names = ("holder", "kind", "version", "place", "time")
    return HeldOutside(
        sources=sorted(file for file in files - theirs if source_is_there(file, known)),
        tables=sorted(tables),
        pins=[{name: row[name] for name in names} for row in pins],
        others=_others(store, keys, uris - shared),
    )


def uris_of(store: Store, keys: list[str]) -> set[str]:
    """Every file that a version of the patients was read from."""
    found = set(store.records.read("files", any_of("patient", keys), ["uri"])["uri"].to_pylist())
    for table in ORIGIN_TABLES:
        rows = store.records.read(table, any_of("patient", keys), ["source"])
        found |= set(rows["source"].to_pylist())
    return found - {None}


def shared_files(store: Store, keys: list[str]) -> set[str]:
    """Files that speak of others than the patients, or of nobody known."""
    head = store.records.head(UNASSIGNED)
    rows = store.records.rows("files", head) if head else []
    own = own_origins(store, keys)
    return {row["uri"] for row in rows if row["status"] == "ingested" and row["item"] not in own}


def own_origins(store: Store, keys: list[str]) -> set[str]:
    """Sources of records that only the patients have records of."""
    found = set()
    for table in ORIGIN_TABLES:
        found |= own_values(store, table, "origin", keys)
    for table in ORIGIN_TABLES:
        found -= _values(store, table, "origin", f"NOT {any_of('patient', keys)}")
    return found


def own_values(store: Store, table: str, column: str, keys: list[str]) -> set[str]:
    """The values of a column that rows of the patients have, and no others'."""
    found = _values(store, table, column, any_of("patient", keys))
    return (
        found - _values(store, table, column, f"NOT {any_of('patient', keys)}") if found else found
    )


def _values(store: Store, table: str, column: str, where: str) -> set[str]:
    return set(store.records.read(table, where, [column])[column].unique().to_pylist()) - {None}


def _file(uri: str) -> str:
    """The file on the disk: of a member, its archive."""
    return uri.partition("!")[0]


def any_of(column: str, values: list[str]) -> str:
    """A Lance filter: the column has one of the values."""
    return f"{column} IN ({', '.join(quote(value) for value in values)})"


def _others(store: Store, keys: list[str], uris: set[str]) -> list[dict[str, Any]]:
    found: dict[str, set[str]] = {}
    data = store.records.read("files", columns=["patient", "uri", "item"])
    for row in data.to_pylist():
        key = row["patient"]
        if row["uri"] in uris and row["item"] and key not in keys and key != UNASSIGNED:
            found.setdefault(key, set()).add(row["uri"])
    # a join that was taken back stays in the history of the other one
    where = f"{any_of('came_as', keys)} AND NOT {any_of('patient', keys)}"
    for key in store.records.read("attributes", where, ["patient"])["patient"].to_pylist():
        found.setdefault(key, set())
    return [{"patient": key, "files": sorted(files)} for key, files in sorted(found.items())]
