"""Survival of real cohorts: the declared primary model against clinical data alone, and others.

``python benchmarks/tcga_survival.py FOLDER... [--models NAME...] [--only porpoise pancan lgg
permuted] [--results FOLDER]``. FOLDERs hold the files that `tcga_cohorts` names, at any depth.
What is primary, and what is held to, stands in ``data/tcga_survival.yaml``. With ``--results``
each fold's risks are kept there as JSON, and a rerun goes on; clear it after the models changed.
Exit status 1 where a figure is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.hetero.graph_of_examples import graph_of_examples
from graphs.models.models import make_model
from tcga_cohorts import Cohort, Data, lgg, pancan, porpoise

Floats = NDArray[np.float64]
CONFIG = yaml.safe_load((Path(__file__).parent / "data" / "tcga_survival.yaml").read_text())


@dataclass(frozen=True)
class Row:
    """A model, its settings, and what it is given."""

    model: str
    modalities: tuple[str, ...]
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, plain: Mapping[str, Any], modalities: Sequence[str] = ()) -> Row:
        """As the YAML has it."""
        return cls(plain["model"], tuple(modalities or plain["modalities"]),
                   dict(plain.get("settings", {})))  # fmt: skip

    def __str__(self) -> str:
        return f"{self.model}: {' + '.join(self.modalities)}"


class Runs:
    """Risks of validation patients, a fold at a time, kept in a folder if there is one."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.seconds = 0.0

    def risk(self, cohort: Cohort, fold: int, row: Row, views: Sequence[str] = ("as it is",)
             ) -> list[Floats]:  # fmt: skip
        """Risks of the fold's patients under some views of them."""
        said = [cohort.name, fold, row.model, row.modalities, row.settings, list(views),
                CONFIG["seed"]]  # fmt: skip
        name = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:20]
        file = self.folder / f"{name}.json" if self.folder else None
        if file is not None and file.is_file():
            return [np.array(one) for one in json.loads(file.read_text())["risk"]]
        began = time.process_time()
        train, rest = cohort.folds[fold]
        model = make_model(row.model, seed=CONFIG["seed"], **row.settings)
        examples = cohort.examples.only(row.modalities)
        if model.NEEDS_GRAPH:
            examples = graph_of_examples(examples, train)
        model.fit(examples.take(train))
        made = [model.predict(view(examples.take(rest), one)).risk for one in views]
        spent = time.process_time() - began
        self.seconds += spent
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"run": said, "cpu_seconds": spent,
                                        "risk": [one.tolist() for one in made]}))  # fmt: skip
            part.replace(file)
        return made


def view(examples: Examples, name: str) -> Examples:
    """'hide rna 0.25': that part of the patients without it, by a seed; 'only genes+rna'."""
    if name.startswith("only"):
        for other in set(examples.modalities) - set(name.split()[1].split("+")):
            examples = examples.hide(other)
    elif name.startswith("hide"):
        _, modality, part = name.split()
        mask = np.random.default_rng(0).random(len(examples)) < float(part)
        examples = examples.hide(modality, mask)
    return examples


class Concordance:
    """Harrell's c-index of one set of patients, for many resamplings at once."""

    def __init__(self, target: Target, draws: int, rng: np.random.Generator) -> None:
        time, event = target.time, target.event > 0
        before = (time[:, None] < time) | ((time[:, None] == time) & ~event)
        self.pairs = (event[:, None] & before).astype(np.float32)
        count = len(time)
        drawn = rng.multinomial(count, np.full(count, 1 / count), draws)
        self.weights = np.concatenate([np.ones((1, count)), drawn]).astype(np.float32)

    def of(self, risk: Floats) -> Floats:
        """(1 + draws,): first of the patients as they are."""
        right = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
        won = ((self.weights @ (self.pairs * right.astype(np.float32))) * self.weights).sum(axis=1)
        all_ = ((self.weights @ self.pairs) * self.weights).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(won / all_, float)


def interval(values: Floats) -> str:
    """The 95 % interval of draws."""
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return f"{low:+.3f} to {high:+.3f}" if values[0] < 0.3 else f"{low:.3f} to {high:.3f}"


def verdict(met: bool) -> str:
    """In words."""
    return "met" if met else "MISSED"


