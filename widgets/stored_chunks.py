"""Which chunks of an array are there."""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import zarr


def stored_chunks(array: zarr.Array[Any]) -> frozenset[tuple[int, ...]]:
    """Grid positions of the chunks that are stored; of masks most are not, and need no look.

    Parameters
    ----------
    array : zarr.Array

    Returns
    -------
    frozenset of tuple of int
    """
    path = array.store_path.path
    prefix = f"{path}/" if path else ""

    async def keys() -> list[str]:
        return [key async for key in array.store.list_prefix(prefix)]

    # a notebook has a running event loop of its own
    with ThreadPoolExecutor(1) as pool:
        found = set(pool.submit(asyncio.run, keys()).result())
    encode = array.metadata.encode_chunk_key
    grid = (range(-(-n // size)) for n, size in zip(array.shape, array.chunks, strict=True))
    return frozenset(at for at in itertools.product(*grid) if prefix + encode(at) in found)
