"""Files and records of people who were erased: left out of an ingest, unless they are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from explorer.named_issuers import whose

if TYPE_CHECKING:
    from explorer.assign import Person
    from explorer.draft import Header
    from explorer.records_draft import RecordsDraft
    from explorer.store import Store

REASON = "the patient was erased from this store; --again takes the files in"


def leave_erased(
    store: Store,
    people: Mapping[Person, list[Header]],
    hashes: Mapping[str, str | None],
    *,
    again: bool,
) -> set[str]:
    """Find the files that are not to come in again.

    One file that was erased, or the name of somebody who was, leaves out all files of the person.

    Parameters
    ----------
    store : Store
    people : mapping
        Whose the files are.
    hashes : mapping
        Every file that was looked at, to its sha256.
    again : bool
        The person at the notebook wants them: nothing is left out, and it is not asked again.

    Returns
    -------
    set of str
        Files by uri. Their names are not to be kept.
    """
    stones = store.tombstones
    if not stones.known():
        return set()
    files = stones.files(hashes)
    gone = set()
    for person, headers in people.items():
        uris = {header.source.uri for header in headers}
        if uris & files or stones.persons(person.issuer, [person.identifier]):
            gone.add(person)
            files |= uris
    if again:
        digests = [stones.of_person(person.issuer, person.identifier) for person in gone]
        stones.forget([one for one in digests if one])
        stones.forget(stones.of_file(sha) for uri, sha in hashes.items() if sha and uri in files)
        return set()
    return files


def leave_records(
    store: Store,
    drafts: Iterable[RecordsDraft],
    issuer: Callable[[str], str],
    *,
    again: bool,
) -> list[RecordsDraft]:
    """Leave out the records of those who were erased, of files that speak of many patients.

    Parameters
    ----------
    store : Store
    drafts : iterable of RecordsDraft
        Each with its patient.
    issuer : callable
        ``issuer(uri)``: whose identifiers a file uses.
    again : bool
        Nothing is left out, and it is not asked again.
    """
    kept = list(drafts)
    if not store.tombstones.known():
        return kept
    names: dict[str, set[str]] = defaultdict(set)
    for draft in kept:
        if draft.patient is not None and draft.patient.identifier:
            names[whose(draft, issuer)].add(draft.patient.identifier)
    gone = {
        (named, name)
        for named, some in names.items()
        for name in store.tombstones.persons(named, some)
    }
    if again:
        digests = [store.tombstones.of_person(named, name) for named, name in gone]
        store.tombstones.forget([one for one in digests if one])
        return kept
    return [
        draft
        for draft in kept
        if draft.patient is None or (whose(draft, issuer), draft.patient.identifier) not in gone
    ]