def compared(
    cohort: Cohort, rows: Sequence[Row], runs: Runs, subsets: Sequence[Sequence[str]] = ()
) -> dict[str, Floats]:
    """Row to c-indices, (1 + draws,): means over the folds.

    `subsets` are further rows of the first stack: it has weights for every set of modalities, the
    same that a stack of these alone would learn, so it is asked with the others hidden.
    """
    target = cohort.examples.outcome()
    made: dict[str, list[Floats]] = {}
    bar = next(row for row in rows if row.model == "stack")
    for fold, (_, rest) in enumerate(cohort.folds):
        judge = Concordance(target.take(rest), CONFIG["bootstrap"], np.random.default_rng(fold))
        for row in rows:
            asked = ["as it is"]
            names = [str(row)]
            if row == bar:
                asked += [f"only {'+'.join(one)}" for one in subsets]
                names += [str(Row("stack", tuple(one), {})) for one in subsets]
            for name, risk in zip(names, runs.risk(cohort, fold, row, asked), strict=True):
                made.setdefault(name, []).append(judge.of(risk))
    for name, folds in made.items():
        print(f"    {name:40} folds {' '.join(f'{one[0]:.3f}' for one in folds)}", flush=True)
    return {name: np.mean(folds, axis=0) for name, folds in made.items()}


def table(found: Mapping[str, Floats], against: str, bar: str) -> None:
    """c-index with its interval, and the paired differences with theirs."""
    print(f"  {'':40}{'c-index':>8} {'95 %':>16}   less {against:<28} less {bar}")
    for name, values in found.items():
        cells = []
        for other in (against, bar):
            gap = values - found[other]
            low, high = np.nanpercentile(gap[1:], [2.5, 97.5])
            word = "within noise" if low <= 0 <= high else ("better" if low > 0 else "worse")
            cells.append(
                "" if name == other else f"{gap[0]:+.3f} ({low:+.3f} to {high:+.3f}) {word}"
            )
        print(f"  {name:34}{values[0]:8.3f} {interval(values):>16}   {cells[0]:<38} {cells[1]}")


def run_porpoise(data: Data, runs: Runs, more: Sequence[str]) -> bool:
    """The five cohorts on the published folds (development folds)."""
    primary, clinical = Row.of(CONFIG["primary"]), Row.of(CONFIG["clinical"])
    rows = [clinical, primary, *map(Row.of, CONFIG["others"])]
    rows += [Row(name, ("clinical", "genes"), {}) for name in more]
    means, met = [], True
    for name in CONFIG["cohorts"]:
        cohort = porpoise(data, name)
        event = int((cohort.examples.outcome().event > 0).sum())
        print(f"\n{name.upper()}: {len(cohort.examples)} patients, {event} events, "
              "published folds (development folds)")  # fmt: skip
        began = runs.seconds
        found = compared(cohort, rows, runs, [["genes"]])
        table(found, str(clinical), str(primary))
        for other, value in data.published(name).items():
            print(f"  published {other:30}{value:8.3f}   other inputs: no clinical data")
        gap = float((found[str(primary)] - found[str(clinical)])[0])
        good = gap >= CONFIG["held_to"]["not_inferior"]
        met &= good
        means.append(float(found[str(primary)][0]))
        print(f"  primary less clinical {gap:+.3f}, held to {CONFIG['held_to']['not_inferior']}: "
              f"{verdict(good)}; {runs.seconds - began:.0f} CPU seconds", flush=True)  # fmt: skip
    mean = float(np.mean(means))
    good = mean >= CONFIG["held_to"]["mean"]
    print(f"\nmean of the primary over {len(means)} cohorts {mean:.4f}, held to "
          f"{CONFIG['held_to']['mean']}: {verdict(good)}")  # fmt: skip
    print("Published rows are MCAT's repository results on its own splits of the same cohorts and "
          "its own feature files; none of them is given age, sex or stage.")  # fmt: skip
    return met and good


def run_permuted(data: Data, runs: Runs) -> bool:
    """Outcomes dealt anew: the primary must find nothing."""
    primary, draws = Row.of(CONFIG["primary"]), []
    for draw in range(CONFIG["permuted_draws"]):
        names = CONFIG["cohorts"]
        cohort = porpoise(data, names[draw % len(names)])
        dealt = cohort.examples.outcome().permuted(np.random.default_rng(draw))
        fold = draw // len(names) % len(cohort.folds)
        mixed = Cohort(f"{cohort.name} permuted {draw}", cohort.examples.with_target(dealt),
                       cohort.folds)  # fmt: skip
        judge = Concordance(dealt.take(cohort.folds[fold][1]), 1, np.random.default_rng(0))
        draws.append(float(judge.of(runs.risk(mixed, fold, primary)[0])[0]))
    mean, error = np.mean(draws), np.std(draws, ddof=1) / np.sqrt(len(draws))
    good = bool(abs(mean - 0.5) <= 2 * error)
    print(f"\nPermuted outcomes, {len(draws)} draws: {mean:.3f}, standard error {error:.3f}, "
          f"SD {np.std(draws, ddof=1):.3f}: {verdict(good)}")  # fmt: skip
    return good


