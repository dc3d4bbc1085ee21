"""Features: patients of a store as examples that models take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.features.about_of import about_of
from graphs.features.known_rows import KnownRows
from graphs.features.modality_of import modality_of
from graphs.features.spec import Spec


def features(
    cohort: PatientSet,
    spec: Spec | Mapping[str, Any] | str | Path | None = None,
    *,
    task: Task | None = None,
    labels: bool = True,
    about: Mapping[str, str | Sequence[str]] | None = None,
    like: Examples | None = None,
    predictions: bool = False,
) -> Examples:
    """Read the features of patients, and what is to be predicted of them.

    Only what was known on the index day of the task is a feature: what came later, what says how
    it went, what cannot be told and what a model predicted is left out and counted, by why, in
    ``left_out``. Numbers are raw: nothing is filled in, scaled or chosen, so that a model learns
    that of its training patients alone.

    Parameters
    ----------
    cohort : PatientSet
        Read at its versions.
    spec : Spec, mapping or path, optional
        Modality to where it comes from; see `graphs.features.spec.Spec`. By default all that the
        task's inputs and the store offer.
    task : Task, optional
        Without one there is no index day and no outcome: every row counts as known, besides
        outcomes and predictions.
    labels : bool
        Whether the task's outcome is read.
    about : mapping, optional
        Columns by which results are divided; see `graphs.features.about_of.about_of`.
    like : Examples, optional
        Give each modality the features of these, in their units and kinds: for a cohort that a
        model is only to be tried on.
    predictions : bool
        Whether rows that a model predicted may be features.

    Returns
    -------
    found : Examples
        Patients in the order of the set.

    Raises
    ------
    ExamplesError
        The spec is none, or nothing is there that may be a feature.
    NotFoundError
        Nobody has a vector of the name.

    Examples
    --------
    >>> examples = features(store.cohort(), task=task)
    >>> examples.left_out
    """
    known = KnownRows(cohort, task, predictions=predictions)
    wanted = Spec.default(known) if spec is None else Spec.of(spec)
    if not len(wanted):
        raise ExamplesError(
            "Nothing is there that may be a feature", where=cohort.name or None,
            do="look at KnownRows(cohort, task): its rows, and left_out",
        )  # fmt: skip
    blocks = {
        name: modality_of(known, name, source, said, None if like is None else like.blocks[name])
        for name, source, said in wanted
        if like is None or name in like.blocks
    }
    if predictions and known.predicted_runs:
        blocks = {name: replace(one, predicted=True) for name, one in blocks.items()}
    return Examples(
        known.keys, blocks, _target(cohort, task) if labels else None,
        about=about_of(cohort, about), snapshot=cohort.digest, left_out=known.left_out,
        labels=_labels(cohort),
    )  # fmt: skip


def _labels(cohort: PatientSet) -> tuple[str, ...]:
    """What people call the patients; who is called as another one is, by his key."""
    called = Counter(cohort.labels.values())
    return tuple(
        label if called[label] == 1 and label not in cohort.labels else key
        for key, label in cohort.labels.items()
    )


def _target(cohort: PatientSet, task: Task | None) -> Target | None:
    if task is None or task.outcome.source == "none":
        return None
    from explorer.tasks.labels import labels as labels_of

    return Target.of_labels(labels_of(cohort, task), task)
