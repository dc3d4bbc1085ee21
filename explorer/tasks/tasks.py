"""tasks: every task that a store knows, with its metric and the hash of its split."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from explorer.errors import TaskError
from explorer.shown_list import ShownList
from explorer.tasks.task import Task

if TYPE_CHECKING:
    from explorer.store import Store

BUNDLED = "comes with oncograph"
_HEAD = ["task", "kind", "inputs", "outcome", "metric", "better", "unit", "split", "split sha256",
         "task sha256", "registered"]  # fmt: skip


@dataclass(frozen=True)
class ListedTask:
    """A task in the registry.

    Attributes
    ----------
    task : Task
    split : str
        Name of the split that it is scored on; empty where it has none yet.
    split_sha256 : str
        Of who is in which part.
    time : str
        ISO, UTC, of its registration; of a task that only comes with oncograph 'comes with ...'.
    """

    task: Task
    split: str = ""
    split_sha256: str = ""
    time: str = BUNDLED


def tasks(store: Store, *more: str | Path) -> ShownList[ListedTask]:
    """List the tasks of a store, those that come with oncograph, and those of files.

    Parameters
    ----------
    store : Store
    *more : path
        YAML or JSON files of tasks of one's own; a folder is all that lie in it.

    Returns
    -------
    ShownList of ListedTask
        By name; a task that is scored on two splits stands there twice. One that is registered
        hides the same one that comes with oncograph.

    Raises
    ------
    TaskError
        A file is no task, or two different tasks have one name.
    """
    found = registered(store)
    for task in (*(one for path in more for one in _files(Path(path))), *bundled()):
        same = [one.task for one in found if one.task.name == task.name]
        if not same:
            found.append(ListedTask(task, time=BUNDLED if task in bundled() else "a file"))
        elif same[0].sha256 != task.sha256 and task not in bundled():
            raise TaskError(f"Two tasks are called {task.name!r}", do="give one another name")
    found.sort(key=lambda one: (one.task.name, one.split))
    return ShownList(found, _HEAD, _cells, "tasks")


def registered(store: Store) -> list[ListedTask]:
    """The tasks that were registered in a store, the oldest first."""
    rows = store.records.read("tasks").to_pylist()
    rows.sort(key=lambda row: row["time"] or "")
    return [
        ListedTask(Task.of(json.loads(row["document"])), row["split"] or "",
                   row["split_sha256"] or "", row["time"] or "")
        for row in rows
    ]  # fmt: skip


@cache
def bundled() -> tuple[Task, ...]:
    """The tasks that come with oncograph: of public data."""
    text = files("explorer.tasks").joinpath("data/tasks.yaml").read_text("utf-8")
    return tuple(Task.of(one) for one in yaml.safe_load(text))


def _files(path: Path) -> list[Task]:
    if path.is_dir():
        inside = sorted(one for one in path.iterdir() if one.suffix in (".yaml", ".yml", ".json"))
        return [Task.read(one) for one in inside]
    return [Task.read(path)]


def _cells(one: ListedTask) -> list[Any]:
    task = one.task
    metric, better = next(iter(task.metrics.items()), (None, None))
    return [
        task.name, task.kind, ", ".join(task.inputs) or "everything", str(task.outcome), metric,
        better, task.unit or None, one.split or None, one.split_sha256[:12] or "none yet",
        task.sha256[:12], one.time,
    ]  # fmt: skip
