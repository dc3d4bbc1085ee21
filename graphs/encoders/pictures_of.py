"""pictures_of: slices of an image as encoders see them, windowed by what the values mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.image import Image

Windows = Sequence[tuple[float, float]]

#: Level and width in HU of lung, soft tissue and bone: one a channel.
CT_WINDOWS: Windows = ((-600, 1500), (40, 400), (400, 1800))
#: SUV of 0 to 10.
SUV_WINDOWS: Windows = ((5, 10),)


def pictures_of(
    image: Image, slices: int | None = 16, windows: Windows | None = None
) -> tuple[list[str], list[NDArray[np.float32]]]:
    """Read slices that are spread evenly over an image.

    HU are seen through `CT_WINDOWS`, SUV through `SUV_WINDOWS`, colours as they are, everything
    else from the 1st to the 99th percentile of the slices that were read, so that those stay
    comparable. A picture that is not square has a dark margin.

    Parameters
    ----------
    image : Image
        Of dims ``[t,][z,]y,x[,c]``.
    slices : int, optional
        How many at most; None is all. A radiograph has one. Over the times of a series, too.
    windows : sequence of (level, width), optional
        One or three, in the image's units.

    Returns
    -------
    list of str
        Fragments: ``box=12:13,0:512,0:512`` (``voxel=t,z,y,x`` of the middle in a series of
        volumes).
    list of ndarray, (3, y, x), float32
        0 to 1.
    """
    dims = image.dims
    lead = [k for k, name in enumerate(dims) if name not in ("y", "x", "c")]
    count = tuple(image.shape[k] for k in lead)
    places = _spread(int(np.prod(count, dtype=int)), slices)
    indices = [tuple(int(n) for n in np.unravel_index(at, count)) if count else () for at in places]
    read = []
    for index in indices:
        at: list[Any] = [slice(None)] * len(dims)
        for k, n in zip(lead, index, strict=True):
            at[k] = n
        values = np.asarray(image.read(tuple(at)), np.float32)
        order = [name for name in dims if name in ("y", "x", "c")]
        read.append(values.transpose([order.index(n) for n in ("c", "y", "x") if n in order]))
    seen = _windowed(read, image.units, windows, "c" in dims)
    size = {name: image.shape[dims.index(name)] for name in ("y", "x")}
    parts = [_fragment(index, size["y"], size["x"]) for index in indices]
    return parts, [_square(one) for one in seen]


def _spread(count: int, most: int | None) -> list[int]:
    """Middles of equal stretches: the ends of a scan are seldom what it was made for."""
    if most is None or most >= count:
        return list(range(count))
    return [int((k + 0.5) * count / most) for k in range(most)]


def _windowed(
    read: list[NDArray[np.float32]], units: str, windows: Windows | None, colour: bool
) -> list[NDArray[np.float32]]:
    if colour and windows is None:
        top = 255.0 if max((float(one.max()) for one in read), default=0) > 1 else 1.0
        return [np.clip(one[:3] / top, 0, 1) for one in read]
    if windows is None:
        windows = {"HU": CT_WINDOWS, "SUVbw": SUV_WINDOWS}.get(units)
    if windows is None:
        sample = np.concatenate([one[..., ::4, ::4].ravel() for one in read])
        finite = sample[np.isfinite(sample)]
        low, high = np.percentile(finite, (1, 99)) if len(finite) else (0.0, 1.0)
        windows = (((low + high) / 2, max(float(high - low), 1e-6)),)
    three = windows if len(windows) == 3 else [windows[0]] * 3
    return [
        np.stack([
            np.clip((np.nan_to_num(one if one.ndim == 2 else one.mean(0)) - level) / width + 0.5,
                    0, 1)
            for level, width in three
        ]).astype(np.float32)
        for one in read
    ]  # fmt: skip


def _square(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    y, x = picture.shape[-2:]
    side = max(y, x)
    above, left = (side - y) // 2, (side - x) // 2
    return np.pad(picture, ((0, 0), (above, side - y - above), (left, side - x - left)))


def _fragment(index: tuple[int, ...], y: int, x: int) -> str:
    if not index:
        return ""
    if len(index) > 1:
        return f"voxel={','.join(map(str, index))},{y // 2},{x // 2}"
    return f"box={index[0]}:{index[0] + 1},0:{y},0:{x}"
