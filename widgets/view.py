"""View: what every view of a patient, a cohort or a store has."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from matplotlib.figure import Figure

from widgets.selection import Selection


@runtime_checkable
class View(Protocol):
    """A widget that shows something and shares a selection.

    Attributes
    ----------
    selection : Selection
        Given to it, or its own. A view picks with ``by=`` its class's name.
    """

    selection: Selection

    def figure(self, **options: Any) -> Figure:
        """What it shows now, as a static figure: units, scale bar, legend."""
