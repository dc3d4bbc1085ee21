"""Splits that are kept in the store, beside the frozen cohort that they divide."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError
from explorer.lock import lock
from explorer.records import quote
from explorer.shown_list import ShownList
from explorer.split.split_document import report_of, split_document
from explorer.split.split_error import SplitError
from explorer.table_lock import table_lock
from explorer.upgrade import upgrade

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.split.split import Split


def keep_split(split: Split, name: str) -> Split:
    """Write a split under a name.

    The parts are written first, the row that names them last: a killed run leaves rows that
    nobody sees. What people call the patients is not written, so that an erasure finds nothing
    to correct but the rows of the patient.

    Parameters
    ----------
    split : Split
        Of a frozen cohort.
    name : str

    Returns
    -------
    Split
        As it was kept.

    Raises
    ------
    SplitError
        The cohort is not frozen, or a split has the name.
    StoreError
        The store is open for reading alone.
    """
    cohort, store = split.cohort, split.cohort.store
    frozen = getattr(cohort, "id", None)
    if not isinstance(frozen, str):
        raise SplitError(
            "The cohort is not frozen, and its split would not outlive it",
            do="freeze it first: cohort.freeze(NAME).split(...).keep(NAME); or save a file",
        )
    if not name.strip():
        raise SplitError("A split needs a name", do='split.keep("five folds")')
    if store.read_only:
        raise StoreError("The store is open for reading alone", where=store.url)
    upgrade(store)
    records, one = store.records, uuid.uuid4().hex
    with lock(store.place, "splits"), table_lock(store.place):
        if records.read("splits", f"name = {quote(name)}").num_rows:
            raise SplitError(f"A split is called {name!r} already", do="choose another name")
        here = set(records.read("patients", columns=["patient"])["patient"].to_pylist())
        if gone := len(set(cohort.keys) - here):
            raise SplitError(f"{gone} of the patients were erased in the meantime")
        rows = [{"split": one, "patient": key, "part": part}
                for part, keys in split.members.items() for key in keys]  # fmt: skip
        records.append("parts", rows)
        document = {**split_document(split, names=False), "name": name}
        row = {
            "split": one, "name": name, "cohort": frozen, "time": document["time"],
            "sha256": split.digest, "document": json.dumps(document, ensure_ascii=False),
        }  # fmt: skip
        records.insert_new("splits", [row])
        mine = records.read("splits", f"name = {quote(name)}", ["split"])["split"].to_pylist()
    if one not in mine:  # on S3 nobody is waited for
        records.dataset("parts").delete(f"split = {quote(one)}")
        raise SplitError(f"A split is called {name!r} already", do="choose another name")
    split.name = name
    return split


def kept_splits(cohort: PatientSet) -> ShownList[Split]:
    """The splits that were kept of a cohort, the oldest first.

    Parameters
    ----------
    cohort : PatientSet
        A frozen one; nothing is kept of another.

    Returns
    -------
    ShownList of Split
        Patients who were erased since are in none of the parts.
    """
    frozen = getattr(cohort, "id", None)
    records = cohort.store.records
    rows: list[dict[str, Any]] = []
    if isinstance(frozen, str):
        rows = records.read("splits", f"cohort = {quote(frozen)}").to_pylist()
    found = [_read(cohort, row) for row in sorted(rows, key=lambda row: (row["time"], row["name"]))]
    head = ["name", "kept", "parts", "sha256", "leaks accepted"]
    return ShownList(
        found, head,
        lambda one: [
            one.name, one.settings.get("kept", "")[:10],
            ", ".join(f"{part} {len(keys)}" for part, keys in one.members.items()
                      if "/" not in part),
            one.digest[:12], ", ".join(one.report.allowed) or None,
        ],
        "splits",
    )  # fmt: skip


def _read(cohort: PatientSet, row: dict[str, Any]) -> Split:
    from explorer.split.split import Split

    records, document = cohort.store.records, json.loads(row["document"])
    where = f"split = {quote(row['split'])}"
    part_of: dict[str, set[str]] = {part: set() for part in document["sizes"]}
    for one in records.read("parts", where, ["patient", "part"]).to_pylist():
        part_of[one["part"]].add(one["patient"])
    order = cohort.keys
    members = {part: tuple(key for key in order if key in some) for part, some in part_of.items()}
    # inner folds name a patient again; whoever was erased is missing in all of his parts
    gone = sum(document["sizes"].values()) > sum(map(len, members.values()))
    settings = {**document["settings"], "kept": row["time"], "sha256": row["sha256"]}
    if gone:
        settings["erased"] = document["cohort"]["patients"] - len(cohort)
    report = {**document["report"], "checked": [
        {**one, "cannot": {"kept as a number": one["cannot"]} if one["cannot"] else {}}
        for one in document["report"]["checked"]
    ]}  # fmt: skip
    return Split(cohort, members, settings, report_of(report), name=row["name"])


def drop_split(cohort: PatientSet, name: str) -> None:
    """Let go of a kept split.

    Parameters
    ----------
    cohort : PatientSet
    name : str

    Raises
    ------
    SplitError
        The cohort has none of that name.
    """
    store = cohort.store
    if store.read_only:
        raise StoreError("The store is open for reading alone", where=store.url)
    frozen = getattr(cohort, "id", "")
    where = f"name = {quote(name)} AND cohort = {quote(str(frozen))}"
    rows = store.records.read("splits", where, ["split"]).to_pylist()
    if not rows:
        raise SplitError(f"No split {name!r} of the cohort", where=cohort.name or None)
    with lock(store.place, "splits"):
        store.records.dataset("splits").delete(where)
        store.records.dataset("parts").delete(f"split = {quote(rows[0]['split'])}")
