"""A limit on the time that somebody else's function may take."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_GRACE_S = 5.0


class TookTooLong(BaseException):
    """Raised in the function when its time is over."""


@contextmanager
def time_limit(seconds: float | None, *, may_end: bool) -> Iterator[None]:
    """Raise `TookTooLong` in the block when its time is over.

    Python's own code is interrupted. Code that does not come back to Python (a library's loop, a
    read that waits) is not: where the process is one that may be ended, it is, a little later.

    Parameters
    ----------
    seconds : float or None
        None: no limit.
    may_end : bool
        Whether this process is a worker's.

    Raises
    ------
    TookTooLong
    """
    if seconds is None:
        yield
        return
    thread, over, ended = threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        if over.wait(seconds):
            return
        with ended:
            if not over.is_set():
                raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
                raise_in(ctypes.c_ulong(thread), ctypes.py_object(TookTooLong))
        if may_end and not over.wait(_GRACE_S):
            os._exit(124)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with ended:
            over.set()
