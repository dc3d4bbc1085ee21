"""explore: one page on which all views of a patient share a selection."""

from __future__ import annotations

from typing import Any

from explorer.patient import Patient
from widgets.workbench import Workbench


def explore(patient: Patient, **options: Any) -> Workbench:
    """Look at a patient: images, reports, graph, time line, values, 3D, all linked.

    What ``patient.view()`` calls.

    Parameters
    ----------
    patient : Patient
    **options
        Of `Workbench`: the image or the report to begin with, a selection to share.

    Returns
    -------
    Workbench
        A widget: the last line of a cell shows it.

    Examples
    --------
    >>> import explorer, widgets
    >>> page = widgets.explore(explorer.open("patients.onco")["LIDC-IDRI-0314"])
    >>> page.selection.pick(page.patient.reports["report-1"].address.at(chars=(180, 266)))
    """
    return Workbench(patient, **options)
