"""audit_shortcuts: what vectors say about sex, age, site and scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.html import table_html
from graphs.encoders.probe_methods import line_scores
from graphs.encoders.within_folds import areas_within, draws_of, interval, patient_folds
from graphs.errors import ExamplesError

if TYPE_CHECKING:
    from graphs.examples.bag import Bag
    from graphs.examples.block import Block

HEAD = ("about", "AUROC", "low", "high", "patients", "with it", "flagged", "in words")
_LEAST = 10
_DEALT = 100
_SOME = 30


@dataclass(frozen=True, eq=False)
class ShortcutAudit:
    """What a line through the vectors can tell.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each question, with `HEAD`'s columns; 'flagged' where the whole interval lies
        above .5, missing where there were too few patients to ask.
    level : float
        Of the intervals: of so many questions about nothing, one in forty is flagged at .95.
    producer : str
        Of the vectors.
    """

    table: pd.DataFrame
    level: float
    producer: str

    @property
    def flagged(self) -> list[str]:
        """Questions that the vectors answer."""
        return [str(one) for one in self.table.loc[self.table["flagged"] == True, "about"]]  # noqa: E712

    def _repr_html_(self) -> str:
        rows = [[f"{v:.3f}" if isinstance(v, float) else v for v in row]
                for row in self.table.itertuples(index=False)]  # fmt: skip
        said = f"what vectors by {self.producer} say; {self.level:.0%} intervals over patients"
        return table_html(HEAD, rows, said)


def audit_shortcuts(
    vectors: Bag | Block,
    about: pd.DataFrame,
    *,
    folds: int = 5,
    repeats: int = 4,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> ShortcutAudit:
    """Ask a linear probe for what vectors should not need to say (as of RAD-DINO and others).

    A model on top of such vectors can use what is flagged in the place of the disease; whether it
    does is another question (subgroups). One vector a patient: the mean of his instances. Numbers
    are asked as 'above the median', classes one against the rest.

    Parameters
    ----------
    vectors : Bag or Block
    about : pandas.DataFrame
        By patient key; a column a question: sex, age, site, scanner, ... (hostile text). A class
        of fewer than 10 patients is not asked about.
    folds, repeats : int
        Cross-validation by patient, drawn anew so many times; areas are averaged.
    draws : int
        Of the bootstrap over patients. That leaves out what another training set would have
        given: intervals are wider by as much as the areas of 100 permuted answers spread wider
        than the bootstrap of such an answer does.
    level : float
    seed : int

    Returns
    -------
    ShortcutAudit
    """
    from graphs.examples.bag import Bag

    block = vectors.pooled() if isinstance(vectors, Bag) else vectors
    values = block.frame.to_numpy(np.float32)
    usable = block.present & np.isfinite(values).all(axis=1)
    if not usable.any():
        raise ExamplesError("No patient has a whole vector", where=block.modality)
    said = about.reindex(list(block.keys))
    rows: list[list[object]] = []
    for name in said.columns:
        for words, known, yes in _questions(str(name), said[name]):
            mine = usable & known
            few = min(int((yes & mine).sum()), int((~yes & mine).sum()))
            count = int(mine.sum())
            if few < max(_LEAST, folds):
                rows.append([words, None, None, None, count, int((yes & mine).sum()), None,
                             f"cannot tell: {few} patients of the smaller side"])  # fmt: skip
                continue
            found = _asked(values[mine], yes[mine], folds, repeats, draws, level, seed)
            flagged = found[1] > 0.5
            word = "the vectors say it" if flagged else "no sign of it"
            rows.append([words, *found, count, int((yes & mine).sum()), flagged, word])
    return ShortcutAudit(pd.DataFrame(rows, columns=list(HEAD)), level, block.producer)


def _questions(
    name: str, column: pd.Series
) -> list[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
    known = column.notna().to_numpy()
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if numeric and column.nunique() > 2:
        middle = float(column.median())
        return [(f"{name} above {middle:g}", known, (column > middle).fillna(False).to_numpy(bool))]
    words = column.astype("string")
    classes = sorted(words.dropna().unique())
    if len(classes) == 2:
        classes = classes[1:]
    return [(f"{name} is {one}", known, (words == one).fillna(False).to_numpy(bool))
            for one in classes]  # fmt: skip


def _asked(
    values: NDArray[np.float32], yes: NDArray[np.bool_], folds: int, repeats: int, draws: int,
    level: float, seed: int,
) -> tuple[float, float, float]:  # fmt: skip
    patient = np.arange(len(yes))
    rng = np.random.default_rng(seed)
    dealt = np.stack([yes, *(rng.permutation(yes) for _ in range(_DEALT))], axis=1)
    cuts = []
    for turn in range(repeats):
        fold = patient_folds(yes.astype(np.int64), patient, folds, seed + turn)
        score = np.zeros(dealt.shape)
        for k in range(folds):
            train, test = fold != k, fold == k
            score[test] = line_scores(
                values[train], dealt[train].astype(float), patient[train], values[test], seed + turn
            )
        cuts.append((score, fold))

    def areas(column: int, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        each = [areas_within(dealt[:, column], score[:, column], fold, weights)
                for score, fold in cuts]  # fmt: skip
        return np.asarray(np.mean(each, axis=0))

    weights = draws_of(patient, draws, seed)
    best, low, high = interval(areas(0, weights), level)
    null = [areas(k, weights[: _SOME if k <= _SOME else 1]) for k in range(1, _DEALT + 1)]
    spread = float(np.std([float(one[0]) for one in null]))
    drawn = float(np.mean([np.nanstd(one[1:]) for one in null[:_SOME]]))
    wider = max(spread / max(drawn, 1e-9), 1.0)
    return best, best - wider * (best - low), min(best + wider * (high - best), 1.0)
