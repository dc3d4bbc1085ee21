"""home_loop: what a thread has to say, said in the thread that the widgets are of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


def home_loop() -> Callable[[Callable[[], None]], None]:
    """Calls back in the thread that asks, where it has a loop; widgets are not for two threads.

    Returns
    -------
    callable
        Takes what is to be done; it may be called by any thread.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return at_once

    def later(action: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(action)

    return later


def at_once(action: Callable[[], None]) -> None:
    """Do it here and now."""
    action()
