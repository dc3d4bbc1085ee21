"""Let a panel follow what its viewer shows and what is selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QWidget

from widgets.napari.desk import Desk


def follow(
    panel: QWidget,
    desk: Desk,
    on_patient: Callable[[], None],
    on_lit: Callable[[], None] | None = None,
) -> None:
    """Call a panel back when another patient is shown, and when something is selected.

    Parameters
    ----------
    panel : QWidget
        Nothing of it is called once Qt has deleted it.
    desk : Desk
    on_patient, on_lit : callable
        Without arguments. `on_patient` is called at once where there is a patient.
    """
    watched: list[Any] = []

    def lit(_: Any) -> None:
        if on_lit is not None:
            on_lit()

    def patient(_: Any = None) -> None:
        watched.append(desk.selection)
        desk.selection.observe(lit, "lit")
        on_patient()

    def gone(_: Any = None) -> None:
        desk.unobserve(patient, "patient")
        if watched and watched[-1] is desk.selection:
            desk.selection.unobserve(lit, "lit")

    desk.observe(patient, "patient")
    panel.destroyed.connect(gone)
    if desk.patient is not None:
        patient()
