"""An image as a napari layer."""

from __future__ import annotations

from typing import Any

from explorer.image import Image
from widgets.chunk_cache import ChunkCache
from widgets.image_planes import ImagePlanes
from widgets.napari.axes import picture_axes, volume_axes
from widgets.napari.layer_text import layer_text
from widgets.napari.lazy_pixels import lazy_pixels
from widgets.napari.pyramid import pyramid
from widgets.napari.world import World
from widgets.presets import Preset, presets

LayerData = tuple[Any, dict[str, Any], str]

_CACHE = 64 << 20  # bytes of decoded chunks, while a window is looked for


def image_layer(image: Image, world: World | None = None, *, over: bool = False) -> LayerData:
    """Make the layer of an image; its pixels are read when they are drawn.

    Parameters
    ----------
    image : Image
    world : World, optional
        The one that lies along the image by default.
    over : bool
        Whether it is laid over another image: a PET is then added to it, in colours.

    Returns
    -------
    tuple
        Data, keyword arguments and ``'image'``, as napari's readers give them. ``metadata`` has
        the image's address and what to know of its geometry.
    """
    pixels = lazy_pixels(image)
    about: dict[str, Any] = {"address": str(image.address), "note": ""}
    shown: dict[str, Any] = {"name": title(image), "metadata": {"oncograph": about}}
    if "z" in image.dims:
        world = world or World.along(image.affine)
        z, y, x = (image.shape[image.dims.index(name)] for name in "zyx")
        placement = world.place(image.affine, (z, y, x), image.slice_origins)
        pixels = placement.turned(pixels)
        shown |= volume_axes(placement, world, pixels.ndim - 3)
        about |= {"note": placement.note, "placement": placement, "world": world}
    else:
        shown |= picture_axes(image)
    if "c" in image.dims:
        return pixels, {**shown, "rgb": True}, "image"
    window = _window(image)
    low, high = window.level - window.window / 2, window.level + window.window / 2
    shown |= {"contrast_limits": (low, high), "colormap": "gray_r" if window.invert else "gray"}
    if over and image.modality == "PT":
        shown |= {"colormap": "inferno", "blending": "additive"}
    elif over:
        shown |= {"blending": "additive", "visible": False}
    levels = pyramid(pixels) if "z" in image.dims else [pixels]
    if len(levels) > 1:
        return levels, {**shown, "multiscale": True}, "image"
    return pixels, shown, "image"


def title(image: Image) -> str:
    """What the layer of an image is called: modality, name and date."""
    unit = "" if image.units == "1" else f" [{image.units}]"
    when = f" {image.acquired}" if image.acquired else ""
    return layer_text(f"{image.modality} {image.name or image.id}{unit}{when}")


def _window(image: Image) -> Preset:
    return presets(image, lambda: ImagePlanes(image, ChunkCache(_CACHE)).sample())[0]
