"""Forked processes are refused at once; the storage engines would hang in them."""

from __future__ import annotations

import os

from explorer.errors import StoreError


class _Process:
    used = False
    forked = False


def refuse_fork() -> None:
    """Raise in a process that was forked after a store had been used; call before each use.

    Icechunk and Lance run threads that do not survive a fork: the next read never returns.

    Raises
    ------
    StoreError
        This is such a process.
    """
    if _Process.forked:
        raise StoreError(
            "A store was in use when this process was forked, and cannot be used in it",
            expected="a process started by spawn or forkserver",
            do="use multiprocessing's 'spawn' context and call explorer.open in the worker; "
            "a forked one would hang (the storage engines' threads do not survive a fork)",
        )
    _Process.used = True


def _after_fork() -> None:
    _Process.forked = _Process.used


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_after_fork)
