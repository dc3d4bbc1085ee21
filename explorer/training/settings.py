"""Settings: how the volumes of a cohort become training chunks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from explorer.errors import StoreError

# What is written changes with this; a change of the writer is another set of chunks.
WRITER = 1

_KINDS = ("float16", "float32", "int16", "uint8")
_PAIRS = ("LR", "PA", "SI")


@dataclass(frozen=True)
class Settings:
    """What makes one set of training chunks another than the next.

    Attributes
    ----------
    spacing : tuple of float, or None
        ``(z, y, x)`` in mm; None keeps the source's grid.
    chunks : tuple of int
        ``(z, y, x)`` voxels.
    dtype : str or None
        'float16', 'float32', 'int16', 'uint8'; None is the type of the image's values, int16 or
        float32.
    orientation : str or None
        Where the indices x, y and z grow to, such as 'LPS': the nearest patient axis of each is
        turned and flipped there; nothing is interpolated for it. None keeps the source's.
    masks : tuple of str, or None
        Beginnings of segments' names; ``('',)`` is every segment; None no masks.
    """

    spacing: tuple[float, float, float] | None = None
    chunks: tuple[int, int, int] = (64, 64, 64)
    dtype: str | None = None
    orientation: str | None = None
    masks: tuple[str, ...] | None = ("",)

    @classmethod
    def of(
        cls,
        spacing: Sequence[float] | float | None,
        chunks: Sequence[int],
        dtype: Any,
        masks: str | Sequence[str] | bool | None,
        orientation: str | None,
    ) -> Settings:
        """Settings from what people write.

        Raises
        ------
        StoreError
            They mean nothing; the message says which.
        """
        step = (spacing,) * 3 if isinstance(spacing, int | float) else spacing
        if step is not None:
            step = tuple(float(one) for one in step)
            if len(step) != 3 or not all(np.isfinite(one) and one > 0 for one in step):
                raise StoreError(f"spacing={spacing!r}", expected="(z, y, x) in mm, or None")
        size = tuple(int(one) for one in chunks)
        if len(size) != 3 or min(size) < 1:
            raise StoreError(f"chunks={chunks!r}", expected="(z, y, x) in voxels")
        try:
            kind = None if dtype is None else np.dtype(dtype).name
        except TypeError:
            kind = ""
        if kind is not None and kind not in _KINDS:
            raise StoreError(f"dtype={dtype!r}", expected=f"None, or one of {_KINDS}")
        turned = None if orientation is None else _axes(orientation)
        return cls(step, size, kind, turned, _names(masks))

    @property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of a sha256 of all of them; the name of a folder."""
        text = json.dumps({"writer": WRITER, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"writer": WRITER, **asdict(self)}


def _names(masks: str | Sequence[str] | bool | None) -> tuple[str, ...] | None:
    if masks is None or masks is False:
        return None
    if masks is True or masks == "all":
        return ("",)
    chosen = (masks,) if isinstance(masks, str) else tuple(masks)
    return tuple(sorted({one.casefold() for one in chosen}))


def _axes(orientation: str) -> str:
    letters = orientation.upper().replace("H", "S").replace("F", "I")
    pairs = [next((k for k, pair in enumerate(_PAIRS) if one in pair), -1) for one in letters]
    if sorted(pairs) != [0, 1, 2]:
        raise StoreError(f"orientation={orientation!r}", expected="three letters such as 'LPS'")
    return letters
