"""What an ObliqueView's browser asks for: planes and projections at any angle, with outlines."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError, OncographError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import spacing
from graphs.view_frame import ViewFrame
from widgets.chunk_cache import ChunkCache
from widgets.oblique import corners_lps, oblique_plane, plane_frame
from widgets.overlay import Overlay, Segment
from widgets.plane_axes import PLAIN, plane_axes
from widgets.resampled_plane import ResampledPlane
from widgets.sampler import MaskSampler, Sampler
from widgets.slab import slab
from widgets.slice_server import pack_bits

_log = logging.getLogger("oncograph.widgets")

Message = dict[str, Any]
FloatArray = NDArray[np.float64]

OBLIQUE = "oblique"
MODES = ("plane", "max", "min", "mean")
_PIXELS = 512


class ObliqueServer:
    """Answers requests; a request is ``{kind: 'plane', seq, pane, angles, point, mode, ...}``.

    Parameters
    ----------
    image : Image
    segmentations : sequence of Segmentation
    cache : ChunkCache
    """

    def __init__(
        self, image: Image, segmentations: Sequence[Segmentation], cache: ChunkCache
    ) -> None:
        self.sampler = Sampler(image, cache)
        self.segments: list[Segment] = Overlay(image, segmentations, cache).segments
        self._masks = [
            (MaskSampler(seg, cache), position)
            for seg in segmentations
            for position in range(len(seg.labels))
        ]
        corners = corners_lps(self.sampler.lattice)
        self.middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        away = np.abs(corners - self.middle)
        # a turn around the long axis must not change the picture's size
        self._radius = float(np.hypot(away[:, 0], away[:, 1]).max())
        self._half = float(away[:, 2].max())
        self.step = min(spacing(image.affine))

    def frame(self, request: Message) -> ViewFrame:
        """Where the picture of a request lies: always the same middle, as the point moves in it.

        Raises
        ------
        GeometryError
            The request is none.
        """
        pane = str(request.get("pane"))
        if pane not in (OBLIQUE, *PLAIN):
            raise GeometryError(f"Plane {pane!r}", expected=f"{OBLIQUE} or one of {tuple(PLAIN)}")
        point = _three(request.get("point"), "point")
        angles = _three(request.get("angles"), "angles")
        axes = plane_axes(tuple(angles) if pane == OBLIQUE else pane)
        centre = self.middle + ((point - self.middle) @ axes[2]) * axes[2]
        size = self._size(angles) if pane == OBLIQUE else None
        found = plane_frame(self.sampler.lattice, axes, centre, size_mm=size)
        if not request.get("coarse"):
            return found
        step = found.spacing[0] * (3 if request.get("mode", "plane") != "plane" else 2)
        size = (found.shape[0] * found.spacing[0], found.shape[1] * found.spacing[1])
        return plane_frame(self.sampler.lattice, axes, centre, size_mm=size, step_mm=step)

    def _size(self, angles: FloatArray) -> tuple[float, float]:
        elevation, roll = np.deg2rad(angles[1:])
        wide = 2 * self._radius
        high = 2 * (self._half * abs(np.cos(elevation)) + self._radius * abs(np.sin(elevation)))
        c, s = abs(np.cos(roll)), abs(np.sin(roll))
        return float(high * c + wide * s), float(wide * c + high * s)

    def picture(self, request: Message) -> ResampledPlane:
        """The values that a request asks for.

        Raises
        ------
        OncographError
            The request is none, or the image cannot be read.
        """
        frame, mode = self.frame(request), str(request.get("mode", "plane"))
        given: Message = {
            "centre_lps": frame.centre,
            "size_mm": tuple(n * frame.spacing[0] for n in frame.shape),
            "step_mm": frame.spacing[0],
            "time": _whole(request.get("time", 0)),
        }
        if mode == "plane" or request["pane"] != OBLIQUE:
            return oblique_plane(self.sampler, rotation=frame.axes, **given)
        if mode not in MODES:
            raise GeometryError(f"Mode {mode!r}", expected=f"one of {MODES}")
        thick = request.get("thickness")
        if thick is not None:
            return slab(self.sampler, frame.axes, float(thick), mode, **given)  # type: ignore[arg-type]
        given["centre_lps"] = self._level(frame)  # all of it, wherever the point is
        return slab(self.sampler, frame.axes, None, mode, **given)  # type: ignore[arg-type]

    def _level(self, frame: ViewFrame) -> FloatArray:
        offset = (self.middle - frame.centre) @ frame.axes[2]
        return np.asarray(frame.centre + offset * frame.axes[2])

    def outlines(
        self, frame: ViewFrame, wanted: Sequence[int]
    ) -> list[tuple[Segment, NDArray[np.bool_]]]:
        """The segments that a plane crosses, and where."""
        points = frame.points(np.indices(frame.shape).transpose(1, 2, 0))
        found = []
        for k in wanted:
            if not 0 <= k < len(self.segments):
                raise GeometryError(f"Segment {k}", expected=f"0 to {len(self.segments) - 1}")
            masks, position = self._masks[k]
            inside = masks.at(points, position)
            if inside.any():
                found.append((self.segments[k], inside))
        return found

    def touched(self, request: Message) -> FloatArray:
        """The point in mm LPS that a click on a picture means.

        On a projection it is the place of the value that is shown: the highest on the line.
        """
        frame = self.frame({**request, "coarse": False})
        pixel = [float(request["at"][0]), float(request["at"][1])]
        # a coarse picture has its pixels elsewhere
        shown = self.frame(request)
        point = shown.points(pixel)
        mode = request.get("mode", "plane")
        if request["pane"] != OBLIQUE or mode not in ("max", "min"):
            return np.asarray(point)
        thick = request.get("thickness")
        reach = float(np.hypot(2 * self._radius, 2 * self._half)) / 2
        if thick is None:
            point, half = point + (self._level(frame) - frame.centre), reach
        else:
            half = float(thick) / 2
        along = np.arange(-half, half, self.step / 2)
        line = point + along[:, None] * frame.axes[2]
        values = self.sampler.at(line, _whole(request.get("time", 0)))
        if np.isnan(values).all():
            return np.asarray(point)
        best = np.nanargmax(values) if mode == "max" else np.nanargmin(values)
        return np.asarray(line[int(best)])

    def reply(self, request: Message) -> tuple[Message, list[bytes]]:
        """Answer one request; never raises."""
        echo = {key: request.get(key) for key in ("seq", "pane", "coarse")}
        try:
            made = self.picture(request)
            plane = request["pane"] != OBLIQUE or request.get("mode", "plane") == "plane"
            wanted = [_whole(k) for k in request.get("segments") or []] if plane else []
            message, buffers = encoded(
                made, [(s.key, s.color, mask) for s, mask in self.outlines(made.frame, wanted)]
            )
        except OncographError as error:
            return {**echo, "kind": "error", "message": str(error)}, []
        except Exception as error:  # noqa: BLE001 - whoever looks at the view must be told
            _log.warning("a plane could not be read", exc_info=True)
            return {**echo, "kind": "error", "message": f"{type(error).__name__}: {error}"}, []
        return {**echo, **message, "kind": "plane"}, buffers


def encoded(
    made: ResampledPlane, outlines: Sequence[tuple[str, Any, NDArray[np.bool_]]]
) -> tuple[Message, list[bytes]]:
    """A picture as the browser takes it: float32, and the bits of each outline's box."""
    buffers = [np.ascontiguousarray(made.values, "<f4").tobytes()]
    lines = []
    for name, color, mask in outlines:
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = [int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1]
        lines.append({"name": name, "color": f"rgb{tuple(color)}", "box": box})
        buffers.append(pack_bits(mask[box[0] : box[1], box[2] : box[3]]))
    message = {
        "rows": made.values.shape[0],
        "cols": made.values.shape[1],
        "step": made.frame.spacing[0],
        "dtype": "float32",
        "marks": list(made.marks),
        "outlines": lines,
        "centre": made.frame.centre.tolist(),
        "axes": made.frame.axes.tolist(),
    }
    return message, buffers


def _three(value: Any, name: str) -> FloatArray:
    found = np.asarray(value, float) if isinstance(value, list | tuple) else np.empty(0)
    if found.shape != (3,) or not np.isfinite(found).all():
        raise GeometryError(f"{name} is {value!r}", expected="three numbers")
    return found


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise GeometryError(f"{value!r}", expected="a whole number")
    return value
