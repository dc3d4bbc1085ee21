"""What a function made of a patient, as the rows and items of a run."""

from __future__ import annotations

import json
import math
import numbers
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from explorer.address import Address
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.edit import check_fields
from explorer.image import Image
from explorer.item import Item
from explorer.item_id import item_id
from explorer.mapping.function_error import FunctionError
from explorer.mapping.made import Made, Mask, Volume
from explorer.patient import Patient
from explorer.readers.table_vectors import features_id
from explorer.run_draft import RunDraft

Row = dict[str, Any]
_COUNTED = ("items", "observations", "vectors", "texts", "facts")


def fill_draft(draft: RunDraft, made: Made, patient: Patient, item: Any = None) -> dict[str, int]:
    """Put what was made into the draft of a run.

    Parameters
    ----------
    draft : RunDraft
        With producer, version, settings and input.
    made : Made
    patient : Patient
    item : Item or Report, optional
        What the function was called with; of the whole patient nothing.

    Returns
    -------
    dict
        How many of each kind.

    Raises
    ------
    FunctionError
        A mask does not fit its image, a number is none.
    StoreError
        A row has fields that its table does not have.
    """
    run = draft.run(patient.key)
    by = f"{draft.producer} {draft.version}"
    draft.synthetic = bool(made.synthetic or patient.synthetic or getattr(item, "synthetic", False))
    target = None if item is None else _target(item)
    when = getattr(item, "acquired", None) or getattr(item, "date", None)
    shared: Row = {"target": target, "date": when, "method": by}
    named = [
        {**shared, "name": str(name), "unit": made.units.get(name), **_value(str(name), value)}
        for name, value in made.numbers.items()
    ]
    given = [{**shared, "state": "present", **row} for row in made.observations]
    draft.observations = [{"row": n, **row} for n, row in enumerate([*named, *given], 1)]
    draft.facts = [{"date": when, **row} for row in made.facts]
    draft.texts = [
        {"item": item_id("text", run, name), "name": name, "text": text, "language": "unknown"}
        for name, text in made.texts.items()
    ]
    for name, series in made.vectors.items():
        _vector(draft, name, series, when)
    drafts = [*made.drafts, *_segmentations(made.masks, item, by), *_images(made.volumes, item, by)]
    draft.items = [
        replace(one, item=item_id(one.modality, run, str(number), one.name))
        for number, one in enumerate(drafts)
    ]
    draft.detail["predicted"] = made.predicted
    for table in ("facts", "observations"):
        for row in getattr(draft, table):
            check_fields(table, row)
    found = {table: len(getattr(draft, table)) for table in _COUNTED}
    return {name: count for name, count in found.items() if count}


def _target(item: Any) -> str:
    about = item.address
    return str(Address("k", about.kind, about.item)).partition("/")[2]


def _value(name: str, value: Any) -> Row:
    if isinstance(value, bool | np.bool_):
        return {"value": str(bool(value)).lower(), "state": "present"}
    if isinstance(value, numbers.Real):
        number = float(value)
        if math.isnan(number):
            return {"state": "unknown"}
        if math.isinf(number):
            raise FunctionError(f"{name} is infinite", expected="a finite number, or None")
        return {"number": number, "state": "present"}
    if value is None:
        return {"state": "unknown"}
    if isinstance(value, str):
        return {"value": value, "state": "present"}
    raise FunctionError(
        f"{name} is a {type(value).__name__}", expected="a number, a text or None (unknown)"
    )


def _vector(draft: RunDraft, name: str, series: pd.Series, when: str | None) -> None:
    names = [str(entry) for entry in series.index]
    features = features_id(name, names)
    draft.features[features] = (name, names)
    producer = {"producer": draft.producer, "version": draft.version}
    draft.vectors.append(
        {
            "name": name, "features": features, "state": "present", "date": when,
            "values": [float(value) for value in series], "producer": json.dumps(producer),
        }
    )  # fmt: skip


def _image_of(part: Mask | Volume, item: Item | None) -> Image:
    image = part.image if part.image is not None else item
    if not isinstance(image, Image):
        raise FunctionError(
            f"{part.name!r} is on no image", expected="Mask(values, name, image=...) of the patient"
        )
    return image


def _segmentations(masks: Any, item: Any, by: str) -> list[SegmentationDraft]:
    by_image: dict[str, tuple[Image, list[Mask]]] = {}
    for mask in masks:
        image = _image_of(mask, item)
        if "z" not in image.dims:
            raise FunctionError(f"{image.id} is no volume", expected="an image with a z axis")
        values = np.asarray(mask.values)
        if values.shape != image.shape[-3:] or values.dtype != bool:
            raise FunctionError(
                f"The mask {mask.name!r} has shape {values.shape} and type {values.dtype}",
                expected=f"bool, {image.shape[-3:]}",
            )
        by_image.setdefault(image.id, (image, []))[1].append(mask)
    return [_segmentation(image, several, by) for image, several in by_image.values()]


def _segmentation(image: Image, masks: list[Mask], by: str) -> SegmentationDraft:
    names = [mask.name for mask in masks]
    if len(set(names)) < len(names):
        raise FunctionError(f"Several masks have one name: {sorted(names)}")
    z, y, x = image.shape[-3:]
    return SegmentationDraft(
        item="", modality="SEG", name=", ".join(names)[:120],
        segments=[
            SegmentDraft(n, mask.name, mask.code, None, "AUTOMATIC", by)
            for n, mask in enumerate(masks, 1)
        ],
        shape=(z, y, x), affine=image.affine, slice_origins=image.slice_origins,
        load=lambda index: np.asarray(masks[index].values), sources=[],
        frame_of_reference=image.frame_of_reference, image=image.id,
        image_reason=f"computed on it by {by}", acquired=image.acquired,
        meta={"study_uid": image.study_uid}, synthetic=image.synthetic,
    )  # fmt: skip


def _images(volumes: Any, item: Any, by: str) -> list[ImageDraft]:
    found = []
    for volume in volumes:
        image = _image_of(volume, item)
        values = np.asarray(volume.values)
        if values.shape != image.shape or values.dtype.kind not in "iuf":
            raise FunctionError(
                f"The volume {volume.name!r} has shape {values.shape} and type {values.dtype}",
                expected=f"numbers, {image.shape}",
            )
        found.append(
            ImageDraft(
                item="", modality=image.modality, name=volume.name, dims=image.dims,
                shape=values.shape, dtype=values.dtype, affine=image.affine,
                load=partial(np.asarray, values), sources=[], units=volume.units,
                units_reason=f"said by {by}", slice_origins=image.slice_origins,
                frame_of_reference=image.frame_of_reference, acquired=image.acquired,
                bits_stored=values.dtype.itemsize * 8,
                meta={"study_uid": image.study_uid, "body_part": image.body_part},
                synthetic=image.synthetic,
            )
        )  # fmt: skip
    return found
