"""The pixels of a referenced image, out of its source files and into chunks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from explorer.copied_array import copied_array
from explorer.errors import SourceChangedError
from explorer.frame_files import FrameFiles
from explorer.image import Image
from explorer.lazy import read_stored
from explorer.on_s3 import on_s3

# Read and written at a time, in slices of a volume.
_SLAB = 64


def copy_pixels(image: Image, group: zarr.Group) -> int:
    """Put an image's stored numbers, read from its source files, in the place of the references.

    The caller has hashed the sources: a time that moved is then no hindrance.

    Parameters
    ----------
    image : Image
        As it is visible.
    group : zarr.Group
        Of the same image, writable.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    SourceChangedError
        A source cannot be read, or what was written is not what was read.
    """
    old, files = image.stored, _files_now(image)
    for name in ("pixels", "frames"):
        if name in group:
            del group[name]
    new = copied_array(group, image.shape, old.dtype, image.dims)
    for index in _slabs(image.shape, image.dims):
        values = _read(image, files, index)
        new[index] = values
        if not np.array_equal(np.asarray(new[index]), values):
            raise SourceChangedError("What was copied reads otherwise", where=image.where)
    return int(np.prod(image.shape)) * old.dtype.itemsize


def _slabs(shape: tuple[int, ...], dims: tuple[str, ...]) -> Iterator[tuple[slice, ...]]:
    """Indices that cover an array: some slices of a volume, or one frame, at a time."""
    *leading, _, _ = shape
    if not leading:
        yield (slice(None), slice(None))
        return
    step = _SLAB if dims[-3] == "z" else leading[-1] if dims[-3] == "c" else 1
    for outer in np.ndindex(*leading[:-1]):
        for start in range(0, leading[-1], step):
            some = slice(start, min(start + step, leading[-1]))
            yield (*(slice(n, n + 1) for n in outer), some, slice(None), slice(None))


def _files_now(image: Image) -> FrameFiles | None:
    """Where the frames lie, with the sizes and times that the files have now."""
    files = image.frame_files
    if files is None:
        return None
    hashed = {row["uri"] for row in image.sources()}
    if not hashed >= {path for path, _, _ in files.files}:
        raise SourceChangedError("The pixels lie in files that have no hash", where=image.where)
    if any(on_s3(path) for path, _, _ in files.files):
        return files  # read only while they have the tags that they were ingested with
    times = {path: Path(path).stat() for path, _, _ in files.files}
    now = [(path, size, times[path].st_mtime_ns) for path, size, _ in files.files]
    return FrameFiles(files.shape, files.dtype, now, files.frames)


def _read(image: Image, files: FrameFiles | None, index: tuple[slice, ...]) -> NDArray[Any]:
    found = files.read(index) if files is not None else None
    return read_stored(image.stored, index, image.where) if found is None else found
