"""Tasks are plain text: written, read again, hashed, and refused where they say nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from explorer.errors import TaskError
from explorer.tasks.task import KINDS, Task

SAID: dict[str, Any] = {
    "name": "five-years", "kind": "survival", "inputs": ["CT", "facts: age*"],
    "outcome": {"outcome": "overall survival", "unit": "days"},
    "window": {"index": "treatment", "look_back": 90, "outcome": [0, 1825]},
    "metrics": {"C-index": "higher", "IBS": "lower"}, "known_at_index": ["sex"],
    "licence": "MIT", "note": "<script>alert(1)</script>",
}  # fmt: skip


def test_it_comes_back_the_same(tmp_path: Path) -> None:
    task = Task.of(SAID)
    for name, text in (("a.yaml", task.to_yaml()), ("a.json", task.to_json())):
        (tmp_path / name).write_text(text, "utf-8")
        assert Task.read(tmp_path / name) == task
    assert Task.of(dict(reversed(SAID.items()))).sha256 == task.sha256
    assert json.loads(task.to_json())["sha256"] == task.sha256
    assert len({task, Task.of(SAID)}) == 1
    assert task.modalities == ("CT",)
    assert Task.of({**SAID, "inputs": ["images: MR", "slides", "reports"]}).modalities == (
        "MR",
        "*",
    )


def test_the_hash_is_of_everything_that_it_says() -> None:
    hashes = {Task.of(SAID).sha256}
    changed: list[dict[str, Any]] = [
        {"name": "other"}, {"kind": "binary"}, {"inputs": ["CT"]}, {"note": ""},
        {"outcome": {"outcome": "progression-free survival"}}, {"never": ["x"]}, {"unit": "days"},
        {"window": {"index": "treatment", "look_back": 91}}, {"metrics": {"IBS": "lower"}},
        {"metrics": {"IBS": "lower", "C-index": "higher"}}, {"known_at_index": []},
    ]  # fmt: skip
    for one in changed:
        hashes.add(Task.of({**SAID, **one}).sha256)
    assert len(hashes) == len(changed) + 1


def test_a_task_that_was_changed_behind_its_hash_is_refused() -> None:
    said = {**SAID, "sha256": Task.of(SAID).sha256}
    assert Task.of(said).name == "five-years"
    with pytest.raises(TaskError, match="has been changed"):
        Task.of({**said, "kind": "binary"})


@pytest.mark.parametrize(
    "said",
    [
        {"name": "../x"}, {"name": "<b>"}, {"kind": "guess"}, {"metrics": {"AUC": "up"}},
        {"inputs": ["facts:"]}, {"inputs": 3}, {"outcome": {"fact": ["a", "b"]}},
        {"outcome": {"times": ["a"]}}, {"outcome": {"segments": []}}, {"outcome": "death"},
        {"outcome": {"fact": "x", "segments": ["y"]}}, {"outcome": {"fact": "x", "sql": "drop"}},
        {"window": 3}, {"unit": 3}, {"unknown": 1}, {"outcome": {"oracle": "x"}},
    ],
)  # fmt: skip
def test_what_is_no_task_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(TaskError):
        Task.of({**SAID, **said})


def test_files_that_are_no_tasks(tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    for text in ("- 1", "a: [", "!!python/object/apply:os.system [true]", ""):
        path.write_text(text)
        with pytest.raises(TaskError):
            Task.read(path)
    with pytest.raises(TaskError):
        Task.read(tmp_path / "none.yaml")
    assert yaml.safe_load(Task.of(SAID).to_yaml())["kind"] in KINDS


def test_hostile_text_is_text() -> None:
    html = Task.of(SAID)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
