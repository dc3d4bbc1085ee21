"""The array that copied pixels go into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from explorer.layout import CHUNK, PLANE


def copied_array(
    group: zarr.Group, shape: Sequence[int], dtype: np.dtype[Any], dims: Sequence[str]
) -> zarr.Array[Any]:
    """Make ``pixels`` in an image's group, in chunks, in native byte order.

    Parameters
    ----------
    group : zarr.Group
    shape : sequence of int
    dtype : numpy.dtype
    dims : sequence of str
        ``(z, y, x)``, ``(t, z, y, x)``, ``(t, y, x)``, ``(c, y, x)``, ``(y, x)``, ...
    """
    return group.create_array(
        "pixels",
        shape=tuple(shape),
        chunks=chunks_of(shape, dims),
        dtype=dtype.newbyteorder("="),
        compressors=[BloscCodec(cname="lz4", shuffle="bitshuffle"), Crc32cCodec()],
        fill_value=0,
        dimension_names=tuple(dims),
    )


def chunks_of(shape: Sequence[int], dims: Sequence[str]) -> tuple[int, ...]:
    """Blocks of a volume; whole frames of a cine or picture, with all its colours."""
    if "z" in dims:
        lead = len(shape) - 3
        block = zip(CHUNK, shape[lead:], strict=True)
        return (1,) * lead + tuple(min(c, n) for c, n in block)
    most = {"t": 1, "c": 3}
    return tuple(min(most.get(name, PLANE), n) for name, n in zip(dims, shape, strict=True))
