"""What drivers share: lines for the test, and a death at a step of the program under test."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any


def say(**words: Any) -> None:
    """One line of JSON on stdout."""
    os.write(1, (json.dumps(words) + "\n").encode())


def arm(order: Mapping[str, Any], steps: Mapping[str, tuple[Any, str]]) -> None:
    """Let the process die by SIGKILL before, or after, one call of a step; calls count from 0."""
    for name in ("die_before", "die_after"):
        if name in order:
            owner, method = steps[order[name][0]]
            step = getattr(owner, method)
            setattr(owner, method, _deadly(step, order[name][1], after=name == "die_after"))


def _deadly(step: Callable[..., Any], call: int, *, after: bool) -> Callable[..., Any]:
    calls = iter(range(10**9))

    def run(*args: Any, **kwargs: Any) -> Any:
        now = next(calls) == call
        if now and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*args, **kwargs)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return run
