"""epoch_progress: how far a training is, and Ctrl-C as a wish to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from graphs.models.epoch import Epoch


@contextmanager
def epoch_progress(title: str, models: int) -> Iterator[tuple[Callable[[str, Epoch], None], Event]]:
    """Show models and epochs; the first Ctrl-C stops at the next batch, the second at once.

    Parameters
    ----------
    title : str
    models : int
        How many there will be.

    Yields
    ------
    callable
        Call it with a model's name and its epoch.
    Event
        Set once somebody wants to stop.
    """
    stop = Event()
    before = _on_interrupt(stop)
    try:
        if not sys.stderr.isatty():
            yield lambda name, epoch: None, stop
            return
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            tasks: dict[str, Any] = {}

            def told(name: str, epoch: Epoch) -> None:
                if name not in tasks:
                    words = f"{title} {len(tasks) + 1}/{models}: {escape(name)}"
                    tasks[name] = shown.add_task(words, total=epoch.of)
                shown.update(tasks[name], completed=epoch.number)

            yield told, stop
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _on_interrupt(stop: Event) -> Any:
    if threading.current_thread() is not threading.main_thread():
        return None
    before = signal.getsignal(signal.SIGINT)

    def wish(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, wish)
    return before
