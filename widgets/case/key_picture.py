"""KeyPicture: a place in an image, drawn twice: where it lies, and from near."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.space import same_grid
from widgets.case.plane_picture import Layout, Outline, Rect, plane_picture
from widgets.chunk_cache import ChunkCache
from widgets.pane import Pane
from widgets.presets import Preset, presets
from widgets.slice_server import SliceServer

_AIR = -350.0  # HU; where most of what surrounds a place is darker, it lies in the lung
_NEAR_MM = 40.0
_cache = ChunkCache(96 << 20)


@dataclass(frozen=True)
class Drawn:
    """One picture.

    Attributes
    ----------
    src : str
        ``data:`` URL of a PNG.
    width, height : int
    about : str
        What it shows, in words that are this package's own.
    """

    src: str
    width: int
    height: int
    about: str


@dataclass(frozen=True)
class KeyPicture:
    """A place and its pictures.

    Attributes
    ----------
    target : str
        Address without key and version.
    image : Image or None
    label : str or None
        Of the segment; hostile.
    drawn : tuple of Drawn
    why_not : str
        Why there is no picture.
    """

    target: str
    image: Image | None
    label: str | None
    drawn: tuple[Drawn, ...] = ()
    why_not: str = ""


def key_picture(patient: Patient, target: str, color: str) -> KeyPicture:
    """Draw the place that an address names.

    Parameters
    ----------
    patient : Patient
    target : str
        Address without key and version: a segment, or a box, voxel or whole of an image.
    color : str
        ``#rrggbb`` of outline and frame.

    Returns
    -------
    KeyPicture
        Without pictures where there is no such place, or it cannot be read; it says why.
    """
    try:
        place = Address.parse(f"onco:{patient.key}/{target}")
        return _drawn(patient, target, place, color)
    except (OncographError, OSError) as error:
        return KeyPicture(
            target, None, None, why_not=f"the picture cannot be read ({type(error).__name__})"
        )


def _drawn(patient: Patient, target: str, place: Address, color: str) -> KeyPicture:
    if place.kind == "segmentations":
        seg = patient.segmentations[place.item]
        label = str(place.fragment.get("label") or (seg.labels or [""])[0])
        image = image_of(seg)
        if image is None:
            return KeyPicture(target, None, label, why_not="it is not known on which image it lies")
        return KeyPicture(target, image, label, _of_segment(image, seg, label, color))
    if place.kind != "images":
        return KeyPicture(target, None, None, why_not=f"an address of {place.kind} has no picture")
    image = patient.images[place.item]
    server = SliceServer(image, (), _cache)
    box = _box(place, server)
    return KeyPicture(target, image, None, _both(image, server, box, color, ()))


def image_of(seg: Segmentation) -> Image | None:
    """The image that a segmentation lies on, or one of its frame of reference and grid."""
    images = seg.patient.images
    if seg.image is not None:
        return images.get(seg.image)
    for image in images.values():
        if "z" in image.dims and same_grid(seg.affine, image.affine, seg.shape, image.shape[-3:]):
            return image
    return None


def _of_segment(image: Image, seg: Segmentation, label: str, color: str) -> tuple[Drawn, ...]:
    server = SliceServer(image, [seg], _cache)
    position = seg.labels.index(label)
    middle = server.overlay.middle(position)
    if middle is None:
        return ()
    pane = _main(server)
    mask = server.overlay.plane(position, pane.axis, middle[pane.axis])
    if mask is None:
        return ()
    step = min(pane.row_step, pane.col_step)
    rows, cols = np.nonzero(np.nan_to_num(pane.regular(pane.arrange(mask), step)) > 0)
    box = (cols.min() * step, rows.min() * step, (cols.max() + 1) * step, (rows.max() + 1) * step)
    return _both(image, server, (middle, box), color, [Outline(mask, color)])


def _both(
    image: Image, server: SliceServer, at: tuple[tuple[int, int, int], Rect | None], color: str,
    outlines: Sequence[Outline],
) -> tuple[Drawn, ...]:  # fmt: skip
    (voxel, box), pane = at, _main(server)
    index = voxel[pane.axis]
    values = server.source.plane(pane.axis, index, server.source.times // 2)
    grey = _grey(image, server, pane, values, box)
    what = "picture" if pane.name == "plane" else f"{pane.name} slice {index + 1} of {pane.count}"
    named = image.modality[:8] if image.modality.isalnum() else "image"
    whole = Layout((0, 0, pane.width, pane.height), 520, box, color)
    found = [_one(pane, values, grey, whole, outlines if box is None else (),
                  what, f"{named}, {what}, window {grey.window:g}, level {grey.level:g}"
                  + (", a frame around the place" if box else ""))]  # fmt: skip
    if box is not None:
        view = _around(box, pane)
        found.append(_one(pane, values, grey, Layout(view, 520), outlines, "magnified",
                          f"The place magnified, {view[2]:.0f} by {view[3]:.0f} mm"))  # fmt: skip
    return tuple(found)


def _one(
    pane: Pane, values: NDArray[np.generic], grey: Preset, layout: Layout,
    outlines: Sequence[Outline], caption: str, about: str,
) -> Drawn:  # fmt: skip
    png, size = plane_picture(pane, values, grey, layout, outlines, caption)
    src = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return Drawn(src, *size, about)


def _main(server: SliceServer) -> Pane:
    return next((pane for pane in server.panes if pane.name == "axial"), server.panes[0])


def _around(box: Rect, pane: Pane) -> Rect:
    """A square around a box, at least twice its size, within the plane where it fits."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    side = max(_NEAR_MM, 2.2 * max(box[2] - box[0], box[3] - box[1]))
    width, height = min(side, pane.width), min(side, pane.height)
    left = min(max(0.0, x - width / 2), pane.width - width)
    top = min(max(0.0, y - height / 2), pane.height - height)
    return left, top, width, height


