"""The arrays of a patient's version as they stand in a pack: all in chunks, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zarr
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from explorer.check_sources import check_sources
from explorer.copy_pixels import copy_pixels
from explorer.layout import item_group
from explorer.pack_format import ARRAYS, as_bytes

if TYPE_CHECKING:
    from explorer.patient import Patient


def packed_arrays(patient: Patient, scratch: Path) -> Iterator[tuple[str, bytes]]:
    """Every key of the arrays, in order; referenced pixels are read from their checked sources.

    Parameters
    ----------
    patient : Patient
        At the version that is packed.
    scratch : pathlib.Path
        Where referenced pixels become chunks.

    Yields
    ------
    name : str
    data : bytes

    Raises
    ------
    SourceChangedError
        A source is gone or was changed.
    """
    store: Any = patient.arrays().store
    keys: dict[str, Any] = dict.fromkeys(sync(_keys(store)), store)
    for image in patient.images.values():
        if image.storage != "referenced":
            continue
        group = item_group("image", image.id)
        keys = {key: one for key, one in keys.items() if not key.startswith(f"{group}/pixels/")}
        keys = {key: one for key, one in keys.items() if not key.startswith(f"{group}/frames/")}
        check_sources(image)
        copied = zarr.storage.LocalStore(scratch / str(patient.version))
        copy_pixels(image, zarr.open_group(copied, mode="a").require_group(group))
        check_sources(image, touched_only=True)
        found = [key for key in sync(_keys(copied)) if key.startswith(f"{group}/pixels/")]
        keys |= dict.fromkeys(found, copied)
    for key in sorted(keys):
        data = sync(keys[key].get(key, default_buffer_prototype())).to_bytes()
        yield f"{ARRAYS}/{key}", _same(data) if key.endswith("zarr.json") else data


async def _keys(store: Any) -> list[str]:
    return [key async for key in store.list_prefix("")]


def _same(metadata: bytes) -> bytes:
    """Metadata as text that does not depend on who wrote it."""
    return as_bytes(json.loads(metadata))
