"""Link: which patients of a store the patients of a public index are, by a declared issuer."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from explorer.errors import StoreError
from explorer.index.public_index import PublicIndex
from explorer.layout import UNASSIGNED
from explorer.records import quote

if TYPE_CHECKING:
    from explorer.store import Store

#: The state of a patient of the index.
JOINED = "joined"
NOT_HERE = "no patient of that identifier"
CANNOT_TELL = "cannot tell: nobody has said who gave out the identifiers"


class Link:
    """Patients of an index with the keys of the store's patients.

    The same text is no proof that two are one: it counts where a person has said that a
    collection's PatientIDs are of an issuer that the store knows. Nothing else joins.

    Parameters
    ----------
    store : Store
    index : PublicIndex
    issuer : str, optional
        Who gave the identifiers out, as the store's alias table has it. None joins nobody.
    collections : str or iterable of str, optional
        Collections whose PatientIDs are of that issuer; ``*`` stands for any text.

    Attributes
    ----------
    keys : list of str or None
        For each of ``index.persons``.
    states : list of str

    Raises
    ------
    StoreError
        An issuer without collections, where the index has several.
    """

    def __init__(
        self,
        store: Store,
        index: PublicIndex,
        issuer: str | None = None,
        collections: str | Iterable[str] | None = None,
    ) -> None:
        _, first = index.persons
        code, names = index.codes("collection_id")
        who, identifiers = index.codes("PatientID")
        said = _said(issuer, collections, [name for name in names if name is not None])
        vouched = [name is not None and any(fnmatchcase(name, p) for p in said) for name in names]
        known = _known(store, issuer) if issuer is not None and any(vouched) else {}
        self.keys: list[str | None] = []
        self.states: list[str] = []
        for row in first.tolist():
            name = identifiers[who[row]]
            told = vouched[code[row]] and bool(name)
            key = known.get(name) if told and name is not None else None
            self.keys.append(key)
            self.states.append(JOINED if key else NOT_HERE if told else CANNOT_TELL)


def _said(
    issuer: str | None, collections: str | Iterable[str] | None, names: list[str]
) -> tuple[str, ...]:
    if issuer is None:
        return ()
    if collections is None:
        if len(names) > 1:
            raise StoreError(
                f"The index has {len(names)} collections, each with identifiers of its own",
                expected=f"to be told which of them use identifiers of {issuer!r}",
                do="name them: collections='tcga_*'",
            )
        return tuple(names)
    return (collections,) if isinstance(collections, str) else tuple(collections)


def _known(store: Store, issuer: str) -> dict[str, str]:
    """Identifiers of an issuer, and the visible patients whom they lead to."""
    rows = store.records.read("aliases", f"issuer = {quote(issuer)}", ["identifier", "patient"])
    lead = store.records.hidden()
    heads = store.records.read("patients", columns=["patient"])["patient"].to_pylist()
    visible = set(heads) - {UNASSIGNED}
    pairs = zip(rows["identifier"].to_pylist(), rows["patient"].to_pylist(), strict=True)
    found = {name: lead.get(key, key) for name, key in pairs}
    return {name: key for name, key in found.items() if key in visible}
