"""What the browser asks for, and what it gets: planes as bytes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError, OncographError
from explorer.image import Image
from explorer.segmentation import Segmentation
from widgets.chunk_cache import ChunkCache
from widgets.image_planes import ImagePlanes
from widgets.layer import Layer
from widgets.overlay import Overlay
from widgets.pane import Pane
from widgets.planes import planes

_log = logging.getLogger("oncograph.widgets")

Message = dict[str, Any]
Buffers = list[bytes]


class SliceServer:
    """Answers requests for planes of one image and its segments.

    A request is ``{kind: 'plane', seq, revision, pane, index, time, image, segments, layers}``:
    `pane` a position in `panes`, `image` whether the grey values are wanted, `segments` positions
    whose masks are wanted, `layers` keys of `layers` whose parts are. The reply repeats it, with
    `dtype`, and `present`: the segments of those wanted that have a pixel in the plane, and
    `boxes`: the rows and columns ``[r0, r1, c0, c1]``, half-open, that hold each of those. Its
    buffers are the values (int16 or float32, little endian, rows from the top) if wanted, then
    for each of `present` the bits of its box (rows padded to whole bytes, the lowest bit first),
    then the part of each layer (see `Layer.part`; ``nothing`` where there is none). A failure is
    ``{kind: 'error', message, ...}``.

    Parameters
    ----------
    image : Image
    segmentations : sequence of Segmentation
    cache : ChunkCache
    """

    def __init__(
        self, image: Image, segmentations: Sequence[Segmentation], cache: ChunkCache
    ) -> None:
        self.source = ImagePlanes(image, cache)
        self.overlay = Overlay(image, segmentations, cache)
        self.panes: tuple[Pane, ...] = planes(image.affine, self.source.shape, image.slice_origins)
        self.layers: dict[str, Layer] = {}
        self._ahead = _Prefetch(self.source)

    def reply(self, request: Message) -> tuple[Message, Buffers]:
        """Answer one request; never raises.

        Parameters
        ----------
        request : dict

        Returns
        -------
        message : dict
        buffers : list of bytes
        """
        echo = {key: request.get(key) for key in ("seq", "revision", "pane", "index", "time")}
        try:
            message, buffers = self._plane(request)
        except OncographError as error:
            return {**echo, "kind": "error", "message": str(error)}, []
        except Exception as error:  # noqa: BLE001 - whoever looks at the view must be told
            _log.warning("a plane could not be read", exc_info=True)
            return {**echo, "kind": "error", "message": f"{type(error).__name__}: {error}"}, []
        return {**echo, **message}, buffers

    def _plane(self, request: Message) -> tuple[Message, Buffers]:
        pane, index = self._pane(request.get("pane")), _whole(request.get("index"), "index")
        time = _whole(request.get("time", 0), "time")
        if not 0 <= index < pane.count or not 0 <= time < self.source.times:
            raise GeometryError(
                f"Plane {index} at time {time}",
                expected=f"planes 0 to {pane.count - 1}, times 0 to {self.source.times - 1}",
            )
        wanted = [_whole(k, "segment") for k in request.get("segments") or []]
        if any(not 0 <= k < len(self.overlay.segments) for k in wanted):
            raise GeometryError(
                f"Segments {wanted}", expected=f"0 to {len(self.overlay.segments) - 1}"
            )
        buffers: Buffers = []
        dtype = None
        if request.get("image", True):
            values = pane.arrange(self.source.plane(pane.axis, index, time))
            values = values.astype("<i2" if values.dtype == np.int16 else "<f4", copy=False)
            dtype = "int16" if values.dtype.itemsize == 2 else "float32"
            buffers.append(values.tobytes())
            self._ahead.around(pane, index, time)
        present, boxes = [], []
        for k in wanted:
            mask = self.overlay.plane(k, pane.axis, index)
            if mask is not None:
                shown = pane.arrange(mask)
                box = _box(shown)
                present.append(k)
                boxes.append(list(box))
                buffers.append(pack_bits(shown[box[0] : box[1], box[2] : box[3]]))
        laid = []
        for key in request.get("layers") or []:
            about, data = self._layer(str(key), pane, index, time)
            laid.append({"key": str(key), **about})
            buffers.append(data)
        message = {
            "kind": "plane",
            "image": dtype is not None,
            "dtype": dtype,
            "rows": pane.rows,
            "cols": pane.cols,
            "segments": wanted,
            "present": present,
            "boxes": boxes,
            "layers": laid,
        }
        return message, buffers

    def _layer(self, key: str, pane: Pane, index: int, time: int) -> tuple[Message, bytes]:
        """A layer that cannot be read is said so; the image is shown all the same."""
        layer = self.layers.get(key)
        if layer is None:
            return {"nothing": True}, b""
        try:
            return layer.part(pane, index, time)
        except OncographError as error:
            return {"nothing": True, "message": str(error)}, b""

    def _pane(self, position: Any) -> Pane:
        k = _whole(position, "pane")
        if not 0 <= k < len(self.panes):
            raise GeometryError(f"Pane {k}", expected=f"0 to {len(self.panes) - 1}")
        return self.panes[k]


def pack_bits(mask: NDArray[np.bool_]) -> bytes:
    """A mask ``(rows, cols)`` as bits: rows padded to whole bytes, the lowest bit first."""
    return np.packbits(mask, axis=1, bitorder="little").tobytes()


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise GeometryError(f"{name} is {value!r}", expected="a whole number")
    return value


class _Prefetch:
    """Decodes the chunks of neighbouring planes while nobody waits; one plane at a time."""

    def __init__(self, source: ImagePlanes) -> None:
        self._source = source
        self._busy = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def around(self, pane: Pane, index: int, time: int) -> None:
        if pane.axis != 0 or pane.count < 2 or not self._busy.acquire(blocking=False):
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="oncograph-prefetch")
        self._pool.submit(self._warm, pane, index, time)

    def _warm(self, pane: Pane, index: int, time: int) -> None:
        try:
            for near in (index + 1, index - 1):
                if 0 <= near < pane.count:
                    self._source.warm(pane.axis, near, time)
        except (OncographError, OSError) as error:
            _log.debug("nothing read ahead: %s", error)  # whoever asks for it gets the error
        finally:
            self._busy.release()
