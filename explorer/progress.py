"""Progress of long work: rich in a terminal, tqdm in a notebook, nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from explorer.printable import printable


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show how far some work is.

    Parameters
    ----------
    title : str
    total : int

    Yields
    ------
    callable
        Call it with a few words after each step.
    """
    if not total:
        yield lambda words: None
    elif "ipykernel" in sys.modules:
        from tqdm.auto import tqdm

        with tqdm(total=total, desc=title) as bar:

            def step(words: str) -> None:
                bar.set_postfix_str(words, refresh=False)
                bar.update()

            yield step
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task(title, total=total)

            def advance(words: str) -> None:
                shown.update(
                    task, advance=1, description=f"{title}: {escape(printable(words)[:60])}"
                )

            yield advance
    else:
        yield lambda words: None
