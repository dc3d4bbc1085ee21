"""Evaluation on real patients: GBSG2 (686 women, breast cancer) and draws of patients per second.

python benchmarks/evaluation.py [--permutations 20] [--repeats 2] [--json FILE]

GBSG2 (Schumacher et al. 1994) comes with scikit-survival. Clinical: age, menopause, size, grade,
positive nodes, hormone therapy; receptors: oestrogen and progesterone. The first table compares
1000 bootstrap draws of the c-index of 500 patients with a loop over scikit-survival's.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sksurv.datasets import load_gbsg2
from sksurv.metrics import concordance_index_censored

import graphs
from graphs.evaluation.bootstrap import draws
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.measures import measure_of
from graphs.evaluation.pooled import pooled
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.models.answers import Answers

DRAWS, PATIENTS, LOOPED = 1000, 500, 50
RECEPTORS = ["estrec", "progrec"]


def gbsg2() -> Examples:
    """The women of the study; receptors as logarithms, since they span four powers of ten."""
    frame, outcome = load_gbsg2()
    frame = frame.set_axis([f"gbsg2-{k}" for k in frame.index], axis=0)
    target = Target.survival(outcome["time"], outcome["cens"], "days", "recurrence-free survival")
    about = frame[["age", "menostat", "tgrade"]]
    receptors = np.log1p(frame[RECEPTORS].astype(float))
    return Examples.of_frames(
        {"clinical": frame.drop(columns=RECEPTORS), "receptors": receptors}, target, about=about
    )


def speed() -> None:
    """Print seconds of processor time for 1000 draws, ours and a loop."""
    rng = np.random.default_rng(0)
    risk = rng.normal(size=PATIENTS)
    event_at, lost_at = rng.exponential(np.exp(-risk)), rng.exponential(2, PATIENTS)
    target = Target.survival(np.minimum(event_at, lost_at), event_at <= lost_at)
    held = HeldOut(np.arange(PATIENTS), target, Answers("survival", risk, np.zeros(0)), target,
                   np.zeros(0), float("nan"))  # fmt: skip
    weight = draws(target.strata(), DRAWS, 0)
    began = time.process_time()
    found = pooled(measure_of("survival"), [held], weight)
    ours = time.process_time() - began
    began = time.process_time()
    known = []
    for row in weight[:LOOPED]:
        some = np.repeat(np.arange(PATIENTS), row.astype(int))
        known.append(
            concordance_index_censored(target.event[some] == 1, target.time[some], risk[some])[0]
        )
    loop = (time.process_time() - began) * DRAWS / LOOPED
    print(f"{DRAWS} draws of {PATIENTS} patients: {ours:.3f} s, scikit-survival in a loop "
          f"{loop:.2f} s ({loop / ours:.0f} times); largest difference "
          f"{np.abs(found[:LOOPED] - known).max():.1e}")  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--permutations", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--model", default="ridge-cox")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    speed()
    began = time.process_time()
    found = graphs.evaluate(
        arguments.model, gbsg2(), repeats=arguments.repeats, permutations=arguments.permutations,
        operating={"sensitivity": 0.9}, margin=0.01,
    )  # fmt: skip
    print(found.words)
    with pd.option_context("display.width", 200, "display.max_columns", 40):
        for name in ("table", "controls", "subgroups", "operating"):
            print(f"\n{name}\n{getattr(found, name).round(3).to_string(index=False)}")
    for name, one in found.calibrations.items():
        print(f"\n{name}: calibration {one.words}")
    print(f"\n{time.process_time() - began:.0f} s of processor time")
    if arguments.json:
        found.to_json(arguments.json)


if __name__ == "__main__":
    main()
