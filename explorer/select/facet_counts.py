"""facet_counts: patients of each value of a facet, and of each state of absence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from explorer.errors import NotFoundError
from explorer.facets import Facets


def facet_counts(facets: Facets, name: str) -> pd.DataFrame:
    """Count patients.

    Parameters
    ----------
    facets : Facets
    name : str
        Of a facet, or what stands behind its group: 'sex' of 'patient: sex'.

    Returns
    -------
    pandas.DataFrame
        Columns value (of numbers the range of a bin), state (of absence) and patients; a patient
        with several values counts under each.

    Raises
    ------
    NotFoundError
        There is no such facet, or several are called so.
    """
    ends = [one for one in facets if one == name] or [
        one for one in facets if one.partition(": ")[2] == name
    ]
    if len(ends) != 1:
        raise NotFoundError(
            f"{len(ends)} facets are called {name!r}",
            expected=", ".join(map(repr, ends)) if ends else "a name in cohort.facets()",
        )
    facet = facets[ends[0]]
    everybody = np.ones(len(facets.keys_of), bool)
    rows: list[tuple[str | None, str | None, int]] = []
    if facet.numeric:
        edges = facet.edges
        bins = facet.histogram(everybody).tolist()
        for low, high, n in zip(edges[:-1], edges[1:], bins, strict=True):
            rows.append((f"[{low:.10g}, {high:.10g})", None, n))
    for k, n in enumerate(facet.counts(everybody).tolist()):
        value, state = (facet.labels[k], None) if k < facet.values else (None, facet.labels[k])
        rows.append((value, state, n))
    return pd.DataFrame(rows, columns=["value", "state", "patients"])
