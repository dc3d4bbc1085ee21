"""Before a freeze: what lies in source files is copied in, or the reason why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.check_sources import check_sources
from explorer.errors import ConflictError, OncographError, SourceChangedError
from explorer.freeze.members_at import MembersAt
from explorer.layout import RECORDS
from explorer.materialize import materialize
from explorer.progress import progress
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet

_SHOWN = 5
# What `materialize` changes; anything else is another version of the patient.
_COPYING = {"items", "files"}


def copied_in(members: PatientSet) -> tuple[Head, ...]:
    """Copy the referenced pixels of patients into the store.

    What was copied is not copied again: a freeze that was stopped goes on where it was.

    Parameters
    ----------
    members : PatientSet

    Returns
    -------
    tuple of Head
        The versions with the copies, in the order of the members.

    Raises
    ------
    ConflictError
        Patients that have to be copied were changed since they were chosen.
    SourceChangedError
        Source files are gone, or were changed; the message and ``faults`` have the list.
    """
    store = members.store
    wanted = _referenced(members, "image")
    if not wanted:
        return members.heads
    now = {head.patient: head for head in store.records.heads() if head.patient in wanted}
    _refuse_moved(members, now)
    waiting = [key for key in wanted if now[key].commit == members.at(key).commit]
    images = {item for some in wanted.values() for item in some}
    left = [one for one in materialize(store, waiting).left if one["item"] in images]
    if left:
        raise refused(left)
    now = {head.patient: head for head in store.records.heads() if head.patient in wanted}
    _refuse_moved(members, now)
    heads = tuple(now.get(head.patient, head) for head in members.heads)
    if again := _referenced(MembersAt(store, heads), "image"):
        labels = ", ".join(members.labels[key] for key in list(again)[:_SHOWN])
        raise ConflictError(
            f"{len(again)} patients got new references meanwhile", where=labels, do="freeze again"
        )
    return heads


def check_referenced(members: PatientSet) -> None:
    """Hash the source files of what stays by reference.

    Raises
    ------
    SourceChangedError
        Some are gone, or were changed.
    """
    keys = set(_referenced(members, "image")) | set(_referenced(members, "slide"))
    people = [one for one in members.patients(["items", "files"]) if one.key in keys]
    left = []
    with progress("Check sources", len(people)) as step:
        for one in people:
            for item in (*one.images.values(), *one.slides.values()):
                if item.storage != "referenced":
                    continue
                try:
                    check_sources(item)
                except OncographError as error:
                    left.append({"patient": one.label, "item": item.id, "reason": error.found})
            step(one.label)
    if left:
        raise refused(left)


def still_referenced(members: PatientSet) -> list[dict[str, Any]]:
    """What needs its source files even so: patient (key), item, reason."""
    reasons = {
        "image": "frozen by reference",
        "slide": "the levels of a slide are read from its file",
    }
    return [
        {"patient": key, "item": item, "reason": reason}
        for kind, reason in reasons.items()
        for key, items in _referenced(members, kind).items()
        for item in sorted(items)
    ]


def refused(left: list[dict[str, Any]]) -> SourceChangedError:
    """The error of sources that are not as they were; ``faults`` of it has the whole list."""
    shown = [f"{one['patient']} {one['item']}: {one['reason']}" for one in left[:_SHOWN]]
    more = f"; and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    error = SourceChangedError(
        f"{len(left)} items cannot be frozen: {'; '.join(shown)}{more}",
        expected="source files as they were at ingest",
        do="bring the files back, or ingest them again and choose the patients anew",
    )
    error.faults = left  # type: ignore[attr-defined]
    return error


def _referenced(members: PatientSet, kind: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in members.rows("items", ["item", "kind", "storage"]).to_pylist():
        if row["kind"] == kind and row["storage"] == "referenced":
            found.setdefault(row["patient"], set()).add(row["item"])
    return {key: found[key] for key in members.keys if key in found}


def _refuse_moved(members: PatientSet, now: dict[str, Head]) -> None:
    moved = [key for key, head in now.items() if not _only_copied(members, head)]
    moved += [key for key in _referenced(members, "image") if key not in now]
    if moved:
        labels = ", ".join(members.labels[key] for key in moved[:_SHOWN])
        raise ConflictError(
            f"{len(moved)} patients were changed since they were chosen, and have pixels that "
            "are not copied yet",
            where=labels,
            do="choose the patients anew and freeze those, or freeze by reference",
        )


def _only_copied(members: PatientSet, head: Head) -> bool:
    """Whether a version differs from the member's by nothing but copied pixels."""
    past = members.at(head.patient)
    if head.commit == past.commit:
        return True
    if any(head.at[table] != past.at[table] for table in RECORDS if table not in _COPYING):
        return False
    for one, message in members.store.records.history(head.patient):
        if one.commit == past.commit:
            return True
        if message != "materialize":
            return False
    return False
