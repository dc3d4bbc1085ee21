"""Frozen cohorts in the store's tables: `cohorts`, `members`, and what they hold in `pins`.

A cohort is there from the moment that `cohorts` has its row. Rows of the other two that are of no
such cohort are what a killed freeze or drop has left; `sweep` takes them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from explorer.errors import ConflictError
from explorer.held_outside import any_of
from explorer.lock import lock
from explorer.purge import delete_rows
from explorer.records import Head, Records, quote
from explorer.table_lock import table_lock

if TYPE_CHECKING:
    from explorer.store import Store

COHORT = "cohort"
ERASED = "erased cohort member"
NOBODY = "~erased"
_AT_ONCE = 200

Row = dict[str, Any]


def find_cohort(records: Records, name: str) -> Row | None:
    """The row of a frozen cohort, or None."""
    rows = records.read("cohorts", f"name = {quote(name)}").to_pylist()
    return rows[0] if rows else None


def all_cohorts(records: Records) -> list[Row]:
    """The rows of all frozen cohorts, the oldest first."""
    return sorted(records.read("cohorts").to_pylist(), key=lambda row: (row["time"], row["name"]))


def members_of(records: Records, cohort: str) -> list[Row]:
    """The rows of a cohort's members who were not erased."""
    return list(records.read("members", f"cohort = {quote(cohort)}").to_pylist())


def heads_of(records: Records, members: Sequence[Row]) -> dict[str, Head]:
    """The versions that members are at, by key; of one that is not there any more, none."""
    few = len(members) <= _AT_ONCE
    where = any_of("patient", [row["patient"] for row in members]) if few and members else None
    wanted = {row["commit"] for row in members}
    found = {}
    for row in records.read("commits", where).to_pylist() if members else ():
        if row["commit"] in wanted:
            found[row["patient"]] = Head.from_row(row)
    return found


def erased_of(records: Records, cohort: str) -> list[Row]:
    """What is left of members who were erased: the leaf of each, and the day."""
    where = f"kind = {quote(ERASED)} AND holder = {quote(cohort)}"
    rows = records.read("pins", where, ["place", "time"]).to_pylist()
    return [{"leaf": row["place"], "date": row["time"]} for row in rows]


def write_cohort(store: Store, row: Row, members: list[tuple[Head, str]]) -> None:
    """Pin the members, list them, and then let the cohort be there.

    Parameters
    ----------
    store : Store
    row : dict
        Of `cohorts`.
    members : list of (Head, str)
        Each with its digest.

    Raises
    ------
    ConflictError
        The name is taken, or versions were let go or patients erased in the meantime.
    """
    records = store.records
    pins = [
        {"holder": row["name"], "kind": COHORT, "patient": head.patient, "version": head.version,
         "snapshot": head.snapshot, "place": row["cohort"], "time": row["time"]}
        for head, _ in members
    ]  # fmt: skip
    listed = [
        {"cohort": row["cohort"], "patient": head.patient, "version": head.version,
         "commit": head.commit, "snapshot": head.snapshot, "sha256": sha256}
        for head, sha256 in members
    ]  # fmt: skip
    with lock(store.place, "cohorts") as still_held, table_lock(store.place):
        if find_cohort(records, row["name"]) is not None:
            raise taken(row["name"])
        try:
            records.append("pins", pins)
            records.append("members", listed)
            # pinned first and looked at then: whoever lets versions go looks at the pins
            gone = len(listed) - len(heads_of(records, listed))
            if gone:
                raise ConflictError(
                    f"{gone} versions were let go, or patients erased, in the meantime",
                    do="choose the patients anew, and freeze those",
                )
            still_held()
            records.insert_new("cohorts", [row])
            there = find_cohort(records, row["name"])
            if there is None or there["cohort"] != row["cohort"]:
                raise taken(row["name"])
        except BaseException:
            if row["cohort"] not in _ids(records):
                _forget(records, row["cohort"])
            raise