def run_pancan(data: Data, runs: Runs, more: Sequence[str]) -> bool:
    """33 cancers on MultiSurv's split; RNA of a part of them."""
    both = ("clinical", "rna")
    clinical = Row("ridge-cox", ("clinical",), {})
    rows = [Row("stack", both, {}), Row("ridge-cox", both, {}), *(Row(m, both, {}) for m in more)]
    met = True
    for leaking in (False, True):
        cohort = pancan(data, leaking=leaking)
        test = cohort.folds[0][1]
        holders = cohort.examples.blocks["rna"].present[test]
        print(f"\n33 cancers, {len(cohort.folds[0][0])} to learn of, {len(test)} in test, "
              f"{holders.sum()} of them with RNA; "
              + ("TREATMENT COLUMNS TOO: LEAKING" if leaking else "baseline columns"))  # fmt: skip
        target = cohort.examples.outcome().take(test)
        everybody = Concordance(target, CONFIG["bootstrap"], np.random.default_rng(0))
        have = Concordance(target.take(holders), CONFIG["bootstrap"], np.random.default_rng(0))
        first = runs.risk(cohort, 0, clinical)[0]
        base = everybody.of(first), have.of(first[holders])
        print(f"  {clinical!s:34} all {base[0][0]:.3f}   RNA holders {base[1][0]:.3f}")
        for k, row in enumerate(rows):
            views = ["as it is", *(f"hide rna {part}" for part in (0.25, 0.5, 0.75, 1.0)),
                     "hide clinical 1.0"]  # fmt: skip
            risks = runs.risk(cohort, 0, row, views)
            on_all, on_holders = everybody.of(risks[0]), have.of(risks[0][holders])
            gaps = on_all - base[0], on_holders - base[1]
            print(f"  {row!s:34} all {on_all[0]:.3f}, less clinical {gaps[0][0]:+.4f} "
                  f"({interval(gaps[0])})   RNA holders {on_holders[0]:.3f}, less clinical "
                  f"{gaps[1][0]:+.4f} ({interval(gaps[1])})")  # fmt: skip
            curve = [have.of(one[holders])[0] for one in risks]
            print("    RNA holders, RNA hidden of 0, 25, 50, 75, 100 %: "
                  + " ".join(f"{one:.3f}" for one in curve[:5])
                  + f"; clinical hidden {curve[5]:.3f}", flush=True)  # fmt: skip
            if k == 0 and not leaking:
                margin = CONFIG["held_to"]["pancan_not_inferior"]
                for who, gap in zip(("all", "RNA holders"), gaps, strict=True):
                    met &= bool(gap[0] >= margin)
                    print(f"    not inferior on {who}, held to {margin}: "
                          f"{verdict(bool(gap[0] >= margin))}")  # fmt: skip
                alone = have.of(risks[5][holders])
                good = bool(alone[0] >= CONFIG["held_to"]["pancan_rna"])
                met &= good
                print(f"    RNA alone on RNA holders {alone[0]:.3f} ({interval(alone)}), held to "
                      f"{CONFIG['held_to']['pancan_rna']}: {verdict(good)}")  # fmt: skip
    return met


def run_lgg(data: Data, runs: Runs, more: Sequence[str]) -> bool:
    """Imaging, a radiologist's scores, genes and clinical facts of the same gliomas."""
    cohort = lgg(data, CONFIG["seed"])
    every = cohort.examples.modalities
    event = int((cohort.examples.outcome().event > 0).sum())
    print(f"\nTCGA-LGG, all of {', '.join(every)}: {len(cohort.examples)} patients, "
          f"{event} deaths; 5 folds by seed")  # fmt: skip
    clinical, bar = Row("ridge-cox", ("clinical",), {}), Row("stack", every, {})
    rows = [clinical, bar, Row("ridge-cox", every, {}), *(Row(name, every, {}) for name in more)]
    subsets = [[name] for name in every[1:]] + [["clinical", name] for name in every[1:]]
    table(compared(cohort, rows, runs, subsets), str(clinical), str(bar))
    return True


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parts = ["porpoise", "permuted", "pancan", "lgg"]
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--models", nargs="*", default=[], help="more rows, by the models' names")
    asked.add_argument("--only", nargs="*", choices=parts, default=parts)
    asked.add_argument("--results", type=Path, help="keeps what is done; a rerun goes on")
    said = asked.parse_args()
    data, runs = Data(said.folders), Runs(said.results)
    print(f"primary, declared before the run: {Row.of(CONFIG['primary'])}; seed {CONFIG['seed']}; "
          f"{CONFIG['bootstrap']} bootstrap draws of patients within folds")  # fmt: skip
    met = True
    if "porpoise" in said.only:
        met &= run_porpoise(data, runs, said.models)
    if "permuted" in said.only:
        met &= run_permuted(data, runs)
    if "pancan" in said.only:
        met &= run_pancan(data, runs, said.models)
    if "lgg" in said.only:
        met &= run_lgg(data, runs, said.models)
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
