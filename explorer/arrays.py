"""A patient's Icechunk repository: opened for reading at a snapshot, or for one locked write."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import icechunk
import zarr

from explorer.errors import NotFoundError
from explorer.fork import refuse_fork
from explorer.on_s3 import SCHEME, on_s3, plain_object
from explorer.place import Place

# Coordinates, slopes and the like go into the manifest itself: fewer files, one read.
_INLINE_BYTES = 16_384
_KEEP = "keep-"  # begins the names of branches that hold snapshots
_FROZEN = "frozen-"  # of those that frozen cohorts hold


def container_prefix(root: str) -> str:
    """The URL prefix under which files of a source root are referenced."""
    if on_s3(root):
        return root.rstrip("/") + "/"
    return "file://" + root.rstrip("/\\") + "/"


def reference_location(path: str, prefixes: Iterable[str]) -> str | None:
    """The URL of a file to reference, or None where it lies outside of every source root.

    Icechunk percent-decodes locations and does not decode prefixes: a name such as ``a%20b``
    that is not encoded here would read the file ``a b``.

    Parameters
    ----------
    path : str
        Absolute, or an object's URL.
    prefixes : iterable of str
        Of the roots, by `container_prefix`.
    """
    if on_s3(path):
        plain = plain_object(path) and any(path.startswith(p) for p in prefixes)
        return SCHEME + quote(path.removeprefix(SCHEME)) if plain else None
    plain = os.path.normpath(path) == path and any(f"file://{path}".startswith(p) for p in prefixes)
    return "file://" + quote(path) if plain else None


class PatientArrays:
    """Arrays of one patient.

    Parameters
    ----------
    place : Place
        The repository's folder; it need not exist before the first write.
    roots : iterable of str
        Source folders that references may be read from. Nothing else is.
    """

    def __init__(self, place: Place, roots: Iterable[str] = ()) -> None:
        self.place = place
        self.roots = sorted(set(roots))
        self._repository: Any = None

    def exists(self) -> bool:
        """Whether the repository was ever made."""
        return (self.place / "refs").exists() or (self.place / "repo").exists()

    def _config(self) -> tuple[Any, Any]:
        config = icechunk.RepositoryConfig.default()
        config.inline_chunk_threshold_bytes = _INLINE_BYTES
        access: dict[str, Any] = {}
        for root in self.roots:
            prefix = container_prefix(root)
            if on_s3(root):
                from explorer.s3_source import chunk_container

                found = chunk_container(prefix)
                if found is not None:
                    config.set_virtual_chunk_container(found[0])
                    access[prefix] = found[1]
                continue
            config.set_virtual_chunk_container(
                icechunk.VirtualChunkContainer(
                    prefix, icechunk.local_filesystem_store(root.rstrip("/\\") + "/")
                )
            )
            access[prefix] = None
        return config, icechunk.containers_credentials(access)

    def _open(self, *, create: bool = False) -> Any:
        refuse_fork()
        if self._repository is not None and not self.exists():
            self._repository = None  # swept by `compact`, since no version was ever visible
        if self._repository is None:
            config, access = self._config()
            if self.exists():
                self._repository = icechunk.Repository.open(
                    self.place.icechunk_storage(),
                    config=config,
                    authorize_virtual_chunk_access=access,
                )
            elif create:
                self.place.make_folder()
                newer = not icechunk.__version__.startswith("1.")
                self._repository = icechunk.Repository.create(
                    self.place.icechunk_storage(),
                    config=config,
                    authorize_virtual_chunk_access=access,
                    **({"spec_version": 1} if newer else {}),
                )
            else:
                raise NotFoundError("The patient has no arrays", where=self.place.url)
        return self._repository

    def read(self, snapshot: str) -> zarr.Group:
        """Open the root group as it was at a snapshot, read-only."""
        with self.place.asking():
            session = self._open().readonly_session(snapshot_id=snapshot)
            return zarr.open_group(session.store, mode="r")

    def write(self, base: str | None) -> Any:
        """Begin a write on top of a snapshot; the caller holds the patient's lock.

        What a killed writer has committed beyond `base` was never visible, and is left behind.

        Parameters
        ----------
        base : str or None
            The visible snapshot; None where there are no visible arrays yet.

        Returns
        -------
        icechunk.Session
            Use ``session.store``, then ``session.commit(message)``.
        """
        with self.place.asking():
            repository = self._open(create=True)
            self._reset(base)
            return repository.writable_session("main")

    def _reset(self, base: str | None) -> None:
        """Let the branch end at a snapshot, or at the empty beginning."""
        repository = self._open()
        if base is None:
            base = [entry.id for entry in repository.ancestry(branch="main")][-1]
        if repository.lookup_branch("main") != base:
            repository.reset_branch("main", base)

    def sweep(self, keep: str | None, grace_s: float = 0.0, *, dry_run: bool = False) -> int:
        """Delete what no visible version can reach; the caller holds the patient's lock.

        Parameters
        ----------
        keep : str or None
            The visible snapshot: it and its ancestors stay. None where there are no visible
            arrays.
        grace_s : float
            Younger chunks stay.
        dry_run : bool
            Delete nothing, and count.

        Returns
        -------
        int
            Bytes freed.
        """
        if not self.exists():
            return 0
        if not dry_run:
            self._reset(keep)
        repository = self._open()
        older_than = datetime.now(UTC) - timedelta(seconds=grace_s)
        return int(repository.garbage_collect(older_than, dry_run=dry_run).bytes_deleted)

    def keep_only(self, main: str | None, keep: set[str]) -> int:
        """Delete every snapshot but some; the caller holds the patient's lock.

        Icechunk keeps what a branch or tag points to. A tag's name can be used once, so that
        branches hold what stays: ``keep-<snapshot>``.

        Parameters
        ----------
        main : str or None
            The visible snapshot.
        keep : set of str
            Snapshots that versions in the history still name.

        Returns
        -------
        int
            Bytes freed.
        """
        if not self.exists():
            return 0
        self._reset(main)
        repository = self._open()
        there = {name for name in repository.list_branches() if name.startswith(_KEEP)}
        wanted = {_KEEP + one for one in keep if one != main}
        for name in wanted - there:
            repository.create_branch(name, name.removeprefix(_KEEP))
        for name in there - wanted:
            repository.delete_branch(name)
        repository.expire_snapshots(datetime.now(UTC))
        return int(repository.garbage_collect(datetime.now(UTC)).bytes_deleted)

    def hold(self, snapshot: str) -> None:
        """Let a snapshot stay, whatever else is deleted, until `release`.

        A branch of its own, ``frozen-<snapshot>``: a tag's name could not be used again.
        """
        repository = self._open()
        if _FROZEN + snapshot in repository.list_branches():
            return
        try:
            repository.create_branch(_FROZEN + snapshot, snapshot)
        except icechunk.IcechunkError:
            # the name says which snapshot it holds: another freeze may have made it meanwhile
            if _FROZEN + snapshot not in self._open().list_branches():
                raise

    def release(self, but: Collection[str | None] = ()) -> int:
        """Let snapshots go that were held, but for some; gives their number."""
        if not self.exists():
            return 0
        repository = self._open()
        there = {name for name in repository.list_branches() if name.startswith(_FROZEN)}
        gone = there - {f"{_FROZEN}{one}" for one in but}
        for name in gone:
            repository.delete_branch(name)
        return len(gone)
