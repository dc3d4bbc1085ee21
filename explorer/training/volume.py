"""TrainingVolume: images and masks of one patient on one grid, in chunks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.place import Place
from explorer.space import index_to_lps, lps_to_index, spacing
from explorer.training.shard import Box, Shard

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingVolume:
    """One frame of a patient, as training reads it; made by `materialize`.

    It needs neither the store's tables nor its repositories: a worker process is handed this.

    Attributes
    ----------
    place : Place
        Its folder, a Zarr v3 group.
    about : dict
        What the group says of itself: see docs/format.md.
    version : int
        Of the patient, in the addresses.
    """

    place: Place
    about: dict[str, Any] = field(repr=False)
    version: int

    @classmethod
    def open(cls, place: Place, version: int) -> TrainingVolume | None:
        """Open a folder; None where nothing was ended in it."""
        try:
            found = json.loads((place / "zarr.json").read_bytes())
        except FileNotFoundError:
            return None
        return cls(place, found["attributes"], version)

    @property
    def patient(self) -> str:
        """The patient's key."""
        return str(self.about["patient"])

    @property
    def item(self) -> str:
        """Id of the image whose frame it is."""
        return str(self.about["item"])

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(z, y, x)``."""
        z, y, x = self.about["shape"]
        return z, y, x

    @property
    def affine(self) -> FloatArray:
        """Index ``(x, y, z, 1)`` to mm LPS, (4, 4)."""
        return np.asarray(self.about["affine"], float).reshape(4, 4)

    @property
    def slice_origins(self) -> FloatArray | None:
        """Mm LPS of each slice's first voxel, ``(z, 3)``, where uneven slices were kept."""
        found = self.about["slice_origins"]
        return None if found is None else np.asarray(found, float)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """``(z, y, x)``."""
        return spacing(self.affine)

    @property
    def synthetic(self) -> bool:
        """Whether any of it is made up."""
        return bool(self.about["synthetic"])

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that are there."""
        return tuple(self.about["images"])

    @property
    def absent(self) -> dict[str, str]:
        """Modality to why it is not there."""
        return dict(self.about["absent"])

    @property
    def masks(self) -> list[dict[str, Any]]:
        """One a segment, in the order of the arrays: name, item, label, code, voxels."""
        found: list[dict[str, Any]] = self.about["masks"]
        return found

    def positions(self, name: str) -> list[int]:
        """Masks whose segment's name begins so (without regard to case)."""
        begun = name.casefold()
        exact = [k for k, one in enumerate(self.masks) if one["label"].casefold() == begun]
        if exact:
            return exact
        return [k for k, one in enumerate(self.masks) if one["label"].casefold().startswith(begun)]

    def image(self, modality: str) -> Shard:
        """The chunks of an image.

        Raises
        ------
        NotFoundError
            There is none of this modality.
        """
        if modality not in self.about["images"]:
            why = self.absent.get(modality, "it was not materialized")
            raise NotFoundError(f"No {modality} here: {why}", where=str(self.place))
        about = self.about["images"][modality]
        at = f"{about['array']}/c/0/0/0"
        return self._shard(at, about["dtype"], about["fill"], about["stored"])

    def mask(self, position: int) -> Shard:
        """The chunks of a mask, bool."""
        stored = self.masks[position]["voxels"] > 0
        return self._shard(f"masks/c/{position}/0/0/0", "bool", 0, stored)

    def foreground(self, position: int) -> NDArray[np.int32]:
        """Some voxels ``(n, 3)`` as ``(z, y, x)`` of a mask, drawn evenly; all where they are few.

        Raises
        ------
        StoreError
            They are damaged.
        """
        count = self.masks[position]["drawn"]
        if not count:
            return np.empty((0, 3), np.int32)
        size = (1, count, 3)
        place = self._below(f"foreground/{position}/c/0/0")
        found = Shard(place, size, size, np.dtype("<i4")).read()
        return np.asarray(found[0], np.int32)

    def _shard(self, path: str, dtype: str, fill: float, stored: bool) -> Shard:
        z, y, x = self.about["chunks"]
        kind = np.dtype(dtype).newbyteorder("<")
        return Shard(self._below(path), self.shape, (z, y, x), kind, fill, stored)

    def _below(self, path: str) -> Place:
        place = self.place
        for part in path.split("/"):
            place = place / part
        return place

    def source_address(self, modality: str, box: Box) -> Address:
        """Where a box of this grid lies in the image that it was made from.

        Parameters
        ----------
        modality : str
        box : sequence of (int, int)
            Voxel edges along z, y, x, half-open.

        Returns
        -------
        Address
            With the smallest box of the source's voxels that holds it; without a box where it
            lies outside of the source.
        """
        about = self.about["images"][modality]
        whole = Address(self.patient, "images", about["item"], self.version)
        shape = np.asarray(about["shape"])
        low, high = self.source_bounds(modality, box)
        start = np.clip(np.floor(low + 1e-4), 0, shape).astype(int)
        end = np.clip(np.ceil(high - 1e-4), 0, shape).astype(int)
        if (end <= start).any():
            return whole
        spans = tuple((int(a), int(b)) for a, b in zip(start, end, strict=True))
        plane = len(about["dims"]) == 2
        return Address(
            whole.key, whole.kind, whole.item, whole.version, {"box": spans[1:] if plane else spans}
        )

    def source_bounds(self, modality: str, box: Box) -> tuple[FloatArray, FloatArray]:
        """The same as fractional voxel edges of the source, ``(z, y, x)``, not clipped."""
        about = self.about["images"][modality]
        edges = np.asarray(box, float) - 0.5
        corners = np.array(np.meshgrid(*edges, indexing="ij")).reshape(3, -1).T
        origins = about["slice_origins"]
        at = lps_to_index(
            np.asarray(about["affine"], float).reshape(4, 4),
            index_to_lps(self.affine, corners, self.slice_origins),
            None if origins is None else np.asarray(origins, float),
        )
        return at.min(axis=0) + 0.5, at.max(axis=0) + 0.5

    def check(self) -> int:
        """Read every chunk of it; gives their number.

        Raises
        ------
        StoreError
            One is damaged.
        """
        shards = [self.image(name) for name in self.modalities]
        shards += [self.mask(k) for k, one in enumerate(self.masks) if one["voxels"]]
        found = sum(shard.check() for shard in shards)
        for k in range(len(self.masks)):
            self.foreground(k)
        return found

    def __repr__(self) -> str:
        shape = " x ".join(str(n) for n in self.shape)
        step = " x ".join(f"{mm:.3g}" for mm in self.spacing_mm)
        return (
            f"<TrainingVolume {self.item} {'+'.join(self.modalities)} {shape}, {step} mm, "
            f"{len(self.masks)} masks>"
        )
