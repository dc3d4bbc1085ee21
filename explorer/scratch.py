"""Scratch: private working folders of runs, and the sweeping of those whose run is dead."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from explorer.layout import SCRATCH
from explorer.lock import lock

if TYPE_CHECKING:
    from explorer.place import Place
    from explorer.store import Store

_ALIVE = ".alive"


@contextmanager
def scratch(store: Store, kind: str) -> Iterator[Path]:
    """A working folder for as long as the block lasts; what lies in it are patients' files.

    It is in the store, or in the system's own place for a store on S3. A run that is killed
    leaves it, and with it a lock that nobody holds: `sweep_scratch` can tell the dead.

    Parameters
    ----------
    store : Store
    kind : str
        Begins its name.

    Yields
    ------
    pathlib.Path
    """
    if not store.place.local:
        with tempfile.TemporaryDirectory(prefix=f"oncograph-{kind}-") as elsewhere:
            yield Path(elsewhere)
        return
    parent = store.place / SCRATCH
    parent.make_folder()
    with lock(store.place, "scratch"):
        made = tempfile.TemporaryDirectory(dir=parent.path, prefix=f"{kind}-")
        alive = FileLock(Path(made.name) / _ALIVE, mode=0o600)
        alive.acquire()
    try:
        yield Path(made.name)
    finally:
        # a sweep that met the folder half deleted would put its own lock file into it
        with lock(store.place, "scratch"):
            alive.release()
            made.cleanup()


def sweep_scratch(store: Store) -> tuple[int, list[Place]]:
    """Delete the working folders of runs that are dead.

    Parameters
    ----------
    store : Store

    Returns
    -------
    swept : int
    alive : list of Place
        Folders of runs that are at work.
    """
    if not store.place.local or not (store.place / SCRATCH).exists():
        return 0, []
    swept, alive = 0, []
    with lock(store.place, "scratch"):
        for folder in (store.place / SCRATCH).children():
            if not folder.path.is_dir():
                folder.delete()
                continue
            held = FileLock(folder.path / _ALIVE, mode=0o600)
            try:
                held.acquire(timeout=0)
            except Timeout:
                alive.append(folder)
                continue
            except FileNotFoundError:
                continue  # its own run has just deleted it
            held.release()
            with suppress(OSError):
                folder.delete_tree()
            swept += not folder.exists()
    return swept, alive
