"""A Lance write that is run again while it only lost a race."""

from __future__ import annotations

import time
from collections.abc import Callable


def retry_lance(step: Callable[[], object], tries: int = 20) -> None:
    """Run a Lance write again while it only lost a race; nothing of a lost one was applied.

    Parameters
    ----------
    step : callable
        The write.
    tries : int

    Raises
    ------
    OSError, RuntimeError
        Of Lance: another fault, or the last race that was lost.
    """
    for attempt in range(tries):
        try:
            step()
        except (OSError, RuntimeError) as error:
            text = str(error).lower()
            raced = "conflict" in text or "too many concurrent writers" in text
            if not raced or attempt == tries - 1:
                raise
            time.sleep(0.01 * (attempt + 1))
        else:
            return
