"""used_task: a task with what a run really takes as features for its inputs."""

from __future__ import annotations

from dataclasses import replace

from explorer.tasks.task import Task
from explorer.windows.late_facts import SAID_KNOWN
from graphs.examples.examples import Examples
from graphs.features.row_address import RowAddress


def used_task(task: Task, examples: Examples) -> Task | None:
    """Narrow the inputs for the check of a split, which looks at all that they name.

    A task may name every fact, and a configuration a few of them; what came late, or is an
    outcome, `graphs.features` has left out already. Nobody should be refused for what is not used.

    Parameters
    ----------
    task : Task
    examples : Examples
        From `graphs.features.features`.

    Returns
    -------
    Task or None
        Its inputs are the facts and vectors that are features, by name. None where there are
        none: events, findings and the rest count by their days, a row each, when they are read.
    """
    inputs = set()
    for block in examples.blocks.values():
        address = getattr(block, "address", None)
        if isinstance(address, RowAddress) and address.kind in SAID_KNOWN:
            names = [one for one in block.names if one in address.items]
            inputs |= {f"{address.kind}: {address.items[one]}" for one in names}
    return replace(task, inputs=tuple(sorted(inputs))) if inputs else None
