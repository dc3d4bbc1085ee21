"""run_folds: fit models fold by fold, and keep what they say of the patients left out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from graphs.evaluation.condensed import condensed, keep, kept
from graphs.evaluation.fold import Fold, inner_split
from graphs.evaluation.held_out import HeldOut
from graphs.evaluation.recipe import Recipe
from graphs.evaluation.setting import Setting
from graphs.examples.examples import Examples
from graphs.models.answers import Answers
from graphs.models.model import Model

WHOLE, PERMUTED, CHOOSING = "all", "permuted", "choosing"
#: What a model says of the patients by whom a threshold is chosen.
CHOSEN_BY = "chosen by"


@dataclass(frozen=True, eq=False)
class Job:
    """One model to fit.

    Attributes
    ----------
    recipe : Recipe
    fold : Fold
    what : {'all', 'alone', 'permuted', 'choosing'}
    modality : str
        That is alone.
    number : int
        Of the permutation.
    """

    recipe: Recipe
    fold: Fold
    what: str
    modality: str = ""
    number: int = 0

    @property
    def words(self) -> str:
        """For people: what is fitted."""
        part = f", {self.modality} alone" if self.modality else ""
        part = f", outcome permuted ({self.number + 1})" if self.what == PERMUTED else part
        return f"{self.recipe.name}{part}: {self.fold}"


@dataclass
class Ran:
    """What came of the fits.

    Attributes
    ----------
    held : dict
        (model, what was varied) to the folds; see `name_of`.
    problems : dict
        The same to why a fold is missing.
    seconds : dict
        Model to the time that its fits took, of those that were done.
    left : int
        Fits that were not done, since it was stopped.
    """

    held: dict[tuple[str, str], list[HeldOut]] = field(default_factory=dict)
    problems: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    left: int = 0


def jobs(recipes: Sequence[Recipe], setting: Setting) -> list[Job]:
    """Every fit that an evaluation takes, the models themselves first."""
    made = [Job(one, fold, WHOLE) for fold in setting.folds for one in recipes]
    several = setting.examples.modalities if len(setting.examples.modalities) > 1 else ()
    if "alone" in setting.controls:
        made += [Job(one, fold, "alone", name) for fold in setting.folds for name in several
                 for one in recipes]  # fmt: skip
    if setting.operating and not setting.validation:
        made += [Job(one, fold, CHOOSING) for fold in setting.folds for one in recipes]
    if "permuted" in setting.controls:
        first = [fold for fold in setting.folds if fold.repeat == 0]
        made += [Job(one, fold, PERMUTED, number=k) for k in range(setting.permutations)
                 for fold in first for one in recipes]  # fmt: skip
    return made


def run_folds(
    recipes: Sequence[Recipe],
    setting: Setting,
    *,
    folder: Path | None,
    step: Callable[[str], None],
    stop: Event | None,
) -> Ran:
    """Do all fits; one that fails leaves the others alone.

    Parameters
    ----------
    recipes : sequence of Recipe
    setting : Setting
    folder : Path or None
        Where answers are kept; what is there is not done again.
    step : callable
        Called with a few words after each fit.
    stop : Event or None
        Once it is set, no other fit begins.
    """
    ran = Ran()
    for job in jobs(recipes, setting):
        place = (job.recipe.name, name_of(job))
        if stop is not None and stop.is_set():
            ran.left += 1
            continue
        try:
            found, seconds = _answers(job, setting, folder, stop)
        except Exception as error:  # noqa: BLE001 - one failing fit never loses the others
            ran.problems.setdefault(place, []).append(f"{job.fold}: {_said(error)}")
        else:
            if found is None:
                ran.left += 1
                continue
            name = job.recipe.name
            ran.seconds[name] = ran.seconds.get(name, 0.0) + seconds
            for variation, one in found.items():
                _put(ran, job, setting, variation, one)
        step(job.words)
    return ran


def name_of(job: Job) -> str:
    """'all', 'alone: rna', 'permuted #2', 'choosing'."""
    if job.what == "alone":
        return f"alone: {job.modality}"
    return f"{PERMUTED} #{job.number + 1}" if job.what == PERMUTED else job.what


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _put(ran: Ran, job: Job, setting: Setting, variation: str, answers: Answers) -> None:
    target = setting.target
    rows = job.fold.test
    if variation == CHOSEN_BY:
        rows = inner_split(setting.examples, job.fold, _share(setting), setting.seed)[1]
    name = name_of(job) if variation == WHOLE else variation
    ran.held.setdefault((job.recipe.name, name), []).append(HeldOut(
        rows, target.take(rows), answers, target.take(job.fold.train), setting.times,
        setting.horizon, job.fold.repeat, job.fold.number,
    ))  # fmt: skip


def _share(setting: Setting) -> float:
    return setting.validation or 0.2


def _answers(
    job: Job, setting: Setting, folder: Path | None, stop: Event | None
) -> tuple[dict[str, Answers] | None, float]:
    path = None if folder is None else folder / f"{_digest(job, setting)}.npz"
    if path is not None and path.exists():
        known = kept(path, setting.times)
        if known is not None:
            return known[0], float(known[1]["seconds"])
    began = time.perf_counter()
    model, chosen_by = _fitted(job, setting, stop)
    if stop is not None and stop.is_set():
        return None, 0.0  # what a fit that was stopped learnt is no answer
    test = setting.examples.take(job.fold.test)
    if job.modality:
        test = test.only([job.modality])
    found = {WHOLE: condensed(model.predict(test), setting.times)}
    if job.what == WHOLE:
        for name, varied in variations(test, setting, job.fold):
            found[name] = condensed(model.predict(varied), setting.times)
    if chosen_by is not None and setting.operating:
        found[CHOSEN_BY] = condensed(model.predict(chosen_by), setting.times)
    seconds = time.perf_counter() - began
    if path is not None:
        keep(path, found, {"fit": job.words, "seconds": seconds})
    return found, seconds


def _fitted(job: Job, setting: Setting, stop: Event | None) -> tuple[Model, Examples | None]:
    fold, examples = job.fold, setting.examples
    rows, held = fold.train, None
    if setting.validation or job.what == CHOOSING:
        rows, kept_out = inner_split(examples, fold, _share(setting), setting.seed)
        held = examples.take(kept_out)
    train = examples.take(rows)
    if job.what == PERMUTED:
        rng = np.random.default_rng([setting.seed, job.number, fold.number, 0x5EED])
        train = train.with_target(train.outcome().permuted(rng))
        if held is not None:
            held = held.with_target(held.outcome().permuted(rng))
    if job.modality:
        train = train.only([job.modality])
        held = None if held is None else held.only([job.modality])
    model = job.recipe.make(setting.seed + fold.repeat)
    model.fit(train, held if setting.validation else None, stop=stop)
    return model, held if job.what in (WHOLE, CHOOSING) else None


def variations(test: Examples, setting: Setting, fold: Fold) -> Iterator[tuple[str, Examples]]:
    """The same test patients with a modality hidden, or dealt anew among them."""
    if len(test.modalities) < 2:
        return
    for name in test.modalities:
        if "missing" in setting.controls:
            yield f"without: {name}", test.hide(name)
        if "shuffled" in setting.controls:
            for k in range(setting.shuffles):
                rng = np.random.default_rng([setting.seed, k, fold.repeat, fold.number, 0xDEA1])
                yield f"shuffled: {name} #{k + 1}", test.shuffled(name, rng)


def _digest(job: Job, setting: Setting) -> str:
    """What names the file of a fit: all that its answers depend on."""
    said: Mapping[str, Any] = {
        "examples": setting.digest, "model": job.recipe.said(setting.seed + job.fold.repeat),
        "what": name_of(job), "fold": [job.fold.repeat, job.fold.number],
        "train": job.fold.train.tolist(), "test": job.fold.test.tolist(),
        "controls": sorted({"missing", "shuffled"} & set(setting.controls)),
        "shuffles": setting.shuffles, "operating": bool(setting.operating),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
