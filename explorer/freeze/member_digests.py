"""What a frozen cohort keeps of each patient to prove, later, that nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.freeze.array_digest import ArrayDigest, array_digest
from explorer.freeze.row_digests import row_digests
from explorer.progress import progress

if TYPE_CHECKING:
    from explorer.patient_set import PatientSet
    from explorer.records import Head


def member_digests(members: PatientSet, title: str) -> Iterator[tuple[Head, str, ArrayDigest]]:
    """Read everything that patients are at their versions.

    A member's digest is the sha256 of ``rows DIGEST`` and ``arrays DIGEST``, a line each: see
    `row_digests` and `array_digest`. It holds no name that the store gave, so that equal content
    has an equal digest.

    Parameters
    ----------
    members : PatientSet
    title : str
        Of the progress that is shown.

    Yields
    ------
    head : Head
    sha256 : str
    arrays : ArrayDigest
    """
    rows = row_digests(members)
    by_key = {one.key: one for one in members.patients()}
    with progress(title, len(by_key)) as step:
        for head in members.heads:
            arrays = array_digest(by_key[head.patient])
            text = f"rows {rows[head.patient]}\narrays {arrays.sha256}\n"
            yield head, hashlib.sha256(text.encode()).hexdigest(), arrays
            step(by_key[head.patient].label)


def member_leaf(head: Head, sha256: str) -> str:
    """What stands for a member in the cohort's digest.

    Key and commit are random, and go when the patient is erased: what is left says then to nobody
    whether some data was that patient's.

    Parameters
    ----------
    head : Head
    sha256 : str
        The member's digest.
    """
    text = f"{head.patient} {head.version} {head.commit} {sha256}"
    return hashlib.sha256(text.encode()).hexdigest()


def cohort_digest(leaves: list[str]) -> str:
    """The sha256 of a frozen cohort: over its members' leaves, sorted, one a line."""
    return hashlib.sha256("".join(f"{leaf}\n" for leaf in sorted(leaves)).encode()).hexdigest()
