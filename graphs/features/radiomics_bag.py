"""radiomics_bag: shape and intensities of outlined segments, one instance each."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from explorer.image import Image
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.progress import progress
from explorer.segmentation import Segmentation
from explorer.tasks.task import Task
from graphs.errors import MeasureError
from graphs.examples.bag import Bag
from graphs.features.known_rows import KnownRows
from graphs.measure import bounding_box
from graphs.radiomics import first_order_features, shape_features


def radiomics_bag(
    source: PatientSet | KnownRows,
    segments: str | Sequence[str] = "*",
    *,
    task: Task | None = None,
    bin_width: float = 25.0,
    modality: str = "radiomics",
) -> Bag:
    """Measure every outlined segment as radiomics does.

    Shape is that of the outline on its own grid; intensities are of the image that it lies on, by
    the nearest voxel where the grids differ. What cannot be measured (an empty mask, voxels
    without a number) is left out and counted.

    Parameters
    ----------
    source : PatientSet or KnownRows
    segments : str or sequence of str
        Patterns of the segments' names, ``*`` and ``?``, without regard to case.
    task : Task, optional
        See `KnownRows`: a measurement is as old as the outline.
    bin_width : float
        Of entropy and uniformity, in the image's units.
    modality : str

    Returns
    -------
    Bag
        float32; pyradiomics' names, ``shape Sphericity``, ``HU Mean`` (the image's units; ``1``
        where they are not known). NaN where a patient's image has other units, or there is none.
        The address is that of the segment.
    """
    known = KnownRows.of(source, task)
    patterns = [segments] if isinstance(segments, str) else list(segments)
    outlined = known.items("items", "segmentation")
    rows: list[dict[str, float]] = []
    owner: list[int] = []
    addresses: list[str] = []
    state = np.full(len(known), "unknown", dtype="<U16")
    with progress("segments measured", len(outlined)) as step:
        for who, key in enumerate(known.keys):
            wanted = outlined.get(key, ())
            if not wanted:
                continue
            patient = known.patients[key]
            state[who] = "not extracted"
            for name in sorted(wanted):
                one = patient.segmentations[name]
                for label in one.labels:
                    if not any(fnmatchcase(label.casefold(), p.casefold()) for p in patterns):
                        continue
                    try:
                        rows.append(_measured(patient, one, label, bin_width))
                    except MeasureError as error:
                        known.note("segments", [label], error.found, [key])
                        continue
                    owner.append(who)
                    addresses.append(str(one.address.at(label=label)))
                    state[who] = "present"
            step(key)
    names = sorted({name for row in rows for name in row})
    values = np.array([[row.get(name, np.nan) for name in names] for row in rows], np.float32)
    return Bag(
        modality, known.keys, values.reshape(len(rows), len(names)), np.array(owner, np.int64),
        tuple(names), tuple(addresses), state, f"radiomics, bins of {bin_width:g}",
    )  # fmt: skip


def _measured(
    patient: Patient, one: Segmentation, label: str, bin_width: float
) -> dict[str, float]:
    own = np.asarray(one.own_mask(label))
    found = {f"shape {name}": value for name, value in shape_features(own, one.affine).items()}
    image = patient.images.get(one.image or "")
    if not isinstance(image, Image) or image.dims != ("z", "y", "x"):
        return found
    mask = np.asarray(one.mask(label))
    box = bounding_box(mask)
    if box is None:  # so small that no voxel of the image is in it
        return found
    part = tuple(slice(*edge) for edge in box)
    seen = first_order_features(
        np.asarray(image.data[part]), mask[part], image.affine, bin_width=bin_width
    )
    return found | {f"{image.units} {name}": value for name, value in seen.items()}
