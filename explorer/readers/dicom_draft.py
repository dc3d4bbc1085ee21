"""Make an image draft of arranged DICOM slices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import ImageDraft, Source
from explorer.readers.dicom_arrange import Arranged
from explorer.readers.dicom_geometry import flat_geometry, stack_geometry
from explorer.readers.dicom_pixels import Spool, StackPixels, frame_reference, stored_dtype
from explorer.readers.dicom_slice import Slice
from explorer.readers.dicom_split import is_localizer, is_placed
from explorer.readers.dicom_units import image_units


def image_draft(arranged: Arranged, item: str, spool: Spool) -> ImageDraft:
    """Make the draft of one array.

    Parameters
    ----------
    arranged : Arranged
    item : str
        Its id.
    spool : Spool
        Where decoded frames lie.

    Returns
    -------
    ImageDraft
        ``(y, x)`` for a single picture that nothing places, else ``(z, y, x)`` or
        ``(t, z, y, x)``; values by `explorer.readers.dicom_units.image_units`.
    """
    stack = arranged.slices[0]
    slices = [one for time in arranged.slices for one in time]
    first = stack[0]
    instance = first.instance
    placed = is_placed(first) and not (instance.projection and len(instance.planes) == 1)
    geometry = stack_geometry(stack) if placed else flat_geometry(stack)
    plane = (instance.format.rows, instance.format.columns)
    dims: tuple[str, ...] = ("y", "x")
    leading: tuple[int, ...] = ()
    if len(arranged.slices) > 1:
        dims, leading = ("t", "z", "y", "x"), (len(arranged.slices), len(stack))
    elif placed or len(stack) > 1:
        dims, leading = ("z", "y", "x"), (len(stack),)
    units = image_units(slices)
    problems = [*geometry.problems, *units.problems, *_said(slices)]
    dtype = stored_dtype(slices)
    frames = [frame_reference(one) for one in slices]
    references = [frame for frame in frames if frame is not None]
    formats = {one.instance.format.dtype for one in slices}
    whole = len(references) == len(slices) and len(formats) == 1
    return ImageDraft(
        item=item,
        modality=instance.modality,
        name=_name(first),
        dims=dims,
        shape=(*leading, *plane),
        dtype=dtype,
        affine=geometry.affine,
        load=StackPixels(slices, (*leading, *plane), dtype, spool),
        sources=_sources(slices),
        slope=_fold(units.slope, leading),
        intercept=_fold(units.intercept, leading),
        units=units.name,
        units_reason=units.reason,
        bits_stored=max(one.instance.format.bits_stored for one in slices),
        slice_origins=geometry.slice_origins,
        frame_of_reference=instance.frame_of_reference if placed else None,
        frames=references if whole else None,
        acquired=min(
            (one.instance.acquired for one in slices if one.instance.acquired), default=None
        ),
        problems=problems,
        meta=_meta(arranged, units.suv, units.factor),
        synthetic=any(one.instance.synthetic for one in slices),
    )


def _name(first: Slice) -> str:
    """Name of the series; a map's quantity beside it, since a series may hold several maps."""
    name, quantity = first.instance.name, first.plane.quantity
    if quantity is None or quantity in name:
        return name
    return quantity if name == f"{first.instance.modality} series" else f"{name} ({quantity})"


def _fold(values: NDArray[np.float64], leading: tuple[int, ...]) -> float | NDArray[np.float64]:
    """One number where all slices agree, else an array of the leading dims."""
    if (values == values[0]).all():
        return float(values[0])
    return values.reshape(leading)


def _sources(slices: list[Slice]) -> list[Source]:
    return list({one.header.source.uri: one.header.source for one in slices}.values())


def _said(slices: list[Slice]) -> list[str]:
    """Gather what the files say against themselves, each once, with the number of files."""
    counts: dict[str, set[str]] = {}
    for one in slices:
        for problem in one.instance.problems:
            counts.setdefault(problem, set()).add(one.header.source.uri)
    return [
        problem if len(files) == 1 else f"{problem} ({len(files)} files)"
        for problem, files in counts.items()
    ]


def _meta(arranged: Arranged, suv: dict[str, Any] | None, factor: float) -> dict[str, Any]:
    stack = arranged.slices[0]
    first = stack[0]
    meta = dict(first.instance.meta)
    meta["window"] = [[center * factor, width * factor] for center, width in meta.pop("window", [])]
    meta["sop_uids"] = [one.instance.sop_uid or "" for one in stack]
    meta["transfer_syntax"] = first.instance.pixels.syntax
    meta["localizer"] = is_localizer(first)
    if first.plane.quantity:
        meta["quantity"] = first.plane.quantity
    meta["spacing_from"] = first.instance.spacing_from
    if len(first.instance.planes) > 1:
        meta["frame_numbers"] = [one.plane.index + 1 for one in stack]
    if len(arranged.slices) > 1:
        meta["t_by"], meta["t_values"] = arranged.by, arranged.values
        meta["t_tags"] = _time_tags(arranged)
        meta["sop_uids_by_t"] = [
            [one.instance.sop_uid or "" for one in time] for time in arranged.slices
        ]
    if suv is not None:
        meta["suv"] = suv
    return meta


def _time_tags(arranged: Arranged) -> dict[str, list[float]]:
    """Other tags that are one value within each time point and differ between them."""
    found: dict[str, list[float]] = {}
    for name in arranged.slices[0][0].plane.order:
        values = [{one.plane.order.get(name) for one in time} for time in arranged.slices]
        if name == arranged.by or any(len(one) > 1 for one in values):
            continue
        flat = [one.pop() for one in values]
        numbers = [one for one in flat if one is not None]
        if len(numbers) == len(flat) and len(set(numbers)) > 1:
            found[name] = numbers
    return found
