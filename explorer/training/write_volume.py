"""write_volume: a frame of a patient into training chunks."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, Crc32cCodec
from zarr.storage import MemoryStore

from explorer.errors import GeometryError, StoreError
from explorer.image import Image
from explorer.place import Place
from explorer.resample_linear import resample_linear
from explorer.segmentation import Segmentation
from explorer.space import resample_nearest, same_grid
from explorer.training.frames import Frame
from explorer.training.settings import Settings
from explorer.training.target_grid import TargetGrid, target_grid, volume_shape
from explorer.training.volume import TrainingVolume

_AIR = -1024  # HU, where a CT ends
_MOST_DRAWN = 10_000  # voxels of a segment that are kept to sample from, as nnU-Net does
_SOFTWARE = ("oncograph", "zarr", "numcodecs", "numpy", "scipy")


class _Writer:
    """Arrays in memory first: of the files only the last one makes them visible."""

    def __init__(self, grid: TargetGrid, settings: Settings) -> None:
        self.grid, self.settings = grid, settings
        self.files: dict[str, Any] = {}
        self.group = zarr.open_group(MemoryStore(self.files), mode="w")

    def put(self, name: str, shape: tuple[int, ...], kind: Any, fill: float) -> zarr.Array[Any]:
        """Make an array whose last three dims are one shard."""
        chunks = self.settings.chunks
        whole = [-(-n // c) * c for n, c in zip(shape[-3:], chunks, strict=True)]
        lead = (1,) * (len(shape) - 3)
        return self.group.create_array(
            name,
            shape=shape,
            chunks=(*lead, *chunks),
            shards=(*lead, *whole),
            dtype=kind,
            fill_value=fill,
            compressors=_codecs(),
            dimension_names=("segment", "z", "y", "x")[4 - len(shape) :],
        )

    def save(self, place: Place) -> int:
        """Write the files, what makes them visible last; gives their bytes."""
        place.delete_tree()  # what a killed writer left
        total = 0
        for name in sorted(self.files, key=lambda one: one == "zarr.json"):
            data = self.files[name].to_bytes()
            at = place
            for part in name.split("/"):
                at.make_folder()
                at = at / part
            at.write_bytes(data)
            total += len(data)
        return total


def write_volume(frame: Frame, settings: Settings, place: Place) -> tuple[TrainingVolume, int]:
    """Resample what lies in a frame, and write it; the caller holds the patient's lock.

    Images are interpolated linearly, masks take the nearest voxel of their own grid; on the
    source's own grid the values stay as they are.

    Parameters
    ----------
    frame : Frame
    settings : Settings
    place : Place
        Its folder.

    Returns
    -------
    volume : TrainingVolume
        Read back and compared with what was to be written.
    size : int
        Bytes.

    Raises
    ------
    StoreError
        Values do not fit the type, or what was written reads otherwise.
    SourceChangedError, UntrustedError
        A source cannot be read.
    """
    grid = target_grid(frame.first, settings)
    writer = _Writer(grid, settings)
    kept: list[NDArray[Any]] = []
    images: dict[str, Any] = {}
    for number, (modality, image) in enumerate(frame.images.items()):
        fill = _AIR if image.units == "HU" else 0
        values = _fitting(_values(image, grid, fill), image, settings)
        name = f"images/{number}"
        array = writer.put(name, grid.shape, values.dtype, fill)
        array[...] = values
        array.attrs.update({"modality": modality, "units": image.units})
        stored = f"{name}/c/0/0/0" in writer.files
        images[modality] = _about(image) | {
            "array": name, "dtype": values.dtype.name, "fill": fill, "stored": stored,
            "resampled": not (grid.kept and image is frame.first),
        }  # fmt: skip
        kept.append(values)
    masks, shown = _write_masks(writer, frame)
    writer.group.attrs.update(_document(frame, grid, settings, images, masks))
    size = writer.save(place)
    volume = TrainingVolume.open(place, frame.patient.version)
    if volume is None or not _same(volume, kept, shown):
        place.delete_tree()
        raise StoreError("What was written reads otherwise", where=str(place), do="check the disk")
    return volume, size


def _codecs() -> list[Any]:
    return [BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"), Crc32cCodec()]


def _values(image: Image, grid: TargetGrid, fill: float) -> NDArray[Any]:
    values: NDArray[Any] = image.data.values.reshape(volume_shape(image))
    exact = image.slice_origins is None and grid.slice_origins is None
    if grid.kept and values.shape == grid.shape and np.array_equal(image.affine, grid.affine):
        return values
    if exact and same_grid(image.affine, grid.affine, values.shape, grid.shape, 1e-4):
        return values
    if grid.slice_origins is not None:
        raise GeometryError(
            f"{image.id} cannot be laid onto uneven slices",
            expected="a spacing, or one modality",
            where=image.where,
        )
    return resample_linear(values, image.affine, grid.affine, grid.shape, fill, image.slice_origins)


def _fitting(values: NDArray[Any], image: Image, settings: Settings) -> NDArray[Any]:
    """The values in the type that is kept."""
    kind = np.dtype(settings.dtype) if settings.dtype else image.value_dtype
    if values.dtype == kind:
        return values
    if kind.kind == "f":
        if kind.itemsize == 2 and np.abs(values[np.isfinite(values)]).max(initial=0) > 65504:
            raise StoreError(
                f"{image.id} has values beyond 65504", expected="float32", where=image.where
            )
        return values.astype(kind)
    if image.value_dtype.kind == "f":
        raise StoreError(
            f"{image.id} has fractions of {image.units}, which {kind.name} cannot hold",
            expected="a float type, or None",
            where=image.where,
        )
    limit = np.iinfo(kind)
    if values.min() < limit.min or values.max() > limit.max:
        raise StoreError(
            f"{image.id} has values from {values.min():g} to {values.max():g}",
            expected=f"{limit.min} to {limit.max} for {kind.name}",
            where=image.where,
        )
    return np.asarray(np.rint(values), kind)


def _write_masks(
    writer: _Writer, frame: Frame
) -> tuple[list[dict[str, Any]], list[NDArray[np.bool_]]]:
    grid = writer.grid
    if not frame.masks:
        return [], []
    array = writer.put("masks", (len(frame.masks), *grid.shape), "bool", 0)
    about, kept = [], []
    for number, (segmentation, label) in enumerate(frame.masks):
        mask = _mask(segmentation, label, grid)
        array[number] = mask
        voxels = int(np.count_nonzero(mask))
        drawn = _draw(mask, voxels)
        if len(drawn):
            points = writer.group.create_array(
                f"foreground/{number}", shape=drawn.shape, chunks=drawn.shape, shards=drawn.shape,
                dtype="<i4", compressors=_codecs(), fill_value=-1,
            )  # fmt: skip
            points[...] = drawn
        code = segmentation.codes[label]
        about.append({
            "item": segmentation.id, "label": label, "voxels": voxels, "drawn": len(drawn),
            "code": None if code is None else f"{code.scheme}:{code.value}",
            "synthetic": segmentation.synthetic,
        })  # fmt: skip
        kept.append(mask)
    return about, kept


def _mask(segmentation: Segmentation, label: str, grid: TargetGrid) -> NDArray[np.bool_]:
    own = segmentation.own_mask(label).values
    if same_grid(segmentation.affine, grid.affine, own.shape, grid.shape, 1e-4):
        return np.asarray(own, bool)
    if grid.slice_origins is not None:
        raise GeometryError(
            f"{segmentation.id} does not lie on the image's uneven slices",
            expected="a spacing, or no masks",
            where=segmentation.where,
        )
    origins = segmentation.slice_origins
    return resample_nearest(own, segmentation.affine, grid.affine, grid.shape, False, origins)


def _draw(mask: NDArray[np.bool_], voxels: int) -> NDArray[np.int32]:
    at = np.flatnonzero(mask)
    if voxels > _MOST_DRAWN:
        at = np.sort(np.random.default_rng(0).choice(at, _MOST_DRAWN, replace=False))
    return np.stack(np.unravel_index(at, mask.shape), axis=-1).astype(np.int32)


def _about(image: Image) -> dict[str, Any]:
    origins = image.slice_origins
    return {
        "item": image.id,
        "dims": list(image.dims),
        "shape": list(volume_shape(image)),
        "affine": image.affine.ravel().tolist(),
        "slice_origins": None if origins is None else origins.tolist(),
        "units": image.units,
        "synthetic": image.synthetic,
    }


def _document(
    frame: Frame, grid: TargetGrid, settings: Settings, images: Any, masks: Any
) -> dict[str, Any]:
    parts = [*images.values(), *masks]
    return {
        "type": "training volume",
        "patient": frame.patient.key,
        "item": frame.first.id,
        "state": frame.state,
        "made_of": f"{frame.first.address}",
        "snapshot": frame.patient.head.snapshot,
        "settings": settings.document(),
        "software": {name: version(name) for name in _SOFTWARE},
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "shape": list(grid.shape),
        "chunks": list(settings.chunks),
        "affine": grid.affine.ravel().tolist(),
        "slice_origins": None if grid.slice_origins is None else grid.slice_origins.tolist(),
        "frame_of_reference": frame.first.frame_of_reference,
        "images": images,
        "absent": frame.absent,
        "masks": masks,
        "synthetic": frame.patient.synthetic or any(one["synthetic"] for one in parts),
    }


def _same(volume: TrainingVolume, images: list[Any], masks: list[Any]) -> bool:
    read = [volume.image(name).read() for name in volume.modalities]
    return all(
        np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        for one, other in zip(read, images, strict=True)
    ) and all(np.array_equal(volume.mask(k).read(), one) for k, one in enumerate(masks))
