"""Open a patient in a napari viewer, with the panels beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import NotInstalledError
from explorer.patient import Patient

if TYPE_CHECKING:
    import napari

    from widgets.napari.desk import Desk

_INSTALL = "pip install 'oncograph[napari]'"


def open_in_napari(
    patient: Patient,
    image: str | None = None,
    *,
    viewer: napari.Viewer | None = None,
    panels: bool = True,
) -> napari.Viewer:
    """Show a patient on the desktop.

    Parameters
    ----------
    patient : Patient
    image : str, optional
        Id, or a modality or name that only one image has.
    viewer : napari.Viewer, optional
        A new one by default; call ``napari.run()`` where nothing else runs Qt.
    panels : bool
        Whether the patients, the report, the findings and the masks are shown beside it.

    Returns
    -------
    napari.Viewer

    Raises
    ------
    NotInstalledError
        napari, or a Qt for it, is not installed.
    NotFoundError
        The patient has not this image.
    """
    try:
        import napari
        import qtpy  # noqa: F401 - napari starts without a Qt, and then has no window
    except (ImportError, RuntimeError) as error:
        raise NotInstalledError(
            f"napari is not installed, or has no Qt: {error}", do=_INSTALL
        ) from error
    from widgets.napari.desk import desk_of

    shown = viewer or napari.Viewer(title=f"oncograph · {patient.label}")
    desk = desk_of(shown)
    desk.open_patient(patient, image)
    if panels:
        _lay_out(shown, desk)
    return shown


def _lay_out(viewer: napari.Viewer, desk: Desk) -> None:
    """The report above, and below it one of the other panels at a time."""
    dock = viewer.window.add_plugin_dock_widget
    dock("oncograph", "Report")
    below = [dock("oncograph", name)[0] for name in ("Patients", "Findings", "Masks")]
    for other in below[1:]:
        other.parent().tabifyDockWidget(below[0], other)
    below[1 if desk.patient.rows("findings") else 0].raise_()
