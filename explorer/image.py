"""Image: voxels with units, an affine and a place in time."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray

from explorer.arrays import container_prefix, reference_location
from explorer.draft import Grid
from explorer.fork import refuse_fork
from explorer.frame_files import FrameFiles
from explorer.item import Item
from explorer.lazy import LazyValues, lazy_variable, read_stored
from explorer.on_s3 import on_s3
from explorer.rescale import Rescale
from explorer.space import axis_coordinates


class Image(Item):
    """A volume, a time series of volumes, a radiograph, a cine, or a picture in colour.

    Attributes
    ----------
    units : str
        'HU', 'SUVbw', 'BQML', '1' (arbitrary), ...
    units_reason : str or None
        Why it is not the unit that one would hope for.
    """

    collection = "images"

    @property
    def units(self) -> str:
        """What a value means."""
        return str(self._row["units"] or "1")

    @property
    def units_reason(self) -> str | None:
        """Why the units are not what one would hope for; what another file offers."""
        offered = [one["unit"] for one in self.real_world_maps if one["unit"]]
        said = [self._row["units_reason"]] if self._row["units_reason"] else []
        if offered:
            said.append(f"a mapping object offers {', '.join(offered)} (real_world_maps)")
        return "; ".join(said) or None

    @cached_property
    def real_world_maps(self) -> list[dict[str, Any]]:
        """What Real World Value Mapping objects say of this image's stored numbers.

        They change nothing by themselves: ``stored * slope + intercept`` is in ``unit``.

        Returns
        -------
        list of dict
            unit (UCUM), slope, intercept, quantity, method, source; slope is None of a table.
        """
        mine = f"{self.collection}/{self.id}"
        found = []
        for row in self.patient.rows("observations"):
            if row["target"] == mine and '"real_world"' in (row["detail"] or ""):
                detail = json.loads(row["detail"])
                found.append(
                    {
                        "unit": row["unit"],
                        "slope": detail.get("slope"),
                        "intercept": detail.get("intercept"),
                        "quantity": detail.get("quantity"),
                        "method": row["method"],
                        "source": row["source"],
                    }
                )
        return found

    @property
    def value_dtype(self) -> np.dtype[Any]:
        """Type of the values: int16 where it holds them all, else float32."""
        name: str = self._row["value_dtype"]
        return np.dtype(name)

    @property
    def stored(self) -> zarr.Array[Any]:
        """The source's own numbers, in the order of `dims`."""
        refuse_fork()
        self.patient.prove(self)
        return self._pixels

    @cached_property
    def _pixels(self) -> zarr.Array[Any]:
        found = self.group["pixels"]
        if not isinstance(found, zarr.Array):
            raise TypeError(f"{self.where}: 'pixels' is a group")
        return found

    @cached_property
    def rescale(self) -> Rescale:
        """Stored numbers to values, slice by slice where the slices differ."""
        slope, intercept = (np.asarray(self.group[n][...], float) for n in ("slope", "intercept"))  # type: ignore[index]
        return Rescale(slope, intercept, self.value_dtype)

    def to_values(self, stored: NDArray[Any], z: Any = None, t: Any = None) -> NDArray[Any]:
        """Turn stored numbers into values.

        Parameters
        ----------
        stored : ndarray
            A part of `stored`.
        z : int, slice or index array, optional
            The slices that the part was taken from, all by default; an int where the z axis was
            dropped.
        t : int, slice or index array, optional
            The same for the time axis.

        Returns
        -------
        ndarray
            int16 or float32, in `units`.
        """
        everything = slice(None)
        by_name = {"t": everything if t is None else t, "z": everything if z is None else z}
        leading = tuple(by_name.get(name, everything) for name in self.dims[:-2])
        kept = sum(not isinstance(index, int | np.integer) for index in leading)
        return self.rescale.apply(stored, leading, np.ndim(stored) - kept)

    def _convert(self, stored: NDArray[Any], index: tuple[Any, ...]) -> NDArray[Any]:
        trailing = sum(not isinstance(i, int | np.integer) for i in index[-2:])
        return self.rescale.apply(stored, index[:-2], trailing, overwrite=True)

    @property
    def data(self) -> xr.DataArray:
        """The values, read when looked at.

        Returns
        -------
        xarray.DataArray
            Dims as `dims`; int16 or float32 in `units`; coordinates in mm along the array's own
            axes (LPS where the image is aligned with the patient). A cine has ``t`` in ms where
            the source says it; colours are ``c`` = 'R', 'G', 'B'.
        """
        lazy = LazyValues(
            self.stored,
            self._convert,
            self.value_dtype,
            self.where,
            self._read_stored,
        )
        attrs = {
            "units": self.units,
            "modality": self.modality,
            "affine": self.affine.tolist(),
            "frame_of_reference": self.frame_of_reference,
            "address": str(self.address),
        }
        if self.slice_origins is not None:
            attrs["slice_origins"] = self.slice_origins.tolist()
        return xr.DataArray(
            lazy_variable(lazy, self.dims, attrs),
            coords={
                **{name: (name, at, {"units": "mm"}) for name, at in self._coordinates.items()},
                **self._cine_coordinates(),
            },
            name=self.modality.lower(),
        )

    @cached_property
    def _coordinates(self) -> dict[str, NDArray[np.float64]]:
        # the same arrays are in the store, for others; from the affine they come without a read
        y, x = self.shape[-2:]
        z = self.shape[self.dims.index("z")] if "z" in self.dims else 1
        found = axis_coordinates(self.affine, (z, y, x), self.slice_origins)
        return {name: found[name] for name in self.dims if name in found}

    def _cine_coordinates(self) -> dict[str, Any]:
        """Times of a cine's frames, where the source says them, and the names of the colours."""
        found: dict[str, Any] = {}
        times = self.meta.get("t_values") if "t_units" in self.meta else None
        if "t" in self.dims and times and len(times) == self.shape[0]:
            about = {"units": self.meta["t_units"], "source": str(self.meta.get("t_by"))}
            found["t"] = ("t", np.asarray(times, float), about)
        if "c" in self.dims:
            found["c"] = ("c", np.array(["R", "G", "B"]))
        return found

    def read(self, index: tuple[Any, ...]) -> NDArray[Any]:
        """Values of a part, such as ``image.read((40, slice(None), slice(None)))``.

        Parameters
        ----------
        index : tuple
            One int, slice or index array a dim.

        Returns
        -------
        ndarray
            int16 or float32, in `units`.

        Raises
        ------
        SourceChangedError
            A referenced source file is gone or was changed.
        """
        return self._convert(self._read_stored(index), index)

    def _read_stored(self, index: tuple[Any, ...]) -> NDArray[Any]:
        refuse_fork()
        self.check_trust()
        self.patient.prove(self)
        if len(index) == len(self.shape) and self.frame_files is not None:
            found = self.frame_files.read(index)
            if found is not None:
                return found
        return read_stored(self.stored, index, self.where)

    @cached_property
    def frame_files(self) -> FrameFiles | None:
        """The source files, where frames lie in them as the arrays need them."""
        frames = self.group.get("frames") if self.storage == "referenced" else None
        if not isinstance(frames, zarr.Array):
            return None
        files: Any = frames.attrs["files"]
        prefixes = [container_prefix(root) for root in self.patient.store.readable_roots()]
        if not all(reference_location(path, prefixes) for path, _, _ in files):
            return None
        tags: Any = frames.attrs.get("tags")
        if any(on_s3(path) for path, _, _ in files) and not tags:
            return None
        order = getattr(self.stored.serializer, "endian", None)
        big = getattr(order, "value", order) == "big"  # zarr 3.4 has text where 3.1 has an enum
        dtype = self.stored.dtype.newbyteorder(">" if big else "<")
        known = [(path, size, mtime_ns) for path, size, mtime_ns in files]
        places = np.asarray(frames[...])
        if not tags:
            return FrameFiles(self.shape, dtype, known, places)
        from explorer.s3_frames import S3Frames

        return S3Frames(self.shape, dtype, known, places, tags, self.where)

    @property
    def grid(self) -> Grid | None:
        """Where the voxels lie; None where there is no z axis."""
        if "z" not in self.dims:
            return None
        z, y, x = self.shape[-3:]
        files = self.sources()
        return Grid(
            self.id,
            (z, y, x),
            self.affine,
            self.slice_origins,
            self.frame_of_reference,
            self.series_uid,
            [row["sop_uid"] for row in files if row["sop_uid"]],
            files[0]["uri"] if files else None,
        )
