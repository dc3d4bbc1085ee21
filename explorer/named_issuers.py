"""Equal identifiers that a file says are of several issuers: they are kept apart, always."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from explorer.records_draft import RecordsDraft

if TYPE_CHECKING:
    from explorer.store import Store

Issuer = Callable[[str], str]
_MARK = "#"


def whose(draft: RecordsDraft, issuer: Issuer) -> str:
    """The issuer of a draft's identifier: its own where it is kept apart, else its file's."""
    return draft.issuer or issuer(draft.sources[0].uri)


def keep_apart(store: Store, drafts: Iterable[RecordsDraft], issuer: Issuer) -> None:
    """Give drafts an issuer of their own where their identifier comes from several.

    A FHIR identifier has a system, as a DICOM patient may have an IssuerOfPatientID. Where one
    source tree has one identifier from one system, it is the tree's own, and joins what else the
    tree calls so. Where it has several, now or in an earlier run, each is a person of its own.

    Parameters
    ----------
    store : Store
    drafts : iterable of RecordsDraft
    issuer : callable
        ``issuer(uri)``: of the file's source tree.
    """
    named = [one for one in drafts if one.patient and one.patient.identifier]
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for draft in named:
        if draft.patient and draft.patient.issuer:
            said[_of(draft, issuer)].add(draft.patient.issuer)
    if not said:
        return
    for row in store.records.read("aliases").to_pylist():
        tree, mark, system = row["issuer"].partition(_MARK)
        if mark and (tree, row["identifier"]) in said:
            said[tree, row["identifier"]].add(system)
    for draft in named:
        if draft.patient and len(said.get(_of(draft, issuer), ())) > 1:
            draft.issuer = f"{issuer(draft.sources[0].uri)}{_MARK}{draft.patient.issuer or ''}"


def remember(
    store: Store, drafts: Iterable[RecordsDraft], issuer: Issuer, keys: dict[tuple[str, str], str]
) -> None:
    """Note from which system an identifier came, so that a later one of another is kept apart.

    Parameters
    ----------
    store : Store
    drafts : iterable of RecordsDraft
    issuer : callable
    keys : dict
        (issuer, identifier) to the patient's key, as committed.
    """
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for draft in drafts:
        if draft.patient and draft.patient.issuer and draft.issuer is None:
            tree, identifier = _of(draft, issuer)
            names[f"{tree}{_MARK}{draft.patient.issuer}"][identifier] = keys[tree, identifier]
    for own, theirs in names.items():
        store.identity.add_all(own, theirs)


def _of(draft: RecordsDraft, issuer: Issuer) -> tuple[str, str]:
    name = draft.patient.identifier if draft.patient else None
    return issuer(draft.sources[0].uri), name or ""
