"""What is shown at a place of the viewer's world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.address import Address

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


def voxels_at(viewer: ViewerModel, position: tuple[float, ...]) -> list[str]:
    """Addresses of the segments and of the voxel of the topmost image at a place.

    Parameters
    ----------
    viewer : napari.Viewer
    position : tuple of float
        In the world, as napari's mouse events have it.

    Returns
    -------
    list of str
        Segments first; without versions. Hidden layers count for nothing.
    """
    segments: list[str] = []
    voxels: list[str] = []
    for layer in reversed(viewer.layers):
        known = layer.metadata.get("oncograph") or {}
        if not layer.visible or "address" not in known:
            continue
        index = _index(layer, position)
        if index is None:
            continue
        where = Address.parse(known["address"])
        if layer._type_string == "labels":
            name = known["labels"].get(int(_value(layer, index)))
            if name is not None:
                plain = Address(where.key, where.kind, where.item, None, {"label": name})
                segments.append(str(plain))
        elif not voxels:
            lead = index[: len(index) - 3] if "placement" in known else index[:-2]
            place = (
                known["placement"].turned_back_index(index[-3:])
                if "placement" in known
                else index[-2:]
            )
            plain = Address(where.key, where.kind, where.item, None, {"voxel": (*lead, *place)})
            voxels.append(str(plain))
    return segments + voxels


def _index(layer: Layer, position: tuple[float, ...]) -> tuple[int, ...] | None:
    """The layer's voxel at a place, None outside of it."""
    place = np.asarray(position, float)[-layer.ndim :]
    shape = layer.level_shapes[0] if layer.multiscale else layer.data.shape
    found = np.rint(layer.world_to_data(place)).astype(int)
    size = np.asarray(shape)[: layer.ndim]
    inside = (found >= 0).all() and (found < size).all()
    return tuple(int(k) for k in found) if inside else None


def _value(layer: Layer, index: tuple[int, ...]) -> Any:
    return np.asarray(layer.data[index])
