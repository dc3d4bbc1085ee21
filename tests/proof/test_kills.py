"""Killed at any moment: every visible patient is whole, and none that was acknowledged is lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import zarr

KILLS = int(os.environ.get("ONCOGRAPH_KILLS", "60"))
SEED = int(os.environ.get("ONCOGRAPH_SEED", "20261124"))

States = dict[str, dict[str, Any]]
Process = subprocess.Popen[str]


def kill(process: Process, after_s: float, patients: int = 0) -> tuple[bool, set[str]]:
    """Kill a driver so long after it is ready, or has named so many patients.

    Gives whether it was still at work, and whom it named.
    """
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while lines[-1] and sum("acknowledged" in line for line in lines) < patients:
        lines.append(process.stdout.readline())
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGKILL)
    # what came with an earlier line is in this file's buffer, where `communicate` does not look
    lines += process.stdout.readlines()
    _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err[-3000:]
    said = [json.loads(line) for line in lines if line]
    names = {line["acknowledged"] for line in said if "acknowledged" in line}
    return not any(line.get("at") == "end" for line in said), names


def moments(rng: random.Random, leg: Any) -> Iterator[float]:
    """Over the whole run; the first of each start falls into the making of the store."""
    yield rng.uniform(0, leg.opening_s * 1.5)
    while True:
        yield rng.uniform(0, leg.seconds)


def killed(leg: Any, count: int, rng: random.Random, store: Path) -> None:
    """Kill a run so many times, each time checking; every chain of kills is run to its end."""
    done, pace = 0, 1.0
    while done < count:
        leg.begin(store)
        acknowledged: set[str] = set()
        before = done
        for moment in moments(rng, leg):
            at_work, named = kill(leg.start(store), moment * pace)
            acknowledged |= named
            leg.check(store, acknowledged)
            done += at_work
            if not at_work or done == count:
                break
        # what was measured while others were at work is too long when they are not
        pace *= 0.5 if done == before else 1.0
        leg.finish(store)
        leg.check_end(store)


def change(folder: Path, held: dict[Path, Path]) -> None:
    """Change sources: other pixels in one file of four patients, and new files for two."""
    for number in range(0, 8, 2):
        file = sorted((folder / f"small-{number:02}").glob("ADC-*.dcm"))[number]
        dataset = pydicom.dcmread(file)
        dataset.PixelData = bytes(reversed(dataset.PixelData))
        dataset.save_as(file)
    for place, kept in held.items():
        shutil.move(kept, place)


def hold_back(folder: Path, aside: Path) -> dict[Path, Path]:
    """Take the masks of two patients out, for `change` to bring them."""
    places = [folder / "small-01" / "seg-1-1.dcm", folder / "small-04" / "seg-1-1.dcm"]
    held = {place: aside / f"{place.parent.name}.dcm" for place in places}
    for place, kept in held.items():
        shutil.move(place, kept)
    return held


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_kills(copy: bool, cohort: Callable[..., Path], tmp_path: Path, leg: Any) -> None:
    rng = random.Random(f"{SEED} {copy}")
    sources = cohort("kills", ["STS_002", "PCAMPMRI-00001"], 8)
    held = hold_back(sources, tmp_path)
    first = leg(sources, copy)
    first.undisturbed(tmp_path / "first")
    assert len(first.after) == 10
    killed(first, max(1, KILLS // 4), rng, tmp_path / "killed")

    change(sources, held)
    again = leg(sources, copy, tmp_path / "first")
    again.undisturbed(tmp_path / "again")
    assert sum(again.before[label] != again.after[label] for label in again.after) == 5
    killed(again, max(1, KILLS // 5), rng, tmp_path / "killed")


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_kills_of_workers(cohort: Callable[..., Path], tmp_path: Path, leg: Any) -> None:
    rng = random.Random(f"{SEED} workers")
    run = leg(cohort("workers", ["STS_002"], 8), False, workers=2)
    run.undisturbed(tmp_path / "undisturbed")
    killed(run, max(1, KILLS // 10), rng, tmp_path / "killed")


def plain_state(place: Path) -> dict[str, Any]:
    """What can be seen of a plain group; what a kill left half made is a state of its own."""
    state: dict[str, Any] = {}
    # zarr only warns of a folder whose metadata were not written yet
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            group = zarr.open_group(place, mode="r")
            state["files"] = group.attrs.get("files")
            for name, member in group.members(max_depth=None):
                if isinstance(member, zarr.Array):
                    state[name] = hashlib.sha256(np.asarray(member[...]).tobytes()).hexdigest()
        except (UserWarning, ValueError, OSError, RuntimeError, LookupError) as error:
            state["not readable"] = repr(error)
    return state


def plain_states(folder: Path) -> States:
    """The same look at a plain Zarr folder: a group is a visible patient."""
    return {
        place.name: plain_state(place)
        for place in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if (place / "zarr.json").exists()
    }


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_check_catches_a_plain_zarr_folder(
    cohort: Callable[..., Path], tmp_path: Path, start: Callable[..., Process],
    finish: Callable[[Process], Any], find_faults: Callable[..., list[str]],
) -> None:  # fmt: skip
    rng = random.Random(f"{SEED} plain")
    sources, whole = cohort("plain", ["STS_002"], 8), tmp_path / "undisturbed"
    undisturbed = start("plain_driver.py", sources=[sources], store=whole)
    assert undisturbed.stdout is not None
    times = []
    for line in undisturbed.stdout:
        times += [time.perf_counter()] if "acknowledged" in line else []
    finish(undisturbed)
    a_patient = (times[-1] - times[0]) / (len(times) - 1)
    after = plain_states(whole)
    assert not find_faults(after, {}, after, set(after))
    caught = 0
    for number in range(30):
        store = tmp_path / f"plain-{number}"
        process = start("plain_driver.py", sources=[sources], store=store)
        # so soon after a patient that the next one is being written, however fast that goes now
        moment = rng.uniform(0, 1) * a_patient
        at_work, acknowledged = kill(process, moment, patients=rng.randrange(1, 8))
        found = find_faults(plain_states(store), {}, after, acknowledged)
        assert at_work or not found
        caught += bool(found)
        if caught == 2:
            break
    assert caught
