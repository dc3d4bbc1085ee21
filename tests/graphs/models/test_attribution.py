"""Shares are summed for each patient, whatever they are shares of."""

import numpy as np

from graphs.models.attribution import Attribution


def test_features_bags_and_nodes_are_summed_for_each_patient() -> None:
    told = Attribution(
        {
            "clinical": np.array([[1.0, 2], [3, 4]]),
            "reports": np.array([1.0, 1, 5]),
            "graph": np.array([2.0, -2, 7]),
        },
        "integrated gradients",
        owners={"graph": np.array([0, 0, 1])},
        addresses={"graph": ("onco:a/images/1", "onco:a/images/2", "")},
    )
    found = told.by_modality({"reports": np.array([0, 1, 1])}, 2)
    assert {name: one.tolist() for name, one in found.items()} == {
        "clinical": [3, 7], "reports": [1, 6], "graph": [0, 7],
    }  # fmt: skip
