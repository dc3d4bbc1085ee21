"""Locks of a local store: one a patient, and two for store-wide steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from explorer.errors import StoreError
from explorer.layout import lock_path

_WAIT_S = 120.0


@contextmanager
def lock(store: Path, name: str, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Hold a lock of the store; a killed process gives it back.

    Parameters
    ----------
    store : pathlib.Path
    name : str
        A patient's key, 'heads' or 'identity'.
    wait_s : float
        How long to wait for another holder.

    Raises
    ------
    StoreError
        Another process holds it for longer, or the drive cannot lock.
    """
    place = lock_path(store, name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = FileLock(place, mode=0o600)
    try:
        held.acquire(timeout=wait_s)
    except Timeout as error:
        raise StoreError(
            f"Another process has been writing here for more than {wait_s:.0f} s",
            where=str(place),
            do="wait for it to end, then try again",
        ) from error
    except NotImplementedError as error:
        raise StoreError(
            "The drive that holds the store cannot lock files",
            expected="a local disk, or a network drive with locks",
            where=str(store),
            do="move the store to a local disk; without locks two writers would lose data",
        ) from error
    try:
        yield
    finally:
        held.release()
