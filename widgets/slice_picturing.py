"""Pictures of a SliceView: of the page as it is, and static figures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.errors import OncographError
from widgets.image_layer import ImageLayer
from widgets.slice_measuring import SliceMeasuring

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SlicePicturing(SliceMeasuring):
    """`screenshot` asks the browser; `figure` draws again, for paper."""

    _shots: int
    _waiting: dict[int, asyncio.Future[bytes]]

    last_screenshot = t.Bytes(b"")

    async def screenshot(self, timeout: float = 10.0) -> bytes:
        """A PNG of the planes as they are on the page, with marks and scale bars.

        Await it in a cell after the one that shows the view; where the kernel answers the page
        only between cells, use `request_screenshot` and read `last_screenshot` in the next one.

        Parameters
        ----------
        timeout : float
            Seconds to wait for the page.

        Returns
        -------
        bytes

        Raises
        ------
        OncographError
            No page shows the view, or it cannot be reached while this cell runs.
        """
        waiting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        number = self.request_screenshot()
        self._waiting[number] = waiting
        try:
            return await asyncio.wait_for(waiting, timeout)
        except TimeoutError:
            raise OncographError(
                "No picture came from the page",
                do="show the view, and ask in a cell after it; or use request_screenshot() and "
                "read last_screenshot in the next cell",
            ) from None
        finally:
            self._waiting.pop(number, None)

    def request_screenshot(self) -> int:
        """Ask the page for a picture; `last_screenshot` gets it (PNG).

        Returns
        -------
        int
            A count.
        """
        self._shots += 1
        self.send({"kind": "shoot", "n": self._shots})
        return self._shots

    def figure(self, **options: Any) -> Figure:
        """The planes through the crosshair with what lies on them, for a paper.

        Parameters
        ----------
        **options
            Of `slice_figure`, in place of what the view has now.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from widgets.figures import slice_figure

        z, y, x = self.crosshair
        shown: dict[str, Any] = {
            "at": (z, y, x),
            "time": self.time,
            "window": self.window,
            "level": self.level,
            "invert": self.invert,
            "lut": self.lut,
            "opacity": self.opacity,
            "boxes": [*self.boxes, *self._lit.get("boxes", [])],
            "segments": self.visible if self.show_segments else [],
            "layers": self._drawn_layers(),
        }
        return slice_figure(self.image, self._segmentations, **{**shown, **options})

    def _drawn_layers(self) -> list[Any]:
        from widgets.drawn_layer import DrawnLayer

        found = []
        fused = self._laid("fused")
        if isinstance(fused, ImageLayer):
            found.append(
                DrawnLayer(
                    lambda axis, index: fused.plane(axis, index, self.time),
                    self.fused_lut,
                    self.fused_opacity,
                    (self.fused_window, self.fused_level, self.fused_invert),
                    fades=self.fused_fade,
                    title=self._layers["fused"]["title"],
                    units=self._layers["fused"]["units"],
                )
            )
        if self.heat is not None:
            heat = self.heat
            found.append(DrawnLayer(heat.plane, self.heat_lut, self.heat_opacity, title="heat map"))
        return found

    def _on_shot(self, content: dict[str, Any], buffers: list[Any]) -> None:
        number, picture = content.get("n"), bytes(buffers[0]) if buffers else b""
        self.last_screenshot = picture
        waiting = self._waiting.get(number) if isinstance(number, int) else None
        if waiting is not None and not waiting.done():
            waiting.get_loop().call_soon_threadsafe(_answer, waiting, picture)


def _answer(waiting: asyncio.Future[bytes], picture: bytes) -> None:
    if not waiting.done():
        waiting.set_result(picture)
