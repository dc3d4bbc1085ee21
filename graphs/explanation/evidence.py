"""Evidence: what of a patient speaks for a prediction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """What of a patient speaks for a prediction.

    Attributes
    ----------
    modality : str
    address : str
        Of the fact, sentence, lesion or vector; empty where the patient has nothing of the kind,
        or where the features do not come from a store.
    text : str
        What stands there (hostile text), or why there is nothing.
    weight : float
        Its share of the risk, in the model's own unit; above 0 raises it.
    state : str
        'present', or why the patient has nothing of the modality: 'absent', 'withheld', ...
    parts : tuple of int
        What of the examples it is: positions of a block's features, or of a bag's instances among
        those of the patient.
    """

    modality: str
    address: str
    text: str
    weight: float
    state: str = "present"
    parts: tuple[int, ...] = ()
