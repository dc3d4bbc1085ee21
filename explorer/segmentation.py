"""Segmentation: one mask a segment, on an image's grid; masks may overlap."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray

from explorer.draft import Code
from explorer.errors import NotFoundError
from explorer.image import Image
from explorer.item import Item
from explorer.lazy import LazyValues, lazy_variable
from explorer.space import resample_nearest, same_grid

_COLORS = (
    (230, 75, 60), (70, 140, 240), (245, 200, 60), (90, 190, 110), (180, 110, 220),
    (250, 150, 60), (80, 200, 210), (240, 130, 180), (160, 200, 70), (150, 120, 90),
)  # fmt: skip


class Segmentation(Item):
    """Named, coded masks.

    Attributes
    ----------
    labels : list of str
        Names of the segments, unique.
    codes : dict
        Name to `Code` (SNOMED CT where the source had it), or None.
    colors : dict
        Name to ``(r, g, b)``, 0 to 255.
    image : str or None
        Id of the image that it lies on; `image_reason` says how that is known, or why not.
    """

    collection = "segmentations"

    @cached_property
    def segments(self) -> list[dict[str, Any]]:
        """One row a segment: number, name, code, algorithm, voxels, volume_mm3, ..."""
        rows = [row for row in self.patient.rows("segments") if row["item"] == self.id]
        return sorted(rows, key=lambda row: row["position"])

    @property
    def labels(self) -> list[str]:
        """Names of the segments."""
        return [row["name"] for row in self.segments]

    @property
    def codes(self) -> dict[str, Code | None]:
        """Coded concept of each segment, None where the source has none."""
        return {
            row["name"]: Code(row["code_value"], row["code_scheme"], row["code_meaning"])
            if row["code_value"]
            else None
            for row in self.segments
        }

    @property
    def colors(self) -> dict[str, tuple[int, int, int]]:
        """Colour of each segment: the source's, else one of ten."""
        found = {}
        for row in self.segments:
            r, g, b = row["color"] or _COLORS[row["position"] % len(_COLORS)]
            found[row["name"]] = (int(r), int(g), int(b))
        return found

    @property
    def image(self) -> str | None:
        """Id of the image that it lies on, or None."""
        found: str | None = self._row["image"]
        return found

    @property
    def image_reason(self) -> str | None:
        """How the image is known, or why it is not."""
        found: str | None = self._row["image_reason"]
        return found

    @property
    def stored(self) -> zarr.Array[Any]:
        """The masks ``(segment, z, y, x)``, bool, or uint8 where fractional."""
        found = self.group["masks"]
        if not isinstance(found, zarr.Array):
            raise TypeError(f"{self.where}: 'masks' is a group")
        return found

    @property
    def fraction_max(self) -> int | None:
        """The stored value that means 1.0, or None where the masks are binary."""
        found = self.group.attrs.get("fraction_max")
        return int(found) if isinstance(found, int | float) else None

    def _position(self, label: str) -> int:
        labels = self.labels
        if label in labels:
            return labels.index(label)
        # people know 'GTV_Mass'; the file's name for it may be 'GTV_Mass_CT'
        begun = [i for i, n in enumerate(labels) if n.casefold().startswith(label.casefold())]
        if len(begun) == 1 and label:
            return begun[0]
        raise NotFoundError(
            f"{len(begun) if label and begun else 'No'} segments called {label!r}",
            expected=f"one of {labels}",
            where=self.where,
        )

    def on_grid_of(self, image: Image) -> bool:
        """Whether voxel ``(z, y, x)`` of the masks is voxel ``(z, y, x)`` of the image."""
        return same_grid(self.affine, image.affine, self.shape, image.shape[-3:])

    def mask(self, label: str) -> xr.DataArray:
        """The mask of one segment on its image's grid.

        Parameters
        ----------
        label : str
            One of `labels`, or the beginning of just one of them.

        Returns
        -------
        xarray.DataArray
            bool, ``(z, y, x)``, coordinates in mm; lazy where the grids are the same, else the
            nearest voxel of the masks' own grid (attribute ``resampled``). A fraction of at
            least one half is in. On the masks' own grid where the image is not known.

        Raises
        ------
        NotFoundError
            There is no such segment.
        """
        position = self._position(label)
        image = self.patient.images.get(self.image) if self.image else None
        # a radiograph has no z axis: masks on it are one slice of its pixels
        if isinstance(image, Image) and "z" in image.dims and not self.on_grid_of(image):
            values = resample_nearest(
                self._binary(self.stored[position]),
                self.affine,
                image.affine,
                (image.shape[-3], image.shape[-2], image.shape[-1]),
            )
            frame = image.data
            coords = {name: frame.coords[name] for name in ("z", "y", "x")}
            attrs = {
                "label": label,
                "resampled": True,
                "address": f"{self.address}",
                **_place(image),
            }
            return xr.DataArray(values, coords, ("z", "y", "x"), label, attrs)
        return self.own_mask(label)

    def own_mask(self, label: str) -> xr.DataArray:
        """The mask of one segment on the masks' own grid, lazy: bool, ``(z, y, x)``, mm."""
        position = self._position(label)
        lazy = LazyValues(self.stored, self._convert, np.dtype(bool), self.where)
        attrs = {"label": label, "resampled": False, "address": str(self.address), **_place(self)}
        whole = lazy_variable(lazy, ("segment", "z", "y", "x"), attrs)
        coords = {
            name: (name, np.asarray(self.group[name][...]), {"units": "mm"})  # type: ignore[index]
            for name in ("z", "y", "x")
        }
        return xr.DataArray(whole[position], coords=coords, name=label)

    def _convert(self, stored: NDArray[Any], _: tuple[Any, ...]) -> NDArray[np.bool_]:
        return self._binary(stored)

    def _binary(self, stored: Any) -> NDArray[np.bool_]:
        values = np.asarray(stored)
        if self.fraction_max is None:
            return values.astype(bool)
        return np.asarray(values >= self.fraction_max / 2)

    def fraction(self, label: str) -> NDArray[np.float32]:
        """Fractions 0 to 1 of a segment on the masks' own grid, ``(z, y, x)``, float32."""
        stored = np.asarray(self.stored[self._position(label)])
        return (stored / np.float32(self.fraction_max or 1)).astype(np.float32)

    def volume_ml(self, label: str) -> float:
        """Volume of a segment: its voxels times the voxel's volume, in ml."""
        return float(self.segments[self._position(label)]["volume_mm3"]) / 1000


def _place(item: Item) -> dict[str, Any]:
    """What turns an index into mm, for those who are handed the mask alone."""
    uneven = item.slice_origins
    found: dict[str, Any] = {"affine": item.affine.tolist()}
    return found if uneven is None else {**found, "slice_origins": uneven.tolist()}
