"""prediction_shown: a patient's prediction as the fusion view has it in the browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from explorer.address import Address
from graphs.prediction import Prediction
from widgets.fusion_training import FusionTraining


def prediction_shown(
    found: Prediction, label: str, run: FusionTraining, lit: Iterable[str]
) -> dict[str, Any]:
    """A prediction in words, with the evidence of each modality as addresses.

    Parameters
    ----------
    found : Prediction
    label : str
        What people call the patient.
    run : FusionTraining
        Of the model that said it.
    lit : iterable of str
        Addresses that are selected.

    Returns
    -------
    dict
        Not `kept` yet: it has no address of its own.
    """
    return {
        "label": label, "words": found.words,
        "seen": "among the tested: the model has not seen this patient"
        if found.patient in run.tested else found.seen,
        "evidence": [
            [item.modality, _newest(item.address), item.text, item.weight]
            for item in found.evidence
        ],
        "made": [[name, str(value)] for name, value in vars(found.provenance).items()],
        "lit": list(lit), "kept": "",
    }  # fmt: skip


def _newest(address: str) -> str:
    """As the patient's graph and a selection have it: no version, and no number of a first row."""
    if not address:
        return ""
    where = Address.parse(address)
    first = where.fragment == {"row": "1"}
    return str(replace(where, version=None, fragment={} if first else where.fragment))
