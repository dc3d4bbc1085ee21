"""measurement_block: of what was measured of lesions, one row a patient."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explorer.patient_set import PatientSet
from explorer.tasks.task import Task
from graphs.examples.block import Block
from graphs.features.known_rows import KnownRows
from graphs.features.measured import Measured, measured, measured_state

# What says how large a lesion is, the best first; sums are of these.
_SIZES = (r"volume", r"total lesion glycolysis", r"long.*(axis|diameter)|^diameter", r"area")
LARGEST, SUM, COUNT = "largest: ", "sum: ", "outlines"


def measurement_block(
    source: PatientSet | KnownRows,
    names: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    masks: bool = True,
    keep: bool = False,
    modality: str = "measurements",
) -> Block:
    """Describe a patient by the measurements of his lesions.

    Columns are each measurement of the largest lesion (``largest: Maximum (HU)``), the sum of
    sizes over the lesions that have it (``sum: Volume (mm3)``), and ``outlines``, how many were
    measured. Outlines of one lesion by several readers are several: a sum is of outlines.

    Parameters
    ----------
    source : PatientSet or KnownRows
    names : str or sequence of str
        Patterns of the measurements' names.
    task : Task, optional
        See `KnownRows`: measurements are as old as the image.
    masks, keep : bool
        See `graphs.features.measured.measured`.
    modality : str

    Returns
    -------
    Block
        float32. The address is of the observation of the largest lesion, or of the mask that was
        measured for this.
    """
    known = KnownRows.of(source, task)
    found = measured(known, names, masks=masks, keep=keep)
    first = _largest(found, len(known))
    have = first >= 0
    columns: dict[str, NDArray[np.float32]] = {}
    for name in found.frame.columns:
        values = found.frame[name].to_numpy(np.float32)
        column = np.full(len(known), np.nan, np.float32)
        column[have] = values[first[have]]
        columns[LARGEST + name] = column
    for name in (one for one in found.frame.columns if _size(one) < len(_SIZES)):
        values = found.frame[name].to_numpy(float)
        told = np.isfinite(values)
        count = np.bincount(found.owner[told], minlength=len(known))
        total = np.bincount(found.owner[told], values[told], minlength=len(known))
        total[count == 0] = np.nan
        columns[SUM + name] = total.astype(np.float32)
    count = np.bincount(found.owner, minlength=len(known)).astype(np.float32)
    columns[COUNT] = np.where(have, count, np.nan).astype(np.float32)
    place = {key: k for k, key in enumerate(known.keys)}

    def address(key: str, feature: str) -> str:
        lesion = int(first[place[key]]) if key in place else -1
        if lesion < 0:
            return ""
        name = feature.removeprefix(LARGEST).removeprefix(SUM)
        names = [name] if name in found.frame.columns else list(found.frame.columns)
        return next((at for one in names if (at := found.address(lesion, one))), "")

    frame = pd.DataFrame(columns, index=list(known.keys))
    return Block(modality, frame, measured_state(known, found), address, producer="measurements")


def _size(name: str) -> int:
    """Rank of what tells a size; as many as there are where it does not."""
    return next(
        (k for k, one in enumerate(_SIZES) if re.search(one, name, re.IGNORECASE)), len(_SIZES)
    )


def _largest(found: Measured, patients: int) -> NDArray[np.int64]:
    """Position of each patient's largest lesion, by the best size that he has; -1 without."""
    first = np.full(patients, -1, np.int64)
    sizes = sorted((one for one in found.frame.columns if _size(one) < len(_SIZES)),
                   key=lambda one: (_size(one), one))  # fmt: skip
    for name in sizes:
        values = found.frame[name].to_numpy(float)
        order = np.lexsort((np.arange(len(values)), -values, found.owner))
        order = order[np.isfinite(values[order])]
        of, at = np.unique(found.owner[order], return_index=True)
        free = first[of] < 0
        first[of[free]] = order[at[free]]
    # the only lesion is the largest, whatever was measured of it
    one = np.flatnonzero(np.bincount(found.owner, minlength=patients) == 1)
    alone = one[first[one] < 0]
    first[alone] = np.searchsorted(found.owner, alone)
    return first
