"""Deletion: how much more removing the named evidence changes a prediction than chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.html import table_html

_DRAWS = 2000
_LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Deletion:
    """The result of a deletion test, paired over patients.

    Attributes
    ----------
    model, method : str
        Name of the model and of its attribution.
    keys : tuple of str
        Patients who had more than what was named.
    named, random : ndarray of float64, (patient,)
        Change of the risk when the named evidence goes, and the mean change when as much goes
        that was drawn at random; in the unit of the risk, 0 or more.
    top, draws : int
        Pieces of evidence that were removed; random removals.
    within : bool
        Whether the random evidence was of the same modality.
    seed : int
    left_out : int
        Patients who had nothing to choose from.
    """

    model: str
    method: str
    keys: tuple[str, ...]
    named: NDArray[np.float64]
    random: NDArray[np.float64]
    top: int
    draws: int
    within: bool
    seed: int
    left_out: int

    @property
    def difference(self) -> float:
        """Mean of named less random."""
        return float((self.named - self.random).mean())

    @cached_property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference, by bootstrap over patients."""
        gap = self.named - self.random
        rng = np.random.default_rng(self.seed)
        drawn = gap[rng.integers(0, len(gap), (_DRAWS, len(gap)))].mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        return float(low), float(high)

    @cached_property
    def p(self) -> float:
        """Of Wilcoxon's signed-rank test, two-sided; 1 where nothing differs."""
        from scipy.stats import wilcoxon

        gap = self.named - self.random
        if not gap.any():
            return 1.0
        return float(wilcoxon(gap, zero_method="zsplit").pvalue)

    @property
    def passed(self) -> bool:
        """Whether the named evidence matters more: the interval is above 0, and p below .05."""
        return self.interval[0] > 0 and self.p < _LEVEL

    @property
    def words(self) -> str:
        """The result as a sentence."""
        low, high = self.interval
        kind = "of the same modalities " if self.within else ""
        numbers = (
            f"{self.named.mean():.3g} against {self.random.mean():.3g}, difference "
            f"{self.difference:.3g} (95 % interval {low:.3g} to {high:.3g}), p = {self.p:.2g}, "
            f"{len(self.keys)} patients"
        )
        if self.passed:
            said = "changes the prediction more than"
        elif high < 0 and self.p < _LEVEL:
            said = "changes the prediction less than"
        else:
            said = "cannot be told from"
        return (
            f"Removing the {self.top} heaviest pieces of evidence {said} removing as much "
            f"{kind}at random: {numbers}."
        )

    def figure(self) -> Figure:
        """Draw a point a patient: random across, named up; above the line it matters more."""
        from explorer.picture import Picture

        picture = Picture((4.6, 4.4), layout="constrained")
        axes = picture.subplots()
        most = float(max(self.named.max(), self.random.max(), 1e-12)) * 1.05
        axes.plot([0, most], [0, most], ":", color="#222222", linewidth=1)
        axes.plot(self.random, self.named, "o", color="#0072b2", markersize=3.5, alpha=0.6)
        axes.set(xlim=(0, most), ylim=(0, most))
        axes.set_xlabel("Change of the risk, random evidence removed (mean)")
        axes.set_ylabel("Change of the risk, named evidence removed")
        axes.set_title(f"{self.model}: {self.method}".replace("$", r"\$"), fontsize=9.5)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        return picture

    def __repr__(self) -> str:
        return f"<Deletion: {self.words}>"

    def _repr_html_(self) -> str:
        low, high = self.interval
        rows: list[list[object]] = [
            ["named evidence removed", float(self.named.mean())],
            [f"random evidence removed, {self.draws} draws", float(self.random.mean())],
            ["difference (95 % interval)", f"{self.difference:.3g} ({low:.3g} to {high:.3g})"],
            ["p (Wilcoxon's signed ranks)", f"{self.p:.2g}"],
            ["patients", len(self.keys)],
            ["patients with nothing to choose from", self.left_out],
        ]  # fmt: skip
        return table_html(["change of the risk", ""], rows, self.words)
