"""Attribution: how much each feature, or instance, of each patient moved the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    owners : mapping of str to ndarray of int64, (instance,)
        Of what is no block of the examples, such as 'graph' (nodes) or 'neighbours' (patients of
        the training): position of the patient that each instance speaks for.
    addresses : mapping of str to tuple of str, (instance,)
        Of the same instances; '' where one has none, or where it is not to be told.
    """

    weights: Mapping[str, Floats]
    method: str
    base: float = float("nan")
    owners: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by_modality(self, owners: Mapping[str, NDArray[np.int64]], count: int) -> dict[str, Floats]:
        """The sum for each patient, (patient,).

        Parameters
        ----------
        owners : mapping of str to ndarray
            Of bags: position of each instance's patient; the attribution's own go before.
        count : int
            Patients.
        """
        found = {}
        for name, weight in self.weights.items():
            if weight.ndim == 2:
                found[name] = weight.sum(axis=1)
            else:
                found[name] = np.bincount(
                    self.owners[name] if name in self.owners else owners[name],
                    weight, minlength=count,
                )  # fmt: skip
        return found
