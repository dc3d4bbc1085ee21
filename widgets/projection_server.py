"""What a ProjectionView's browser asks for: radiographs of a CT, with what lies in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import OncographError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import letters
from graphs.carry_over import carry_over
from graphs.finding import Finding
from graphs.project import project
from graphs.project_masks import project_masks
from graphs.projection import Projection
from graphs.structures import Structures
from graphs.structures_along import structures_along
from graphs.view_frame import ViewFrame
from widgets.chunk_cache import ChunkCache
from widgets.overlay import Overlay, Segment
from widgets.quick_projection import QuickProjection
from widgets.slice_server import pack_bits

_log = logging.getLogger("oncograph.widgets")

Message = dict[str, Any]

FINE_MM = 2.0  # of a pixel where the rays follow no voxel axis; `full` takes the voxels' own


class ProjectionServer:
    """Makes radiographs of one CT.

    Parameters
    ----------
    image : Image
        A CT in HU.
    segmentations : sequence of Segmentation
    unit : {'HU'}, optional
        As of `graphs.project`.
    """

    def __init__(
        self, image: Image, segmentations: Sequence[Segmentation], unit: str | None = None
    ) -> None:
        self.image = image
        self._unit = unit
        self._segmentations = list(segmentations)
        self.segments: list[Segment] = Overlay(image, segmentations, ChunkCache()).segments
        self._structures: dict[str, Structures] = {}
        self._quick: QuickProjection | None = None
        self._made: dict[str, Projection] = {}
        self._masks: dict[str, NDArray[np.bool_]] = {}
        self._carried: dict[str, list[Message]] = {}

    def projection(self, view: tuple[float, float], full: bool = False) -> Projection:
        """The radiograph of a view, as `graphs.project` makes it.

        Where rays follow a voxel axis, or `full`, a pixel is as small as a voxel; else 2 mm.
        """
        key = f"{view[0] % 360:.6f} {view[1] % 360:.6f} {full}"
        if key not in self._made:
            along = all(abs(angle % 90) < 1e-9 for angle in view)
            pixel = None if full or along else FINE_MM
            while len(self._made) > 15:
                self._made.pop(next(iter(self._made)))
            self._made[key] = project(self.image, view, pixel_mm=pixel, unit=self._unit)
        return self._made[key]

    def masks(self, made: Projection) -> NDArray[np.bool_]:
        """All segments' masks ``(segment, y, x)`` on a radiograph, in the order of `segments`."""
        key = made.item
        if key not in self._masks:
            found = [
                project_masks(made, self.structures(seg)).values for seg in self._segmentations
            ]
            while len(self._masks) > 15:
                self._masks.pop(next(iter(self._masks)))
            empty = np.zeros((0, *made.frame.shape), bool)
            self._masks[key] = np.concatenate(found) if found else empty
        return self._masks[key]

    def structures(self, seg: Segmentation) -> Structures:
        """The masks of a segmentation, read once."""
        if seg.id not in self._structures:
            self._structures[seg.id] = Structures.of(seg)
        return self._structures[seg.id]

    def places(self, made: Projection) -> list[Message]:
        """What the reports say, carried over: a box or point on the radiograph for each place.

        Returns
        -------
        list of dict
            address (of the finding), grounding, text, assertion, status, box ``[y0, y1, x0, x1]``
            in pixels of the projection.
        """
        key = made.item
        if key not in self._carried:
            patient = self.image.patient
            known = {row["finding"]: Finding.of_row(row) for row in derived(patient, "findings")}
            found = []
            for row in carry_over(made, patient).groundings:
                said = known.get(row["finding"])
                detail = json.loads(row["detail"] or "{}")
                found.append({
                    "address": f"onco:{patient.key}/findings/{row['finding']}",
                    "grounding": f"onco:{patient.key}/groundings/{detail.get('grounding')}",
                    "text": said.text if said else row["region"] or "region",
                    "assertion": said.assertion if said else "",
                    "status": row["status"],
                    "box": _box_of(patient.key, row["target"]),
                })  # fmt: skip
            while len(self._carried) > 15:
                self._carried.pop(next(iter(self._carried)))
            self._carried[key] = [one for one in found if one["box"] is not None]
        return self._carried[key]

    def along(self, made: Projection, pixel: tuple[float, float]) -> list[Message]:
        """The structures on a pixel's ray, as the X-rays meet them.

        Returns
        -------
        list of dict
            name, address, color, enter, leave, path: mm.
        """
        rows = []
        place = 0
        for seg in self._segmentations:
            of = dict(zip(seg.labels, self.segments[place:], strict=False))
            place += len(seg.labels)
            for row in structures_along(made, self.structures(seg), pixel).to_dict("records"):
                one = of[row["label"]]
                rows.append({
                    "name": one.key, "color": f"rgb{one.color}", "address": self.address(one),
                    "enter": row["enter_mm"], "leave": row["leave_mm"], "path": row["path_mm"],
                })  # fmt: skip
        return sorted(rows, key=lambda row: row["enter"])

    def address(self, segment: Segment) -> str:
        """Of a segment, without a version."""
        found = Address(self.image.patient.key, "segmentations", segment.item)
        return str(found.at(label=segment.name))

    def reply(self, request: Message) -> tuple[Message, list[bytes]]:
        """Answer ``{kind: 'plane', seq, azimuth, elevation, coarse, full, segments}``."""
        echo = {key: request.get(key) for key in ("seq", "coarse", "full")}
        try:
            view = (float(request["azimuth"]), float(request["elevation"]))
            if request.get("coarse"):
                if self._quick is None:
                    self._quick = QuickProjection(self.image)
                values, frame = self._quick.picture(view)
                message, buffers = squared(values, frame, [])
                return {**echo, **message, "kind": "plane", "places": []}, buffers
            made = self.projection(view, bool(request.get("full")))
            wanted = [int(k) for k in request.get("segments") or []]
            masks = self.masks(made) if wanted else np.zeros((0, 1, 1), bool)
            lines = [
                (self.segments[k].key, self.segments[k].color, masks[k])
                for k in wanted
                if 0 <= k < len(masks) and masks[k].any()
            ]
            message, buffers = squared(made.values, made.frame, lines)
            places = self.places(made) if request.get("places") else []
        except OncographError as error:
            return {**echo, "kind": "error", "message": str(error)}, []
        except Exception as error:  # noqa: BLE001 - whoever looks at the view must be told
            _log.warning("a projection could not be made", exc_info=True)
            return {**echo, "kind": "error", "message": f"{type(error).__name__}: {error}"}, []
        by = message["by"]
        shown = [{**one, "box": [one["box"][k] * by[k // 2] for k in range(4)]} for one in places]
        return {**echo, **message, "kind": "plane", "places": shown}, buffers


def squared(
    values: NDArray[Any], frame: ViewFrame, outlines: Sequence[tuple[str, Any, NDArray[np.bool_]]]
) -> tuple[Message, list[bytes]]:
    """A picture with square pixels as the browser takes it: each the nearest one's value.

    ``by`` of the message is how many of its rows and columns one of the frame's is.
    """
    step = min(frame.spacing)
    counts = [max(1, round(n * s / step)) for n, s in zip(frame.shape, frame.spacing, strict=True)]
    rows, cols = (
        np.minimum(((np.arange(count) + 0.5) * n / count).astype(np.intp), n - 1)
        for count, n in zip(counts, frame.shape, strict=True)
    )

    def turned(one: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(one[rows[:, None], cols])

    buffers = [turned(values).astype("<f4").tobytes()]
    lines = []
    for name, color, mask in outlines:
        shown = turned(mask)
        down, right = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        box = [int(down[0]), int(down[-1]) + 1, int(right[0]), int(right[-1]) + 1]
        lines.append({"name": name, "color": f"rgb{tuple(color)}", "box": box})
        buffers.append(pack_bits(shown[box[0] : box[1], box[2] : box[3]]))
    right, down, _ = frame.axes
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, (1, 99.7)) if finite.size else (0.0, 1.0)
    message = {
        "rows": counts[0], "cols": counts[1], "step": step, "dtype": "float32",
        "marks": [letters(-right), letters(right), letters(-down), letters(down)],
        "outlines": lines, "range": [float(low), float(max(high, low + 1e-6))],
        "by": [counts[0] / frame.shape[0], counts[1] / frame.shape[1]],
        "pixel": list(frame.spacing),
    }  # fmt: skip
    return message, buffers


def _box_of(key: str, target: str) -> list[float] | None:
    fragment: Any = Address.parse(f"onco:{key}/{target}").fragment
    if "box" in fragment:
        return [float(v) for pair in fragment["box"] for v in pair]
    if "voxel" in fragment:
        y, x = fragment["voxel"]
        return [float(y), float(y + 1), float(x), float(x + 1)]
    return None
