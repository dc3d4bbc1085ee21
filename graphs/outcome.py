"""Outcome: how long each patient was followed, and whether it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.facets import Facets

#: What times may be counted in.
UNITS = ("days", "weeks", "months", "years")


@dataclass(frozen=True, eq=False)
class Outcome:
    """A right-censored outcome of all patients of a store.

    Attributes
    ----------
    title : str
        What happens, and where it is read from (hostile text).
    unit : str
        Of the times: 'days', 'weeks', 'months', 'years'; empty where nobody has said.
    time : ndarray of float, (patient,)
        NaN where there is none.
    event : ndarray of bool, (patient,)
        False is censored.
    why : ndarray of str, (patient,)
        Why a patient cannot be counted; empty where he can.
    """

    title: str
    unit: str
    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    why: NDArray[np.str_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Who has a time of 0 or more, and whether it happened."""
        found: NDArray[np.bool_] = self.why == ""
        return found

    @classmethod
    def of_facts(
        cls,
        facets: Facets,
        time: str | Sequence[str],
        event: str,
        happened: Sequence[str],
        unit: str = "",
    ) -> Outcome:
        """An outcome from facts that a person has named.

        Parameters
        ----------
        facets : Facets
        time : str or sequence of str
            Numeric facet; of several, the first that a patient has: days to death, then days to
            the last follow-up.
        event : str
            Facet that says whether it happened.
        happened : sequence of str
            Its values that mean that it did; every other value is censored, and no value is
            unknown.
        unit : str
            Of the times, where the facet does not say it.

        Raises
        ------
        NotFoundError
            There is no such facet, or the times have no numbers.
        """
        times = [time] if isinstance(time, str) else list(time)
        for name in (*times, event):
            if name not in facets:
                raise NotFoundError(f"No facet {name!r}", expected="a name in facets(store)")
        count = len(facets.keys_of)
        spent, why = np.full(count, np.nan), np.full(count, "no time", "<U32")
        said = {facets[name].unit for name in times}
        if len(said) > 1:
            raise NotFoundError(f"The times have units {sorted(said)}", expected="one unit")
        for name in times:
            facet = facets[name]
            if facet.numbers is None or facet.number_of is None:
                raise NotFoundError(f"{name!r} has no numbers", expected="a numeric facet")
            several = np.bincount(facet.number_of, minlength=count)
            free = np.isnan(spent) & (why == "no time")
            first = free & (several == 1)
            values = np.full(count, np.nan)
            values[facet.number_of] = facet.numbers
            spent[first], why[first] = values[first], ""
            why[free & (several > 1)] = "several times"
        facet = facets[event]
        happened_to = facet.having(happened, (), count)
        not_to = facet.having(set(facet.labels[: facet.values]) - set(happened), (), count)
        why[(why == "") & happened_to & not_to] = "both, and censored"
        why[(why == "") & ~happened_to & ~not_to] = "not known whether it happened"
        why[(why == "") & (spent < 0)] = "a time below 0"
        spent[why != ""] = np.nan
        named = " or ".join(facets[name].title for name in times)
        title = f"{facet.title} = {' or '.join(happened)}, after {named}"
        return cls(title, said.pop() or unit, spent, happened_to & (why == ""), why)
