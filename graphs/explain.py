"""explain: what moved a model's predictions, as evidence with addresses."""

from __future__ import annotations

import numpy as np

from explorer.errors import NotFoundError
from explorer.patient import Patient
from explorer.store import Store
from graphs.errors import ModelError
from graphs.examples.examples import Examples
from graphs.explanation.explanation import Explanation
from graphs.models.model import Model


def explain(
    model: Model,
    examples: Examples,
    *,
    patient: str | Patient | None = None,
    top: int = 20,
    store: Store | None = None,
) -> Explanation:
    """Say which modality, fact, sentence, lesion, gene set or slice moved each prediction.

    The model's attribution is summed to addresses; what a patient has nothing of is named with
    its state. Whether the named evidence matters to the model is what
    `graphs.explanation.deletion_test.deletion_test` measures; neither says that it is a cause.

    Parameters
    ----------
    model : Model
        Fitted.
    examples : Examples
        With the modalities that it was fitted on.
    patient : str or Patient, optional
        Key of the one patient to explain; all by default.
    top : int
        Pieces of evidence that are told a patient.
    store : Store, optional
        Where the text at an address is read; a `Patient` brings his own.

    Returns
    -------
    Explanation
        ``.of(key)``: evidence of a patient; ``.by_modality()``, ``.groups(modality)``,
        ``.figure()``.

    Raises
    ------
    ModelError
        The model is not fitted.
    NotFoundError
        The patient is not among the examples.

    Examples
    --------
    >>> explain(model, examples, patient=store["P-1"]).of(store["P-1"].key)
    """
    if not model.modalities:
        raise ModelError("The model is not fitted", do="model.fit(examples)")
    if isinstance(patient, Patient):
        store, patient = store or patient.store, patient.key
    if patient is not None:
        if patient not in examples.keys:
            raise NotFoundError(
                f"No patient {patient!r} among the examples", expected="a patient's key"
            )
        examples = examples.take([examples.keys.index(patient)])
    risk = np.asarray(model.predict(examples).risk, float)
    return Explanation(model.NAME, examples, model.explain(examples), risk, top, store)
