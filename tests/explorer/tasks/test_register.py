"""The registry: every task is listed with its metric and the hash of its split."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import explorer
from explorer.errors import TaskError
from explorer.tasks.register import register
from explorer.tasks.task import Task
from explorer.tasks.tasks import bundled, tasks

TASK = Task(
    "mine", "binary", outcome={"fact": "grade", "threshold": 3}, metrics={"AUROC": "higher"}
)


def test_what_is_registered_is_listed(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "s.onco", create=True)
    split = SimpleNamespace(name="<b>five</b>", digest="ab" * 32)
    first = register(store, TASK, split)
    assert register(store, TASK, split) == first
    register(store, bundled()[0])
    listed = tasks(explorer.open(tmp_path / "s.onco"))
    assert {one.task.name for one in listed} == {"mine"} | {one.name for one in bundled()}
    assert all(one.task.metrics for one in listed)
    (mine,) = (one for one in listed if one.task.name == "mine")
    assert (mine.task, mine.split_sha256) == (TASK, "ab" * 32)
    html = listed._repr_html_()
    assert "<b>five" not in html
    assert "abababababab" in html
    register(store, TASK, SimpleNamespace(name="other", digest="cd" * 32))
    assert sum(one.task.name == "mine" for one in tasks(store)) == 2


def test_a_name_means_one_task(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "s.onco", create=True)
    register(store, TASK)
    with pytest.raises(TaskError, match="says something else"):
        register(store, Task("mine", "regression", metrics={"MAE": "lower"}))
    with pytest.raises(TaskError, match="no metric"):
        register(store, Task("other", "retrieval"))
    (tmp_path / "own").mkdir()
    own = tmp_path / "own" / "task.yaml"
    own.write_text(Task("own", "retrieval", metrics={"R@1": "higher"}).to_yaml())
    assert "own" in {one.task.name for one in tasks(store, own.parent)}
    own.write_text(Task("mine", "retrieval", metrics={"R@1": "higher"}).to_yaml())
    with pytest.raises(TaskError, match="Two tasks"):
        tasks(store, own)
