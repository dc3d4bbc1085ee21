"""Attribution: how much each feature, or instance, of each patient moved the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attribution:
    """Shares of `Answers.risk`, in its unit; above 0 raises it.

    Attributes
    ----------
    weights : mapping of str to ndarray of float64
        Modality to (patient, feature) of a block, or (instance,) of a bag that the model took as
        one; 0 where the patient has nothing of it.
    method : str
        'linear', 'integrated gradients', 'attention', ...
    base : float
        Risk where nothing is known; NaN where the method has none.
    """

    weights: Mapping[str, Floats]
    method: str
    base: float = float("nan")

    def by_modality(self, owners: Mapping[str, NDArray[np.int64]], count: int) -> dict[str, Floats]:
        """The sum for each patient, (patient,).

        Parameters
        ----------
        owners : mapping of str to ndarray
            Of bags: position of each instance's patient.
        count : int
            Patients.
        """
        found = {}
        for name, weight in self.weights.items():
            if weight.ndim == 2:
                found[name] = weight.sum(axis=1)
            else:
                found[name] = np.bincount(owners[name], weight, minlength=count)
        return found
