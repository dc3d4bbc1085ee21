"""lesion_bag: the lesions of patients, one instance each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.examples.bag import Bag
from graphs.features.known_rows import KnownRows
from graphs.features.measured import measured, measured_state


def lesion_bag(
    source: PatientSet | KnownRows,
    names: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    masks: bool = True,
    keep: bool = False,
    modality: str = "lesions",
) -> Bag:
    """Give each lesion that was measured as an instance.

    Parameters
    ----------
    source, names, task, masks, keep, modality
        As of `graphs.features.measurement_block.measurement_block`.

    Returns
    -------
    Bag
        float32, NaN where something was not measured; the address is that of the lesion's first
        observation, or of its mask.
    """
    known = KnownRows.of(source, task)
    found = measured(known, names, masks=masks, keep=keep)
    columns = list(found.frame.columns)
    addresses = tuple(
        next((at for one in columns if (at := found.address(k, one))), "")
        for k in range(len(found.owner))
    )
    return Bag(
        modality, known.keys, found.frame.to_numpy(np.float32).reshape(-1, len(columns)),
        found.owner, tuple(columns), addresses, measured_state(known, found), "measurements",
    )  # fmt: skip
