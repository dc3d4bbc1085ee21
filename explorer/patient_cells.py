"""patient_cells: what a facet says of some patients, as text."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import ArrayLike

from explorer.facet import Facet


def patient_cells(facet: Facet, positions: ArrayLike) -> list[str]:
    """One text a patient.

    Parameters
    ----------
    facet : Facet
    positions : array-like of int, (patient,)
        In the order of the facets' patients.

    Returns
    -------
    list of str
        Several values divided by '; '; of whoever has none the state, in brackets: '[unknown]'.
    """
    asked = np.asarray(positions, int)
    found: dict[int, list[str]] = defaultdict(list)
    for one in np.flatnonzero(np.isin(facet.patient, asked)).tolist():
        label = facet.labels[facet.code[one]]
        found[int(facet.patient[one])].append(
            f"[{label}]" if facet.code[one] >= facet.values else label
        )
    if facet.numbers is not None and facet.number_of is not None:
        for one in np.flatnonzero(np.isin(facet.number_of, asked)).tolist():
            found[int(facet.number_of[one])].append(f"{facet.numbers[one]:.10g}")
    return ["; ".join(found.get(position, [])) for position in asked.tolist()]