def _box(place: Address, server: SliceServer) -> tuple[tuple[int, int, int], Rect | None]:
    shape = (1, *server.source.shape)[-3:]
    fragment = place.fragment
    pane = _main(server)
    if "box" in fragment:
        spans = [(int(one[0]), int(one[1])) for one in fragment["box"]]  # type: ignore[index]
        spans = [(0, 1)] * (3 - len(spans)) + spans
        first = tuple(a for a, _ in spans)
        last = tuple(b - 1 for _, b in spans)
        middle = tuple((a + b) // 2 for a, b in zip(first, last, strict=True))
        corners = [pane.position((c[0], c[1], c[2])) for c in (first, last)]
        xs, ys = sorted(c[0] for c in corners), sorted(c[1] for c in corners)
        half = pane.col_step / 2, pane.row_step / 2
        box = (xs[0] - half[0], ys[0] - half[1], xs[1] + half[0], ys[1] + half[1])
        return (middle[0], middle[1], middle[2]), box
    if "voxel" in fragment:
        z, y, x = (0, *(int(v) for v in fragment["voxel"]))[-3:]  # type: ignore[arg-type]
        right, down = pane.position((z, y, x))
        return (z, y, x), (right - 6, down - 6, right + 6, down + 6)
    return (shape[0] // 2, shape[1] // 2, shape[2] // 2), None


def _grey(
    image: Image, server: SliceServer, pane: Pane, values: NDArray[np.generic], box: Rect | None
) -> Preset:
    offered = presets(image, server.source.sample)
    if image.modality != "CT" or image.units != "HU" or box is None:
        return offered[0]
    left, top, width, height = _around(box, pane)
    shown = pane.arrange(values)
    rows = slice(int(top / pane.row_step), int((top + height) / pane.row_step) + 1)
    cols = slice(int(left / pane.col_step), int((left + width) / pane.col_step) + 1)
    part = shown[rows, cols].astype(np.float32)
    lung = bool(part.size) and float(np.median(part)) < _AIR
    return next((one for one in offered if lung and one.name == "Lung"), offered[0])
