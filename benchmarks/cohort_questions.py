"""Questions to the clinical table of 11,081 TCGA patients, each against plain pandas.

Random conditions on facts (numbers, texts, lists, patterns), follow-up and sex, alone and in
chains of up to three; the patients must be those that pandas gives. Pandas holds one row a patient
in memory already. A question is asked of a store that was opened before, at its first time.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

import explorer
from data import find
from explorer.cohort import Cohort
from explorer.ingest import ingest

_TEXTS = ("tumor_stage", "race", "project_id", "prior_malignancy", "group", "vital_status")
_NUMBERS = ("age_at_diagnosis", "days_to_death", "days_to_last_follow_up", "time")
Asked = tuple[str, Callable[[Cohort], Cohort], Callable[[pd.DataFrame], Any]]


def questions(frame: pd.DataFrame, count: int, seed: int = 7) -> list[list[Asked]]:
    """Chains of conditions, as ours and as pandas'."""
    rng = random.Random(seed)
    return [[_condition(frame, rng) for _ in range(1 + n % 3)] for n in range(count)]


def _condition(frame: pd.DataFrame, rng: random.Random) -> Asked:
    kind = rng.choice(["number", "between", "text", "in", "not in", "like", "followed", "sex"])
    if kind in ("number", "between"):
        name = rng.choice(_NUMBERS)
        low, high = sorted(rng.sample(sorted(frame[name].dropna().tolist()), 2))
        if kind == "between":
            said = f"{name} between {low!r} and {high!r}"
            return said, lambda c: c.with_fact(said), lambda f: f[name].between(low, high)
        said = f"{name} > {low!r}"
        return said, lambda c: c.with_fact(said), lambda f: f[name] > low
    if kind == "followed":
        days = rng.randrange(100, 3000)
        return (
            f"followed {days}", lambda c: c.followed(days),
            lambda f: f[["days_to_death", "days_to_last_follow_up"]].max(axis=1) >= days,
        )  # fmt: skip
    if kind == "sex":
        sex = rng.choice(["female", "male"])
        return (
            f"sex {sex}", lambda c: c.where("sex = $sex", sex=sex[0].upper()),
            lambda f: f["gender"] == sex,
        )  # fmt: skip
    name = rng.choice(_TEXTS)
    values = rng.sample(sorted(frame[name].dropna().unique().tolist()), 2)
    if kind == "like":
        said = f"{name} like '{values[0][:3]}%'"
        return (
            said, lambda c: c.with_fact(said),
            lambda f: f[name].str.startswith(values[0][:3], na=False),
        )  # fmt: skip
    if kind == "text":
        said = f"{name} = '{values[0]}'"
        return said, lambda c: c.with_fact(said), lambda f: f[name] == values[0]
    said = f"{name} {kind} ('{values[0]}', '{values[1]}')"
    if kind == "in":
        return said, lambda c: c.with_fact(said), lambda f: f[name].isin(values)
    return said, lambda c: c.with_fact(said), lambda f: ~f[name].isin(values) & f[name].notna()


def table(path: Path) -> pd.DataFrame:
    """The table; the words that stand for nothing in it are missing values."""
    frame = pd.read_csv(path, sep="\t", low_memory=False)
    return frame.replace({"not reported": None, "Not Reported": None, "unknown": None})


def main() -> int:
    """Ask, compare, print; 1 where patients are not pandas'."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--count", type=int, default=30)
    asked = parser.parse_args()
    path = find(asked.data, "clinical_data.tsv.gz")
    if path is None:
        sys.stderr.write("clinical_data.tsv.gz is not there\n")
        return 2
    frame = table(path)
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        ingest(path, Path(folder) / "tcga.onco")
        store = explorer.open(Path(folder) / "tcga.onco")
        first = _seconds(store.cohort)
        everybody = store.cohort()
        first_fact = _seconds(lambda: everybody.with_fact("time > 1"))
        everybody.followed(1)  # reads the days of every table, once
        ours, theirs, faults = [], [], 0
        for chain in questions(frame, asked.count):
            start = time.perf_counter()
            found = everybody
            for _, ask, _ in chain:
                found = ask(found)
            middle = time.perf_counter()
            held = pd.Series(True, frame.index)
            for _, _, fits in chain:
                held &= fits(frame)
            ours.append(middle - start)
            theirs.append(time.perf_counter() - middle)
            expected = set(frame.loc[held, "submitter_id"])
            got = set(found.labels.values())
            if got != expected:
                faults += 1
                words = " and ".join(said for said, _, _ in chain)
                sys.stdout.write(f"NOT EQUAL: {words}: {len(got)}, pandas {len(expected)}\n")
        whole = everybody.where("sex = 'F'")
        again = _seconds(lambda: whole.compare(store.cohort().with_fact("time > 1")))
        facets = _seconds(whole.facets)
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    sys.stdout.write(
        f"load {load}; {len(frame)} patients, {asked.count} questions, {faults} not as pandas\n"
        f"first cohort {first * 1e3:.0f} ms, its first fact {first_fact * 1e3:.0f} ms\n"
        f"a question: median {statistics.median(ours) * 1e3:.1f} ms, "
        f"most {max(ours) * 1e3:.1f} ms; pandas {statistics.median(theirs) * 1e3:.2f} ms\n"
        f"comparing two sets of {len(whole)} and more: {again * 1e3:.0f} ms; facets of "
        f"{len(whole)}: {facets * 1e3:.0f} ms\n"
    )
    return 1 if faults else 0


def _seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
