"""PatientPage: the page of the chosen patients that a cohort view shows."""

from __future__ import annotations

from typing import Any

from explorer.choice import Choice
from widgets.cohort_shown import shown_rows

_COUNT = 25


class PatientPage:
    """The list of the chosen patients, a page of it at a time."""

    def __init__(self) -> None:
        self._text, self._first = "", 0

    def turn(self, text: str, first: int) -> None:
        """Turn to another page.

        Parameters
        ----------
        text : str
            That the patients' labels contain.
        first : int
            Of those, from 0.
        """
        self._text, self._first = text, first

    def go_to(self, choice: Choice, keys: set[str]) -> None:
        """Turn to the page on which a patient is who was picked elsewhere."""
        places = [k for k, key in enumerate(choice.chosen) if key in keys]
        if places and not self._text:
            self._first = places[0] // _COUNT * _COUNT

    def shown(self, choice: Choice, lit: set[str]) -> dict[str, Any]:
        """The page; see `shown_rows`.

        Parameters
        ----------
        choice : Choice
        lit : set of str
            Keys of those who are selected.
        """
        rows = shown_rows(choice, self._text, self._first, _COUNT, lit)
        self._first = rows["first"]
        return rows
