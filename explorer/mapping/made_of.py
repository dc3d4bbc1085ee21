"""Any value that a mapped function gave, as `Made`."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from explorer.draft import ImageDraft, SegmentationDraft
from explorer.image import Image
from explorer.mapping.function_error import FunctionError
from explorer.mapping.made import Made, Mask, Volume
from explorer.waveform_draft import WaveformDraft

_EXPECTED = (
    "None, a number, a text, a dict of numbers, a pandas Series, a Mask, a Volume, a draft of an "
    "item, a bool array of the image's shape, Made, or a list of these"
)


def made_of(value: Any, name: str, item: Any = None) -> Made:
    """Understand what a function gave.

    Parameters
    ----------
    value : object
    name : str
        What a plain number, text, vector or mask is called: the function's name.
    item : Item, optional
        What the function was called with.

    Returns
    -------
    Made

    Raises
    ------
    FunctionError
        It is none of what can be kept.
    """
    if isinstance(value, Made):
        return value
    if value is None:
        return Made()
    if isinstance(value, Mask):
        return Made(masks=[value])
    if isinstance(value, Volume):
        return Made(volumes=[value])
    if isinstance(value, ImageDraft | SegmentationDraft | WaveformDraft):
        return Made(drafts=[value])
    if isinstance(value, str):
        return Made(texts={name: value})
    if isinstance(value, Mapping):
        return Made(numbers=value)
    if isinstance(value, bool | numbers.Real | np.bool_):
        return Made(numbers={name: value})
    if isinstance(value, pd.Series):
        return Made(vectors={str(value.name or name): value})
    if isinstance(value, np.ndarray):
        return _array(value, name, item)
    if isinstance(value, list | tuple):
        return _together([made_of(one, name, item) for one in value])
    raise FunctionError(f"The function gave a {type(value).__name__}", expected=_EXPECTED)


def _array(value: np.ndarray[Any, Any], name: str, item: Any) -> Made:
    if value.ndim == 1 and value.dtype.kind in "iuf":
        return Made(vectors={name: pd.Series(value)})
    if isinstance(item, Image) and value.dtype == bool and value.shape == item.shape[-3:]:
        return Made(masks=[Mask(value, name)])
    raise FunctionError(
        f"The function gave an array of shape {value.shape} and type {value.dtype}",
        expected="a bool mask of the image's shape, or a vector; else a Mask or a Volume",
    )


def _together(parts: list[Made]) -> Made:
    if not parts:
        return Made()
    found = replace(parts[0])
    for one in parts[1:]:
        shared = {*found.numbers} & {*one.numbers} | {*found.vectors} & {*one.vectors}
        shared |= {*found.texts} & {*one.texts}
        if shared:
            raise FunctionError(f"The function gave several of one name: {sorted(shared)}")
        found = Made(
            {**found.numbers, **one.numbers}, {**found.units, **one.units},
            [*found.masks, *one.masks], [*found.volumes, *one.volumes],
            [*found.drafts, *one.drafts], {**found.vectors, **one.vectors},
            {**found.texts, **one.texts}, [*found.facts, *one.facts],
            [*found.observations, *one.observations], found.predicted or one.predicted,
            found.synthetic or one.synthetic,
        )  # fmt: skip
    return found
