"""diversity: of how many equally frequent kinds a cohort is as varied as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Diversity:
    """How varied a cohort is in one attribute.

    Attributes
    ----------
    attribute : str
        'sex', 'scanner', ...
    kinds : int
        Different values.
    effective : float
        The Hill number of order 1, exp of Shannon's entropy: the number of equally frequent
        kinds that would be as varied (Hill, Ecology 1973; Jost, Oikos 2006). 1 is no variety.
    evenness : float
        Pielou's: 1 where all kinds are equally frequent; NaN of one kind.
    unknown : float
        Share of the patients of whom the attribute is not known.
    """

    attribute: str
    kinds: int
    effective: float
    evenness: float
    unknown: float


def diversity(attribute: str, counts: Mapping[str, int], unknown: int = 0) -> Diversity:
    """Measure the variety of an attribute.

    Parameters
    ----------
    attribute : str
    counts : mapping
        Patients of each value.
    unknown : int
        Patients without a value.
    """
    held = np.array([count for count in counts.values() if count > 0], float)
    total = float(held.sum())
    if not total:
        return Diversity(attribute, 0, 0.0, float("nan"), 1.0 if unknown else 0.0)
    shares = held / total
    entropy = float(-(shares * np.log(shares)).sum())
    even = entropy / float(np.log(len(held))) if len(held) > 1 else float("nan")
    return Diversity(
        attribute, len(held), float(np.exp(entropy)), even, unknown / (total + unknown)
    )


def diversity_index(found: Iterable[Diversity]) -> float:
    """One number for several attributes: the geometric mean of their effective numbers.

    It is for comparing cohorts in the same attributes, and means nothing across others.
    """
    known = [one.effective for one in found if one.kinds]
    return float(np.exp(np.mean(np.log(known)))) if known else 0.0
