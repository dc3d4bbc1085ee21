"""Layer: what can be laid over an image, plane by plane."""

from __future__ import annotations

from typing import Any, Protocol

from widgets.pane import Pane


class Layer(Protocol):
    """Anything that gives what it has in a plane of the image that is shown."""

    def part(self, pane: Pane, index: int, time: int) -> tuple[dict[str, Any], bytes]:
        """What lies in a plane, for the browser.

        Parameters
        ----------
        pane : Pane
            How the plane is laid out.
        index, time : int

        Returns
        -------
        about : dict
            JSON-able.
        data : bytes
            Little endian.
        """
