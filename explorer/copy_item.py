"""An item's arrays from one repository into another, without decoding anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import icechunk
import numpy as np
import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from explorer.arrays import reference_location
from explorer.errors import StoreError
from explorer.write_image import as_it_is


def copy_item(source: zarr.Group, session: Any, old: str, new: str) -> bool:
    """Copy an item: chunks byte by byte, references as references.

    Parameters
    ----------
    source : zarr.Group
        The root of the repository that has it.
    session : icechunk.Session
        Writable, of the other repository.
    old, new : str
        The item's group there and here.

    Returns
    -------
    bool
        Whether it stands on its own or by reference as before; False where references of an
        older kind had to be read, and are copies now.

    Raises
    ------
    StoreError
        It was by reference, and its files lie outside of every source folder by now.
    """
    zarr.open_group(session.store, mode="a").create_group(new, overwrite=True)
    group = source[old]
    by_reference = _specs(group, session)
    for key in _keys(source, old):
        if by_reference is not None and key.startswith(f"{old}/pixels/c"):
            continue
        value = sync(source.store.get(key, default_buffer_prototype()))
        if value is not None:
            sync(session.store.set(new + key.removeprefix(old), value))
    if by_reference:
        session.store.set_virtual_refs(f"{new}/pixels", by_reference, validate_containers=False)
    return by_reference is not None or not _virtual(source, old)


def same_item(one: zarr.Group, old: str, other: zarr.Group, new: str) -> bool:
    """Whether two groups hold the same bytes; of references, whether they name the same places."""
    if old not in one or new not in other:
        return False
    referenced = "frames" in one[old] and "frames" in other[new]  # type: ignore[operator]
    mine = _hold(one, old, referenced)
    theirs = _hold(other, new, referenced)
    if set(mine) != set(theirs):
        return False
    for name, key in mine.items():
        here = sync(one.store.get(key, default_buffer_prototype()))
        there = sync(other.store.get(theirs[name], default_buffer_prototype()))
        if (here and here.to_bytes()) != (there and there.to_bytes()):
            return False
    return True


def _hold(root: zarr.Group, group: str, referenced: bool) -> dict[str, str]:
    return {
        key.removeprefix(group): key
        for key in _keys(root, group)
        if not (referenced and key.startswith(f"{group}/pixels/c"))
    }


def _keys(root: zarr.Group, group: str) -> list[str]:
    async def listed() -> list[str]:
        return [key async for key in root.store.list_prefix(f"{group}/")]

    # Icechunk takes a chunk only where the array is known already
    return sorted(sync(listed()), key=lambda key: (not key.endswith("/zarr.json"), key))


def _virtual(root: zarr.Group, group: str) -> bool:
    array = root.get(f"{group}/pixels")
    if not isinstance(array, zarr.Array):
        return False
    first = root.store.session.chunk_type(f"/{group}/pixels", [0] * array.ndim)  # type: ignore[attr-defined]
    # icechunk 1 has it in capitals, 2 in small letters
    names = icechunk.ChunkType
    virtual = names.virtual if hasattr(names, "virtual") else names.VIRTUAL
    return bool(first == virtual)


def _specs(group: Any, session: Any) -> list[Any] | None:
    """The references of a referenced image, from where its frames lie."""
    frames = group.get("frames")
    if not isinstance(frames, zarr.Array):
        return None
    pixels = group["pixels"]
    files: Any = frames.attrs["files"]
    length = int(np.prod(pixels.shape[-2:])) * pixels.dtype.itemsize
    tags: Any = frames.attrs.get("tags") or [None] * len(files)
    return list(_each(np.asarray(frames[...]), files, tags, length, session))


def _each(places: Any, files: Any, tags: Any, length: int, session: Any) -> Iterator[Any]:
    prefixes = list(session.config.virtual_chunk_containers or {})
    for index in np.ndindex(*places.shape[:-1]):
        number, offset = (int(n) for n in places[index])
        path, _, mtime_ns = files[number]
        location = reference_location(path, prefixes)
        if location is None:
            raise StoreError(
                "An image's files lie outside of every folder that the store may read",
                where=path,
                do="ingest the folder that holds them once more, or trust it (--trust-root)",
            )
        yield icechunk.VirtualChunkSpec(
            index=[*index, 0, 0],
            location=location,
            offset=offset,
            length=length,
            **as_it_is(mtime_ns, tags[number]),
        )
