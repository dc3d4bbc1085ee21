"""Features: patients of a store as examples that models take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.features.about_of import about_of
from graphs.features.fact_block import fact_block
from graphs.features.known_rows import KnownRows
from graphs.features.pathways import read_signatures, with_pathways
from graphs.features.spec import Spec
from graphs.features.vector_block import vector_block

Made = Block | Bag


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
    blocks: dict[str, Made] = {}
    for name, source, said in wanted:
        followed = None if like is None else like.blocks.get(name)
        blocks[name] = _MAKERS[source](known, name, said, followed)
    if predictions and _predicted(known):
        blocks = {name: replace(one, predicted=True) for name, one in blocks.items()}
    return Examples(
        known.keys, blocks, _target(cohort, task) if labels else None,
        about=about_of(cohort, about), snapshot=cohort.digest, left_out=known.left_out,
    )  # fmt: skip


def _target(cohort: PatientSet, task: Task | None) -> Target | None:
    if task is None or task.outcome.source == "none":
        return None
    from explorer.tasks.labels import labels as labels_of

    return Target.of_labels(labels_of(cohort, task), task)


def _predicted(known: KnownRows) -> bool:
    return bool(known.predicted_runs)


def _facts(known: KnownRows, name: str, said: dict[str, Any], like: Made | None) -> Made:
    given = {**said, "names": said.get("names") or "*"}
    return fact_block(known, modality=name, like=like if isinstance(like, Block) else None, **given)


def _vectors(known: KnownRows, name: str, said: dict[str, Any], like: Made | None) -> Made:
    given = dict(said)
    groups, suffixes = given.pop("signatures", None), given.pop("suffixes", ())
    block = vector_block(known, modality=name,
                         like=like if isinstance(like, Block) else None, **given)  # fmt: skip
    if groups is None:
        return block
    sets = groups if isinstance(groups, Mapping) else read_signatures(groups)
    return with_pathways(block, sets, suffixes=suffixes)


_MAKERS: dict[str, Callable[[KnownRows, str, dict[str, Any], Made | None], Made]] = {
    "facts": _facts,
    "vectors": _vectors,
}
