"""A volume file, whatever its format: geometry, values, and where its voxels are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import FrameRef, ImageDraft, Source
from explorer.errors import FileRefusedError
from explorer.item_id import item_id
from explorer.readers.volume_bytes import Encoding, check_size, read_voxels
from explorer.readers.volume_names import read_name
from explorer.space import FloatArray

_SIDECAR_BYTES = 1 << 20
_SESSION = re.compile(r"(?:^|[/\\!_])(ses-[0-9A-Za-z]{1,64})(?=[/\\_.])")  # of BIDS
_MODALITIES = {"CT": "CT", "MR": "MR", "MRI": "MR", "PT": "PT", "PET": "PT"}


@dataclass
class Volume:
    """What a header says.

    Attributes
    ----------
    shape : tuple of int
        ``(z, y, x)`` or ``(t, z, y, x)``; of a mask with layers ``(layer, z, y, x)``.
    dtype : numpy.dtype
        Of the stored values, byte order included.
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    data : Source
        File that holds the voxels.
    encoding : {'raw', 'gzip', 'bzip2', 'zlib', 'ascii'}
    offset, skip : int
        Bytes before the voxels: of the file, and of what is decoded from it.
    interleaved : bool
        The first of four axes varies fastest in the file: voxels of all layers lie together.
    slope, intercept : float
    modality : str or None
        Where the header says it.
    problems : list of str
    meta : dict
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    affine: FloatArray
    data: Source
    encoding: Encoding
    offset: int
    skip: int = 0
    interleaved: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    modality: str | None = None
    problems: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        room = self.data.size - self.offset - (self.skip if self.encoding == "raw" else 0)
        check_size(self.shape, self.dtype, self.encoding, room)

    @property
    def grid_shape(self) -> tuple[int, int, int]:
        """Shape ``(z, y, x)``."""
        z, y, x = self.shape[-3:]
        return z, y, x

    def load(self) -> NDArray[Any]:
        """Read the stored values.

        Raises
        ------
        FileRefusedError
            The file ends early, is corrupt or gone.
        """
        stored = (*self.shape[1:], self.shape[0]) if self.interleaved else self.shape
        voxels = read_voxels(
            self.data.path, self.encoding, self.offset, self.skip, stored, self.dtype
        )
        return np.ascontiguousarray(np.moveaxis(voxels, -1, 0)) if self.interleaved else voxels

    @property
    def frames(self) -> list[FrameRef] | None:
        """One reference a slice where the voxels lie in the file as they are."""
        if self.encoding != "raw" or self.interleaved or not self.data.referable:
            return None
        length = int(np.prod(self.shape[-2:])) * self.dtype.itemsize
        start = self.offset + self.skip
        count = int(np.prod(self.shape[:-2]))
        return [FrameRef(self.data.uri, start + i * length, length) for i in range(count)]


def image_draft(volume: Volume, source: Source, sources: list[Source], kind: str) -> ImageDraft:
    """Describe a volume as an image.

    Parameters
    ----------
    volume : Volume
    source : Source
        The file that has the header; its name may say the modality.
    sources : list of Source
        The voxels' file first.
    kind : str
        Name of the format, for people.
    """
    name = read_name(source.path.name)
    modality, said_by = volume.modality, "header"
    if modality is None:
        modality, said_by = _sidecar_modality(source), "sidecar JSON"
    if modality is None and name.modality != "unknown":
        modality, said_by = name.modality, "file name"
    meta = {"format": kind, **volume.meta}
    if found := _SESSION.search(source.relative):
        meta["session"] = found.group(1)
    if modality is not None:
        meta["modality_by"] = said_by
    return ImageDraft(
        item=item_id(modality or "image", source.relative),
        modality=modality or "unknown",
        name=name.stem,
        dims=("t", "z", "y", "x")[-len(volume.shape) :],
        shape=volume.shape,
        dtype=volume.dtype,
        affine=volume.affine,
        load=volume.load,
        sources=sources,
        slope=volume.slope,
        intercept=volume.intercept,
        units="1",
        units_reason=f"{kind} does not say what the values mean",
        bits_stored=volume.dtype.itemsize * 8,
        frames=volume.frames,
        problems=list(volume.problems),
        meta=meta,
    )


def _sidecar_modality(source: Source) -> str | None:
    """Modality of the JSON file of the same name (BIDS, dcm2niix), None where it has none."""
    sidecar = source.path.with_name(read_name(source.path.name).stem + ".json")
    try:
        if not sidecar.is_file() or sidecar.stat().st_size > _SIDECAR_BYTES:
            return None
        said = json.loads(sidecar.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    modality = said.get("Modality") if isinstance(said, dict) else None
    return _MODALITIES.get(modality.upper()) if isinstance(modality, str) else None


def require(condition: bool, found: str, expected: str | None = None) -> None:
    """Refuse the file unless `condition` holds.

    Raises
    ------
    FileRefusedError
    """
    if not condition:
        raise FileRefusedError(found, expected=expected)
