"""The references of an image, rewritten to where its files are now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import icechunk
import numpy as np
import zarr

from explorer.arrays import reference_location
from explorer.image import Image
from explorer.layout import item_group
from explorer.moved_files import Moved
from explorer.write_image import until


def relink_image(session: Any, image: Image, moved: Mapping[str, Moved]) -> str | None:
    """Rewrite the virtual chunks and `frames` of an image.

    Parameters
    ----------
    session : icechunk.Session
        Writable, of the same patient.
    image : Image
        As it is visible.
    moved : mapping
        Old file to its new place; files that are not in it stay.

    Returns
    -------
    str or None
        Why it cannot be done; None where it was.
    """
    name = item_group("image", image.id)
    group: Any = zarr.open_group(session.store, mode="a")[name]
    if "frames" not in group:
        return "it was made before references could be rewritten: ingest the new folder"
    files: list[Any] = list(group["frames"].attrs["files"])
    places = np.asarray(group["frames"][...])
    prefixes = list(session.config.virtual_chunk_containers or {})
    leading = image.shape[:-2]
    length = int(np.prod(image.shape[-2:])) * image.stored.dtype.itemsize
    specs = []
    for index in np.ndindex(*leading):
        number, offset = (int(value) for value in places[index])
        found = moved.get(files[number][0])
        if found is None:
            continue
        location = reference_location(found.uri, prefixes)
        if location is None:
            return f"{found.uri} has a name, or lies in a folder, that cannot be referenced"
        specs.append(
            icechunk.VirtualChunkSpec(
                index=[*index, 0, 0],
                location=location,
                offset=offset,
                length=length,
                last_updated_at_checksum=until(found.mtime_ns),
            )
        )
    fresh = [
        [moved[path].uri, Path(moved[path].uri).stat().st_size, moved[path].mtime_ns]
        if path in moved
        else [path, size, mtime_ns]
        for path, size, mtime_ns in files
    ]
    group["frames"].attrs["files"] = fresh
    session.store.set_virtual_refs(f"{name}/pixels", specs, validate_containers=False)
    return None
