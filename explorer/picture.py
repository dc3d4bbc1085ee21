"""Picture: a matplotlib figure that a notebook shows without further ado."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_DPI = 100


class Picture(Figure):
    """A figure of its own, outside of pyplot: nobody has to close it, and it is drawn once.

    Parameters
    ----------
    size : tuple of float
        Inches ``(width, height)``.
    **options
        Of `matplotlib.figure.Figure`.
    """

    def __init__(self, size: tuple[float, float], **options: Any) -> None:
        super().__init__(figsize=size, **options)
        FigureCanvasAgg(self)

    def _repr_png_(self) -> bytes:
        # IPython shows plain figures only after somebody has imported pyplot
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=_DPI, facecolor=self.get_facecolor())
        return buffer.getvalue()
