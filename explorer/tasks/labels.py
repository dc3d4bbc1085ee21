"""labels: the label of each patient for a task, with its state and where it stands."""

from __future__ import annotations

import pandas as pd

from explorer.patient_set import PatientSet
from explorer.tasks.place_labels import finding_labels, report_labels, segment_labels
from explorer.tasks.task import Task
from explorer.tasks.timed_labels import code_labels, timed_labels
from explorer.tasks.value_labels import several_labels, value_labels


def labels(patients: PatientSet, task: Task) -> pd.DataFrame:
    """Label patients.

    Parameters
    ----------
    patients : PatientSet
    task : Task

    Returns
    -------
    pandas.DataFrame
        A row a patient, indexed by key, in the set's order. Always ``state`` ('present',
        'absent', 'censored', 'not acquired', 'before the window', 'cannot tell: ...') and
        ``address`` of the evidence; the label is in

        - survival: ``time`` (from the index day, in the task's unit), ``event`` (bool)
        - competing risks: ``time``, ``event`` (0 censored, 1, 2, ...) and ``cause``
        - binary: ``label`` (1, 0); multi-class and regression: ``label``
        - multi-label: a column ``label: <name>`` each (1, 0)
        - segmentation, detection: ``label`` (how many segments there are)
        - report generation: ``label`` (the report's item); retrieval: none.

        What is not known is missing, and `state` says why. ``attrs`` has the sha256 of task and
        patients.
    """
    source = task.outcome.source
    if source in ("outcome", "times"):
        made = timed_labels(patients, task)
    elif source == "phenotype":
        made = code_labels(patients, task)
    elif source == "fact":
        made = value_labels(patients, task)
    elif source == "facts":
        made = several_labels(patients, task)
    elif source == "findings":
        made = finding_labels(patients, task)
    elif source == "segments":
        made = segment_labels(patients, task)
    elif source == "report":
        made = report_labels(patients)
    else:
        made = pd.DataFrame(
            {"state": "present", "address": None}, index=pd.Index(patients.keys, name="patient")
        )
    made.attrs |= {"task": task.sha256, "patients": patients.digest}
    return made
