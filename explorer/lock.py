"""Locks of a store: one a patient, and some for store-wide steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from explorer.errors import StoreError
from explorer.layout import lock_path
from explorer.place import Place

_WAIT_S = 120.0
_POLL_S = 0.01  # a commit holds the tables for hundredths of a second
# On S3 a dead holder is waited for this long; a living one says more often that it lives.
LEASE_S = 20.0


@contextmanager
def lock(store: Place | Path, name: str, wait_s: float = _WAIT_S) -> Iterator[Callable[[], None]]:
    """Hold a lock of the store; a killed process gives it back, on S3 after a while.

    Parameters
    ----------
    store : Place or path
    name : str
        A patient's key, 'identity', 'tables' (see `table_lock`) or 'erase'.
    wait_s : float
        How long to wait for another holder.

    Yields
    ------
    callable
        Raises `ConflictError` where the lock was lost in the meantime; to be called before a
        step that only its holder may take. (A local lock cannot be lost.)

    Raises
    ------
    StoreError
        Another process holds it for longer, or the drive cannot lock.
    """
    place = lock_path(Place.of(store), name)
    if place.local:
        with _file_lock(place.path, wait_s):
            yield lambda: None
        return
    from explorer.lease import Lease
    from explorer.s3_place import S3Place

    lease = Lease(S3Place(place.url), LEASE_S)
    try:
        lease.acquire(wait_s)
    except TimeoutError as error:
        raise _taken(place, wait_s) from error
    try:
        yield lease.check
    finally:
        lease.release()


@contextmanager
def _file_lock(place: Path, wait_s: float) -> Iterator[None]:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = FileLock(place, mode=0o600)
    try:
        held.acquire(timeout=wait_s, poll_interval=_POLL_S)
    except Timeout as error:
        raise _taken(place, wait_s) from error
    except NotImplementedError as error:
        raise StoreError(
            "The drive that holds the store cannot lock files",
            expected="a local disk, or a network drive with locks",
            where=str(place.parent.parent),
            do="move the store to a local disk; without locks two writers would lose data",
        ) from error
    try:
        yield
    finally:
        held.release()


def _taken(place: Place | Path, wait_s: float) -> StoreError:
    return StoreError(
        f"Another process has been writing here for more than {wait_s:.0f} s",
        where=str(place),
        do="wait for it to end, then try again",
    )
