"""Verify a frozen cohort: everything is read again, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.check_sources import check_sources
from explorer.errors import OncographError
from explorer.freeze.cohort_verification import CohortVerification
from explorer.freeze.frozen_rows import erased_of
from explorer.freeze.member_digests import cohort_digest, member_digests, member_leaf
from explorer.records import Head

if TYPE_CHECKING:
    from explorer.freeze.frozen_cohort import FrozenCohort
    from explorer.patient import Patient


def verify_cohort(frozen: FrozenCohort) -> CohortVerification:
    """Read every row and every chunk of a frozen cohort, and compare with what was frozen.

    What it can prove: that rows, chunks and metadata of each member are, byte for byte, those
    that were hashed at the freeze, that nobody was added, and that whoever is missing was erased
    (of such a member the store keeps a hash of random names, by which the cohort's own sha256
    still comes out). Of pixels by reference the source files are hashed, too. It cannot prove
    who froze it: whoever may write to the store could write another cohort with another sha256.
    Keep the sha256 elsewhere to hold it against.

    Parameters
    ----------
    frozen : FrozenCohort

    Returns
    -------
    CohortVerification
    """
    store = frozen.store
    members = {row["patient"]: row for row in frozen.members}
    notes = erased_of(store.records, frozen.id)
    result = CohortVerification(frozen.name, frozen.digest, frozen.self_contained)
    result.erased = sorted(one["date"] for one in notes)
    for key in sorted(set(members) - set(frozen.keys)):
        version = members[key]["version"]
        result.fault(None, key, None, f"version {version} is missing from the store")
    by_key = {} if frozen.self_contained else {one.key: one for one in frozen.patients()}
    for head, sha256, arrays in member_digests(frozen, "Verify"):
        row, label = members[head.patient], frozen.labels[head.patient]
        before = len(result.faults)
        for item, words in arrays.faults.items():
            result.fault(label, head.patient, item, f"cannot be read: {words}")
        if head.patient in by_key:
            _sources(by_key[head.patient], result)
        same = (row["version"], row["snapshot"]) == (head.version, head.snapshot)
        if not same or (row["sha256"] != sha256 and not arrays.faults):
            result.fault(label, head.patient, None, "changed: it is not what was frozen")
        result.keys += arrays.keys
        result.bytes += arrays.bytes
        result.patients += len(result.faults) == before
    leaves = [member_leaf(_head(row), row["sha256"]) for row in members.values()]
    if cohort_digest([*leaves, *(one["leaf"] for one in notes)]) != frozen.digest:
        result.fault(None, None, None, "the list of members is not the one that was frozen")
    return result


def _head(row: dict[str, Any]) -> Head:
    return Head(row["patient"], row["version"], row["commit"], row["snapshot"], "", {})


def _sources(patient: Patient, result: CohortVerification) -> None:
    for item in (*patient.images.values(), *patient.slides.values()):
        if item.storage == "referenced":
            try:
                check_sources(item)
            except OncographError as error:
                result.fault(patient.label, patient.key, item.id, error.found)
