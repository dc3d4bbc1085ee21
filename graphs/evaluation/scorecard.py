"""scorecard: any predictors on any tasks, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.html import table_html
from graphs.errors import ExamplesError
from graphs.evaluation.scored_task import ScoredTask
from graphs.evaluation.task_scores import score
from graphs.evaluation.toys import TOYS, Predictor
from graphs.metrics.preference import Preference, preference
from graphs.metrics.score import Score

_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Predictors on tasks.

    Attributes
    ----------
    tasks : tuple of ScoredTask
    scores : dict
        (task, predictor) to its score.
    cases : dict
        The same to the value of each case, where cases have one.
    problems : dict
        The same to why there is no score.
    """

    tasks: tuple[ScoredTask, ...]
    scores: Mapping[tuple[str, str], Score]
    cases: Mapping[tuple[str, str], NDArray[np.float64]]
    problems: Mapping[tuple[str, str], str]
    predictors: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row a task: kind, metric, cases, prevalence, split sha256, and each predictor."""
        rows = []
        for one in self.tasks:
            name = one.task.name
            found = [self.scores.get((name, who)) for who in self.predictors]
            metric = next((score.metric for score in found if score is not None), "")
            row: dict[str, Any] = {
                "task": name, "kind": one.task.kind, "metric": metric, "cases": len(one.test),
                "prevalence": one.prevalence, "split sha256": one.split_sha256[:12] or "none",
                "task sha256": one.task.sha256[:12],
            }  # fmt: skip
            for who, score_ in zip(self.predictors, found, strict=True):
                row[who] = np.nan if score_ is None else score_.value
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def ranks(self) -> pd.Series:
        """Each predictor's mean rank over the tasks, the best first; ties share their rank."""
        table = self.table[list(self.predictors)]
        ranks: pd.Series = table.rank(axis=1, ascending=False).mean().sort_values()
        return ranks

    def preference(self) -> Preference:
        """Bradley and Terry's order, each case (or task without cases) being a vote on a pair."""
        votes: list[tuple[str, str, float]] = []
        for one in self.tasks:
            for first, second in combinations(self.predictors, 2):
                places = (one.task.name, first), (one.task.name, second)
                if any(place not in self.scores for place in places):
                    continue
                mine, theirs = (self.cases[place] for place in places)
                if not len(mine):
                    mine, theirs = (np.array([self.scores[place].value]) for place in places)
                for off in (mine - theirs).tolist():
                    share = 0.5 if abs(off) < _SAME else float(off > 0)
                    votes.append((first, second, share))
        return preference(votes)

    def _repr_html_(self) -> str:
        rows = []
        for one in self.tasks:
            name = one.task.name
            cells: list[Any] = [name, one.task.kind, len(one.test), one.split_sha256[:12] or "none"]
            for who in self.predictors:
                found = self.scores.get((name, who))
                cells.append(self.problems.get((name, who), "") if found is None else str(found))
            rows.append(cells)
        head = ["task", "kind", "cases", "split sha256", *self.predictors]
        return table_html(head, rows, f"{len(self.tasks)} tasks; higher is better")


def scorecard(
    tasks: Sequence[ScoredTask],
    predictors: Mapping[str, Predictor] | None = None,
    *,
    toys: bool = True,
    seed: int = 0,
) -> Scorecard:
    """Let predictors answer tasks.

    Parameters
    ----------
    tasks : sequence of ScoredTask
    predictors : mapping of str to callable, optional
        Called with the task and a generator of chance; gives an answer for each test case.
    toys : bool
        Whether the toys stand beside them: what draws at random, what always says the commonest,
        and what knows the truth. The last must have 1 everywhere, or the score is wrong.
    seed : int

    Returns
    -------
    Scorecard
        A predictor that fails on a task loses no other score.

    Raises
    ------
    ExamplesError
        Two tasks, or a predictor and a toy, have one name.
    """
    names = [one.task.name for one in tasks]
    if len(set(names)) != len(names):
        raise ExamplesError("Two tasks of one name", expected="different names")
    known = dict(predictors or {})
    if toys and set(known) & set(TOYS):
        raise ExamplesError(f"A predictor is called as a toy: {sorted(set(known) & set(TOYS))}")
    known = {**(TOYS if toys else {}), **known}
    scores: dict[tuple[str, str], Score] = {}
    cases: dict[tuple[str, str], NDArray[np.float64]] = {}
    problems: dict[tuple[str, str], str] = {}
    for k, one in enumerate(tasks):
        for who, predict in known.items():
            place = (one.task.name, who)
            try:
                said = predict(one, np.random.default_rng([seed, k]))
                scores[place], cases[place] = score(one, said, seed)
            except Exception as error:  # noqa: BLE001 - one failing predictor never loses the others
                problems[place] = f"{type(error).__name__}: {error}"
    return Scorecard(tuple(tasks), scores, cases, problems, tuple(known))
