"""The rows of patients, out of every table of a store."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from explorer.erase_documents import erase_documents
from explorer.freeze.frozen_rows import note_erased
from explorer.held_outside import any_of, own_origins, own_values, shared_files, uris_of
from explorer.layout import ALL_TABLES, UNASSIGNED
from explorer.purge import delete_rows

if TYPE_CHECKING:
    from explorer.store import Store

_AT_ONCE = 200


def erase_names(store: Store, keys: list[str]) -> None:
    """Set the tombstones, while it is still known whose they are.

    Parameters
    ----------
    store : Store
    keys : list of str
    """
    stones = store.tombstones
    alone = uris_of(store, keys) - shared_files(store, keys)
    files = store.records.read("files", any_of("patient", keys), ["uri", "sha256"]).to_pylist()
    digests = {
        stones.of_file(row["sha256"]) for row in files if row["sha256"] and row["uri"] in alone
    }
    for key in keys:
        for issuer, identifier in store.identity.names(key):
            digest = stones.of_person(issuer, identifier, make=True)
            digests |= {digest} if digest else set()
    stones.add(digests)


def erase_rows(store: Store, keys: list[str]) -> None:
    """Delete the rows of patients, and those that speak of them alone.

    The names of their files go first: what is left to do is found by the rows that are left.

    Parameters
    ----------
    store : Store
    keys : list of str
        The caller holds the tables.
    """
    records = store.records
    uris = uris_of(store, keys) - shared_files(store, keys)
    strays = _strays(store, keys, uris)
    with store.transaction("files of no patient") as t:
        t.forget_files(UNASSIGNED, strays)  # a writer at work on them must begin again
    _delete_each(store, "files", "uri", strays, f"patient = '{UNASSIGNED}'")
    roots = own_values(store, "files", "root", keys)
    store.trust.remove(roots)
    _delete_each(store, "roots", "root", roots)
    _delete_each(store, "mappings", "origin", own_origins(store, keys))
    _delete_each(store, "features", "features", own_values(store, "vectors", "features", keys))
    note_erased(store, keys)
    erase_documents(store, keys)  # while it is still known what they are called
    for table, schema in ALL_TABLES.items():
        if "patient" in schema.names and table not in ("patients", "files"):
            delete_rows(records, table, any_of("patient", keys))
    delete_rows(records, "joins", any_of("into", keys))
    delete_rows(records, "files", any_of("patient", keys))


def _strays(store: Store, keys: list[str], uris: set[str]) -> set[str]:
    """Files of nobody whose names tell of the patients.

    They are the patients' own ones, from before it was known whose they are, and what else lies
    in folders that have files of nobody but the patients.
    """
    data = store.records.read("files", columns=["patient", "uri", "root"]).to_pylist()
    mine: set[str] = set()
    theirs: set[str] = set()
    for row in data:
        if row["patient"] != UNASSIGNED:
            (mine if row["patient"] in keys else theirs).update(_folders(row["uri"], row["root"]))
    shared = shared_files(store, keys)
    for uri in shared:
        theirs.update(_folders(uri, None))
    strays = {row["uri"] for row in data if row["patient"] == UNASSIGNED} - shared
    own = mine - theirs
    return {uri for uri in strays if uri in uris or own & _folders(uri, None)}


def _folders(uri: str, root: str | None) -> set[str]:
    """The folders around a file, those around its source tree left out."""
    around = [str(folder) for folder in PurePath(uri.partition("!")[0]).parents]
    return {f for f in around if root is None or PurePath(f).is_relative_to(root)}


def _delete_each(
    store: Store, table: str, column: str, values: set[str], where: str | None = None
) -> None:
    """Delete rows by values that may be names: the filter goes with the purge that follows."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        some = any_of(column, ordered[start : start + _AT_ONCE])
        delete_rows(store.records, table, f"{where} AND {some}" if where else some)
