"""Store: patients in one place, each at a version, with one commit point."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pandas as pd

from explorer.arrays import PatientArrays
from explorer.errors import NotFoundError, StoreError
from explorer.identity import Identity
from explorer.layout import UNASSIGNED, repository_path
from explorer.make_store import make_store
from explorer.patient import Patient
from explorer.place import Place
from explorer.privacy.hide import is_hidden
from explorer.read_marker import read_marker
from explorer.records import Records, now
from explorer.tombstones import Tombstones
from explorer.transaction import Transaction
from explorer.trust import Trust, folder_named, is_below, readable

if TYPE_CHECKING:
    from explorer.cohort import Cohort
    from explorer.freeze.frozen_cohort import FrozenCohort
    from explorer.index.attached_index import AttachedIndex
    from explorer.index.public_index import PublicIndex
    from explorer.shown_list import ShownList


class Store(Mapping[str, Patient]):
    """A patient-centric store; open it with `explorer.open`.

    A mapping from what people call a patient (or the opaque key) to `Patient`.

    Parameters
    ----------
    place : Place, path or ``s3://bucket/prefix``
        Made by `create`.
    trust_roots : iterable of str or path-like, optional
        Folders that this handle may read references from, besides those that this user has
        trusted the store with before (see `explorer.trust`).

    Attributes
    ----------
    place : Place
        Where it lies.
    read_only : bool
        Set it, and this handle begins no change.
    attached : dict of str to AttachedIndex
        Public indices that `sql` sees, by the names of their tables.

    Raises
    ------
    NotFoundError
        There is no store.
    StoreError
        It is of a newer format than this oncograph knows.
    """

    def __init__(
        self,
        place: Place | str | PathLike[str],
        trust_roots: Iterable[str | PathLike[str]] = (),
    ) -> None:
        self.place = Place.of(place)
        about = read_marker(self.place, str(place))
        self.id: str = about["id"]
        self.version: int = about["version"]
        self.records = Records(self.place)
        self.identity = Identity(self.records)
        self.tombstones = Tombstones(self.records, self.id)
        self.trust = Trust(self.id, os.path.realpath(self.path) if self.place.local else self.url)
        self._trusted = [folder_named(folder) for folder in trust_roots]
        self.read_only = False
        self.attached: dict[str, AttachedIndex] = {}
        self._arrays: dict[str, PatientArrays] = {}
        self._arrays_roots: list[str] = []
        self._roots: list[str] = []
        self._roots_version: int | None = None

    @property
    def url(self) -> str:
        """The absolute path, or ``s3://bucket/prefix``."""
        return self.place.url

    @property
    def path(self) -> Path:
        """The folder of a local store.

        Raises
        ------
        StoreError
            The store is on S3.
        """
        return self.place.path

    @classmethod
    def create(cls, place: Place | str | PathLike[str]) -> Store:
        """Make an empty store, or open the one that is there.

        Raises
        ------
        StoreError
            The folder holds something else.
        """
        where = Place.of(place)
        make_store(where)
        return cls(where)

    def roots(self) -> list[str]:
        """Source folders that the store names; what may be read is `readable_roots`."""
        table = self.records.dataset("roots")
        if table.version != self._roots_version:  # another process may have added one
            found = table.to_table(columns=["root"])
            # a hidden one names no place; nothing is referenced there
            named = [root for root in found["root"].to_pylist() if not is_hidden(root)]
            self._roots, self._roots_version = named, table.version
        return self._roots

    def readable_roots(self) -> list[str]:
        """Source folders that references are read from: named by the store, and trusted."""
        return readable(self.roots(), [*self._trusted, *self.trust.folders()])

    def untrusted_roots(self) -> list[str]:
        """Source folders that the store names and this user has not trusted it with."""
        known = self.readable_roots()
        return sorted(root for root in set(self.roots()) if not is_below(root, known))

    def add_root(self, root: str, issuer: str) -> None:
        """Register a source folder and the issuer that its identifiers belong to."""
        self.records.insert_new("roots", [{"root": root, "issuer": issuer, "time": now()}])

    def arrays(self, key: str) -> PatientArrays:
        """A patient's Icechunk repository."""
        roots = self.readable_roots()
        if roots != self._arrays_roots:  # a folder more, or one less
            self._arrays.clear()
            self._arrays_roots = roots
        if key not in self._arrays:
            self._arrays[key] = PatientArrays(repository_path(self.place, key), roots)
        return self._arrays[key]

    def transaction(self, message: str) -> Transaction:
        """Begin a change; see `Transaction`.

        Raises
        ------
        StoreError
            The store is open for reading alone.
        """
        if self.read_only:
            raise StoreError(
                "The store is open for reading alone",
                where=self.url,
                do="open it anew; the page: oncograph explore STORE --edit",
            )
        return Transaction(self, message)

    def keys_and_labels(self) -> dict[str, str]:
        """Key to label of every patient, in the order of the labels."""
        rows = self.records.visible("attributes", ["patient", "label", "came_as"])
        each = zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True)
        named = {
            key: label or key for key, label, came_as in each if key != UNASSIGNED and not came_as
        }
        return dict(sorted(named.items(), key=lambda pair: (pair[1], pair[0])))

    def __getitem__(self, name: str) -> Patient:
        head = self.records.head(self.identity.resolve(name))
        if head is None or head.patient == UNASSIGNED:
            raise NotFoundError(f"No patient {name!r}", where=self.url)
        return Patient(self, head)

    def patients(
        self, names: Iterable[str] | None = None, tables: Sequence[str] = ()
    ) -> list[Patient]:
        """Many patients at once, some tables of theirs read already; see `read_patients`."""
        from explorer.read_patients import read_patients

        return read_patients(self, names, tables)

    def __iter__(self) -> Iterator[str]:
        labels = self.keys_and_labels()
        shared = pd.Series(list(labels.values()), dtype=object).duplicated(keep=False)
        for (key, label), twice in zip(labels.items(), shared, strict=True):
            yield key if twice else label

    def __len__(self) -> int:
        keys = self.records.read("patients", columns=["patient"])["patient"].to_pylist()
        return len(set(keys) - self._unlisted())

    def _unlisted(self) -> set[str]:
        return {UNASSIGNED, *self.records.hidden()}

    @overload
    def cohort(self, name: None = None) -> Cohort: ...

    @overload
    def cohort(self, name: str) -> FrozenCohort: ...

    def cohort(self, name: str | None = None) -> Cohort | FrozenCohort:
        """All patients, to choose from; with a name, the frozen cohort of that name.

        Raises
        ------
        NotFoundError
            No cohort was frozen under the name.
        """
        if name is not None:
            from explorer.freeze.frozen_cohort import FrozenCohort

            return FrozenCohort(self, name)
        from explorer.cohort import Cohort

        return Cohort(self)

    def cohorts(self) -> ShownList[FrozenCohort]:
        """The frozen cohorts, the oldest first."""
        from explorer.freeze.frozen_cohort import frozen_cohorts

        return frozen_cohorts(self)

    def files(self) -> pd.DataFrame:
        """One status row for every source file that the store has met."""
        frame: pd.DataFrame = self.records.visible("files").to_pandas()
        return frame.drop(columns=["commit", "came_as"])

    def sql(self, query: str) -> pd.DataFrame:
        """Answer a SELECT over the visible rows.

        Tables: patients, items, segments, facts, events, observations, vectors, texts, files, and
        features (the names of the vectors' entries).

        Parameters
        ----------
        query : str
            DuckDB SQL, read-only; no file and no network is in reach.

        Raises
        ------
        QueryError
            It is no SELECT, or DuckDB refuses it.
        """
        from explorer.query import sql

        return sql(self, query)

    def attach(
        self,
        index: PublicIndex,
        name: str = "idc",
        *,
        issuer: str | None = None,
        collections: str | Iterable[str] | None = None,
    ) -> AttachedIndex:
        """Let `sql` of this handle see a public index as a table beside the store's own.

        Parameters
        ----------
        index : PublicIndex
            See `explorer.index.public_index`.
        name : str
            Of the table. It has the index's columns, and ``patient``, ``patient_state`` and
            ``held``; see `AttachedIndex`.
        issuer : str, optional
            Who gave out the identifiers of `collections`, as the store knows it. Without it no
            patient of the index is one of the store's: it cannot be told.
        collections : str or iterable of str, optional
            Collections of the index whose PatientIDs are of that issuer: 'tcga_*'.

        Returns
        -------
        AttachedIndex
        """
        from explorer.index.attached_index import AttachedIndex

        self.attached[name] = AttachedIndex(self, index, name, issuer, collections)
        return self.attached[name]

    def __reduce__(self) -> tuple[Any, ...]:
        # another process opens it anew, with the credentials of its own environment
        return (Store, (self.place, tuple(self._trusted)), {"read_only": self.read_only})

    def __repr__(self) -> str:
        return f"<Store {self.place.name!r}: {len(self)} patients>"

    def _repr_html_(self) -> str:
        from explorer.store_html import store_html

        return store_html(self)


def as_store(place: Store | Place | str | PathLike[str]) -> Store:
    """A store from a store, a path or a URL."""
    return place if isinstance(place, Store) else Store(place)


def open_store(
    place: Place | str | PathLike[str],
    *,
    create: bool = False,
    trust_roots: Iterable[str | PathLike[str]] = (),
) -> Store:
    """Open a store.

    Parameters
    ----------
    place : str or path-like
        A path, or ``s3://bucket/prefix`` with credentials in the environment
        (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_REGION).
    create : bool
        Make an empty one where there is none.
    trust_roots : iterable of str or path-like, optional
        Folders that this store may show its references from. Needed for a store that somebody
        else made, or that was moved; what you ingest yourself is trusted by that. It counts for
        this handle; ``oncograph info STORE --trust-root DIR`` remembers it.

    Returns
    -------
    Store
    """
    if create:
        Store.create(place)
    return Store(place, trust_roots)
