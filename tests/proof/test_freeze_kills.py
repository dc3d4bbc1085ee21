"""Freezes that are killed, and freezes that race: a cohort is there as a whole, or not at all."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.compact import compact
from explorer.ingest import ingest
from explorer.store import Store
from explorer.verify import verify

Process = subprocess.Popen[str]
Start = Callable[..., Process]
Finish = Callable[[Process], list[dict[str, Any]]]
NAME = "trial"


@pytest.fixture(scope="module")
def base(small_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two small real patients by reference."""
    work = tmp_path_factory.mktemp("freezes")
    for place in sorted(small_patients.iterdir())[:2]:
        shutil.copytree(place, work / "sources" / place.name)
    ingest(work / "sources", work / "base")
    return work / "base"


def begin(base: Path, place: Path) -> Store:
    shutil.copytree(base, place)
    store = Store(place)
    store.trust.add([str(base.parent / "sources")])  # a copy is a stranger until then
    return store


def go(start: Start, **order: Any) -> Process:
    return start("freeze_driver.py", name=NAME, **order)


def whole(place: Path) -> None:
    """After the last run: the cohort, and nothing else."""
    store = Store(place)
    compact(store, grace_s=0, expire_before="2999-01-01")
    frozen = store.cohort(NAME)
    assert frozen.verify().complete
    assert frozen.self_contained
    assert [one.name for one in store.cohorts()] == [NAME]
    for table in ("pins", "members"):
        assert store.records.read(table).num_rows == len(frozen) == 2
    assert verify(store).ok


STEPS = [
    ("die_after", "move", 0), ("die_before", "hold", 1), ("die_before", "name", 0),
    ("die_after", "name", 0),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("when", "step", "call"), STEPS)
def test_killed_at_each_step(
    when: str, step: str, call: int, base: Path, tmp_path: Path, start: Start
) -> None:
    place = tmp_path / "s"
    before = {head.patient for head in begin(base, place).records.heads()}
    process = go(start, store=place, **{when: [step, call]})
    _, err = process.communicate(timeout=800)
    assert process.returncode == -signal.SIGKILL, err[-3000:]
    store = Store(place)
    assert verify(store).ok
    assert {head.patient for head in store.records.heads()} == before
    there = [one.name for one in store.cohorts()]
    assert there == ([NAME] if (when, step) == ("die_after", "name") else [])
    if not there:
        store.cohort().freeze(NAME)
    whole(place)


@pytest.mark.slow
def test_a_killed_drop_is_ended_by_compact(base: Path, tmp_path: Path, start: Start) -> None:
    place = tmp_path / "s"
    begin(base, place).cohort().freeze(NAME)
    process = go(start, store=place, drop=True, die_before=["dropped", 0])
    process.communicate(timeout=800)
    assert process.returncode == -signal.SIGKILL
    store = Store(place)
    assert list(store.cohorts()) == []
    compact(store, grace_s=0)
    for table in ("pins", "members"):
        assert store.records.read(table).num_rows == 0
    store.cohort().freeze(NAME)
    whole(place)


@pytest.mark.slow
def test_of_two_freezes_of_one_name_one_wins(
    base: Path, tmp_path: Path, start: Start, finish: Finish
) -> None:
    place = tmp_path / "s"
    begin(base, place)
    race(place, start, finish)
    whole(place)


def race(place: Path | str, start: Start, finish: Finish) -> None:
    racing = [go(start, store=place, wait=True) for _ in range(2)]
    for process in racing:
        assert process.stdout is not None
        process.stdout.readline()
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [finish(process)[-1] for process in racing]
    assert sorted(one["at"] for one in said) == ["end", "lost"], said
    assert NAME in next(one["error"] for one in said if one["at"] == "lost")


@pytest.mark.slow
def test_the_same_on_s3(
    s3: str, small_patients: Path, tmp_path: Path, start: Start, finish: Finish
) -> None:
    sources = tmp_path / "sources"
    for one in sorted(small_patients.iterdir())[:2]:
        shutil.copytree(one, sources / one.name)
    ingest(sources, s3)
    race(s3, start, finish)
    shutil.rmtree(sources)
    store = Store(s3)
    with store.transaction("later") as t:
        for key in store.keys_and_labels():
            for row in list(t.rows(key, "items")):
                t.drop(key, row["item"])
    compact(store, grace_s=0, expire_before="2999-01-01")
    frozen = Store(s3).cohort(NAME)
    assert frozen.verify().complete
    assert all(len(image.data.values) for one in frozen for image in one.images.values())
    assert store.records.read("members").num_rows == len(frozen) == 2
