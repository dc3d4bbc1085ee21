"""register: keep a task in a store, with the split that it is scored on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.errors import StoreError, TaskError
from explorer.lock import lock
from explorer.records import now
from explorer.tasks.task import Task
from explorer.tasks.tasks import ListedTask, registered
from explorer.upgrade import upgrade

if TYPE_CHECKING:
    from explorer.store import Store


def register(store: Store, task: Task, split: Any = None) -> ListedTask:
    """Register a task; again, nothing changes.

    Parameters
    ----------
    store : Store
    task : Task
        With a metric.
    split : Split, optional
        Who is in which part: its ``name`` and ``digest`` are kept.

    Returns
    -------
    ListedTask

    Raises
    ------
    TaskError
        The task has no metric, or another one of this name is registered: results on the two
        could not be told apart.
    StoreError
        The store is open for reading alone.
    """
    if not task.metrics:
        raise TaskError(f"Task {task.name!r} has no metric", expected="{'C-index': 'higher'}")
    if store.read_only:
        raise StoreError("The store is open for reading alone", where=store.url)
    name = "" if split is None else str(getattr(split, "name", "") or "")
    digest = "" if split is None else str(split.digest)
    upgrade(store)
    with lock(store.place, "tasks"):
        if not store.records.has("tasks"):
            store.records.add_missing()
        for one in registered(store):
            if one.task.name != task.name:
                continue
            if one.task.sha256 != task.sha256:
                raise TaskError(
                    f"A task {task.name!r} is registered, and says something else",
                    expected=f"sha256 {one.task.sha256[:12]}, not {task.sha256[:12]}",
                    do="give the new task another name",
                )
            if one.split_sha256 == digest:
                return one
        row = {
            "name": task.name, "time": now(), "sha256": task.sha256, "split": name,
            "split_sha256": digest, "document": json.dumps(task.plain(), ensure_ascii=False),
        }  # fmt: skip
        store.records.append("tasks", [row])
    return ListedTask(task, name, digest, str(row["time"]))
