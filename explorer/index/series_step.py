"""SeriesStep: one question of a public index, and who was left out."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.choice import Step


@dataclass(frozen=True)
class SeriesStep(Step):
    """A step of the flow, with the series beside the patients.

    Attributes
    ----------
    series_before, series_left : int
    """

    series_before: int = 0
    series_left: int = 0