def taken(name: str) -> ConflictError:
    """The error of a name that is another cohort's."""
    return ConflictError(
        f"There is a frozen cohort {name!r} already",
        do="choose another name; a name stands for one cohort (store.cohorts() lists them)",
    )


def drop_cohort(store: Store, cohort: str) -> None:
    """Take a cohort out: its row first, then what it held."""
    with lock(store.place, "cohorts"), table_lock(store.place):
        keys = [row["patient"] for row in members_of(store.records, cohort) if row["snapshot"]]
        delete_rows(store.records, "cohorts", f"cohort = {quote(cohort)}")
        _forget(store.records, cohort)
    for key in keys:
        release(store, key)


def release(store: Store, key: str) -> None:
    """Let go of array snapshots of a patient that no cohort pins any longer."""
    where = f"kind = {quote(COHORT)} AND patient = {quote(key)}"
    pinned = set(store.records.read("pins", where, ["snapshot"])["snapshot"].to_pylist())
    store.arrays(key).release(pinned)


def note_erased(store: Store, keys: list[str]) -> None:
    """Before members are erased: keep what the rest of each cohort is proven by.

    It can be done again: what is noted is not noted twice.

    Parameters
    ----------
    store : Store
    keys : list of str
        The caller holds the tables.
    """
    from explorer.freeze.member_digests import member_leaf

    records = store.records
    rows = records.read("members", any_of("patient", keys)).to_pylist()
    if not rows:
        return
    known = set(records.read("pins", f"kind = {quote(ERASED)}", ["place"])["place"].to_pylist())
    notes = []
    for row in rows:
        head = Head(row["patient"], row["version"], row["commit"], None, "", {})
        leaf = member_leaf(head, row["sha256"])
        if leaf not in known:
            notes.append(
                {"holder": row["cohort"], "kind": ERASED, "patient": NOBODY, "version": None,
                 "snapshot": None, "place": leaf,
                 "time": datetime.now(UTC).date().isoformat()}
            )  # fmt: skip
    records.append("pins", notes)


def sweep(store: Store, limit: float, *, dry_run: bool = False) -> int:
    """Take out what killed runs have left; the caller holds the tables.

    Parameters
    ----------
    store : Store
    limit : float
        Of a store on S3: seconds since 1970; what was begun later may be at work.
    dry_run : bool

    Returns
    -------
    int
        Rows.
    """
    records = store.records
    where = f"kind = {quote(COHORT)} AND place IS NOT NULL AND time IS NOT NULL"
    begun = {
        row["place"]: datetime.fromisoformat(row["time"]).timestamp()
        for row in records.read("pins", where, ["place", "time"]).to_pylist()
    }
    where = f"kind = {quote(ERASED)}"
    begun |= dict.fromkeys(records.read("pins", where, ["holder"])["holder"].to_pylist(), 0.0)
    found = records.read("members", columns=["cohort"])["cohort"].unique().to_pylist()
    begun = dict.fromkeys(found, 0.0) | begun
    gone = set(begun) - _ids(records)
    if not store.place.local:
        gone = {one for one in gone if begun[one] < limit}
    return sum(_forget(records, one, dry_run=dry_run) for one in sorted(gone))


def _ids(records: Records) -> set[str]:
    return set(records.read("cohorts", columns=["cohort"])["cohort"].to_pylist())


def _forget(records: Records, cohort: str, *, dry_run: bool = False) -> int:
    """The rows of a cohort that is not there; pins last, since they say when it was begun."""
    one, count = quote(cohort), 0
    for table, where in (
        ("members", f"cohort = {one}"),
        ("pins", f"kind = {quote(ERASED)} AND holder = {one}"),
        ("pins", f"kind = {quote(COHORT)} AND place = {one}"),
    ):
        if dry_run:
            count += records.read(table, where, ["patient"]).num_rows
        else:
            count += delete_rows(records, table, where)
    return count
