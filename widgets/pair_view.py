"""PairView: one plane of two registered images, in turns or as a checkerboard."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import traitlets as t
from numpy.typing import NDArray

from explorer.errors import OncographError
from widgets.chunk_cache import ChunkCache
from widgets.compared_pair import ComparedPair
from widgets.esm import css, esm
from widgets.oblique import oblique_plane
from widgets.resampled_plane import ResampledPlane
from widgets.sampler import Sampler
from widgets.whole_widget import WholeWidget

_log = logging.getLogger("oncograph.widgets")
Look = tuple[float, float, bool]


class PairView(WholeWidget):
    """The left image's plane through a point, and the right image resampled on it.

    Attributes
    ----------
    mode : {'checkerboard', 'flicker'}
    plane : {'axial', 'coronal', 'sagittal'}
    second : bool
        Which one is shown while they take turns.
    height : int
    """

    _esm = esm("pair.js")
    _css = css("theme.css", "flat.css")

    mode = t.Enum(["checkerboard", "flicker"], "checkerboard").tag(sync=True)
    plane = t.Enum(["axial", "coronal", "sagittal"], "axial").tag(sync=True)
    second = t.Bool(False).tag(sync=True)
    height = t.Int(420, min=160).tag(sync=True)
    theme = t.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    _titles = t.List(t.Unicode(), ["", ""]).tag(sync=True)
    _revision = t.Int(0).tag(sync=True)

    def __init__(self, cache: ChunkCache | None = None) -> None:
        super().__init__()
        self._cache = ChunkCache() if cache is None else cache
        self._pair: ComparedPair | None = None
        self.on_msg(self._on_message)

    def show(
        self, pair: ComparedPair, point: Any, left: Look, right: Look, titles: tuple[str, str]
    ) -> None:
        """Show two images at a point, each with its window, level and inversion."""
        if self._pair is None or (self._pair.left, self._pair.right) != (pair.left, pair.right):
            self._samplers = [Sampler(one, self._cache) for one in (pair.left, pair.right)]
        self._pair, self._point, self._looks = pair, np.asarray(point, float), (left, right)
        self._titles = list(titles)
        self._revision += 1

    def planes(self) -> tuple[ResampledPlane, NDArray[np.float32]]:
        """The left image's plane, and the right image's values at the same places."""
        pair = self._pair
        if pair is None or pair.matrix is None:
            raise OncographError("The two images are not registered")
        sampler, other = self._samplers
        away = oblique_plane(sampler, rotation=self.plane, size_mm=1, step_mm=1).frame
        centre = away.centre + ((self._point - away.centre) @ away.axes[2]) * away.axes[2]
        size = self._size(sampler)
        made = oblique_plane(sampler, centre, self.plane, size_mm=size)
        points = made.frame.points(np.indices(made.frame.shape).transpose(1, 2, 0))
        moved = points @ pair.matrix[:3, :3].T + pair.matrix[:3, 3]
        return made, other.at(moved)

    def _size(self, sampler: Sampler) -> tuple[float, float]:
        whole = oblique_plane(sampler, rotation=self.plane, step_mm=20).frame
        return whole.shape[0] * 20.0, whole.shape[1] * 20.0

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("kind") != "plane":
            return
        echo = {"seq": content.get("seq")}
        try:
            made, other = self.planes()
        except OncographError as error:
            self.send({**echo, "kind": "error", "message": str(error)})
            return
        except Exception as error:  # noqa: BLE001 - whoever looks at the view must be told
            _log.warning("a plane could not be read", exc_info=True)
            self.send({**echo, "kind": "error", "message": f"{type(error).__name__}: {error}"})
            return
        message = {
            **echo, "kind": "plane", "rows": made.values.shape[0], "cols": made.values.shape[1],
            "step": made.frame.spacing[0], "marks": list(made.marks),
        }  # fmt: skip
        grey = [_grey(v, k) for v, k in zip((made.values, other), self._looks, strict=True)]
        self.send(message, [one.tobytes() for one in grey])


def _grey(values: NDArray[np.float32], look: Look) -> NDArray[np.float32]:
    """0 to 255 by a window; NaN stays."""
    window, level, invert = look
    found = np.clip((values - level) / window + 0.5, 0, 1)
    return np.ascontiguousarray((1 - found if invert else found) * 255, "<f4")
