"""FacetPanel: which facets of a cohort view are open, and what was typed to find a value."""

from __future__ import annotations

from typing import Any

from explorer.choice import Choice
from widgets.cohort_shown import open_at_first, shown_facets


class FacetPanel:
    """Facets as they stand in the browser.

    Parameters
    ----------
    choice : Choice
        Says which are open at first.
    """

    def __init__(self, choice: Choice) -> None:
        self._open = set(open_at_first(choice))
        self._wide: set[str] = set()
        self._texts: dict[str, str] = {}

    def open(self, facet: str) -> None:
        """Open a facet; nothing happens where it is."""
        self._open.add(facet)

    def fold(self, what: str, facet: str, text: str = "") -> None:
        """Fold a facet, or its further values, in or out; or look for values by their text.

        Parameters
        ----------
        what : {'open', 'wide', 'find'}
        facet : str
        text : str
            To find.
        """
        if what == "find":
            self._texts[facet] = text
            return
        kept = self._open if what == "open" else self._wide
        kept.discard(facet) if facet in kept else kept.add(facet)

    def shown(self, choice: Choice) -> list[dict[str, Any]]:
        """Every facet, with counts where it is open; see `shown_facets`."""
        return shown_facets(choice, self._open, self._wide, self._texts)
