"""run_data: the patients of a run with features and outcome, divided as it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from explorer.errors import NotFoundError
from explorer.patient_set import PatientSet
from explorer.split.split import Split
from explorer.store import Store
from explorer.tasks.task import Task
from graphs.errors import ConfigError
from graphs.examples.examples import Examples
from graphs.features.known_rows import NOBODY
from graphs.runs.check_models import check_models
from graphs.runs.run_config import RunConfig
from graphs.runs.used_task import used_task


@dataclass(frozen=True, eq=False)
class RunData:
    """What a run is made of.

    Attributes
    ----------
    config : RunConfig
    cohort : PatientSet
    task : Task
    examples : Examples
        Patients whose outcome is known.
    unknown : int
        Patients of the cohort whose outcome is not.
    """

    config: RunConfig
    cohort: PatientSet
    task: Task
    examples: Examples
    unknown: int

    @cached_property
    def split(self) -> Split:
        """The patients in parts or folds; refused where something leaks.

        Raises
        ------
        LeakError
            `LeakError.found` has all of it.
        ConfigError
            No split of the name was kept.
        """
        asked = self.config.split
        if asked.kept:
            for one in self.cohort.splits():
                if one.name == asked.kept:
                    return one
            raise ConfigError(
                f"No split {asked.kept!r} was kept", where=f"cohort {self.cohort.name!r}",
                do="oncograph split STORE COHORT --keep NAME",
            )  # fmt: skip
        strata = dict(zip(self.examples.keys, self.examples.outcome().strata(), strict=True))
        return self.cohort.split(
            asked.parts or None, folds=None if asked.parts else asked.folds,
            stratify={key: str(one) for key, one in strata.items()},
            group=asked.group or (), seed=self.config.seed, checks=asked.checks,
            allow=asked.allow, task=used_task(self.task, self.examples),
        )  # fmt: skip

    def part(self, name: str) -> Examples | None:
        """The examples of a part; None where there is no such part."""
        if name not in self.split:
            return None
        wanted = set(self.split[name].keys)
        return self.examples.take([key in wanted for key in self.examples.keys])

    @property
    def train(self) -> Examples:
        """Whom models are fitted on: the part of that name, or with folds everybody."""
        return self.part("train") or self.examples

    @property
    def validation(self) -> Examples | None:
        """Whom models may stop early by; None where no part is for it."""
        return self.part("validation") or self.part("val")


def run_data(config: RunConfig) -> RunData:
    """Read the patients of a run.

    Raises
    ------
    StoreError, NotFoundError
        There is no such store or cohort.
    ConfigError
        There is no such task, model or setting, or nothing that is called as a feature is; or
        nobody's outcome is known.
    ExamplesError
        The features cannot be had.
    """
    from graphs.features.features import features

    check_models(config)
    store = Store(config.place)
    try:
        cohort = store.cohort(config.cohort) if config.cohort else store.cohort()
    except NotFoundError as error:
        raise ConfigError(
            f"cohort: {error.found}", where=config.place, do="oncograph cohort STORE --freeze NAME"
        ) from error
    task = config.task_in(store)
    found = features(cohort, config.features, task=task)
    nowhere = found.left_out[found.left_out["why"].str.startswith(NOBODY)]
    if len(nowhere):
        first = nowhere.iloc[0]
        raise ConfigError(
            f"features: {first['table']} {first['what']!r}: {first['why']}", where=config.place,
            do="mend the name, or take it out",
        )  # fmt: skip
    known = found.known()
    if not len(known):
        raise ConfigError(
            f"Of {len(found)} patients nobody's outcome is known", where=f"task {task.name!r}",
            do="look at explorer.tasks.labels: its column `state` says why",
        )  # fmt: skip
    return RunData(config, cohort, task, known, len(found) - len(known))
