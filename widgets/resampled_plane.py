"""ResampledPlane: values on a plane that nobody acquired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.space import letters
from graphs.view_frame import ViewFrame


@dataclass(frozen=True)
class ResampledPlane:
    """A plane through a volume, or what lies on it of a slab.

    Attributes
    ----------
    values : ndarray, (rows, cols), float32
        In the image's units; NaN where nothing was taken.
    frame : ViewFrame
        Where it lies: `frame.points` and `frame.pixels` go to mm LPS and back.
    units : str
    kind : {'plane', 'max', 'min', 'mean'}
        One plane, or what was taken along the slab.
    thickness_mm : float
        Of the slab; 0 of a plane.
    made_from : str
        The image's address, with the version of the patient.
    """

    values: NDArray[np.float32]
    frame: ViewFrame
    units: str
    kind: str = "plane"
    thickness_mm: float = 0.0
    made_from: str = ""

    @property
    def marks(self) -> tuple[str, str, str, str]:
        """Letters of the patient's sides at the left, right, top and bottom edge."""
        right, down, _ = self.frame.axes
        return letters(-right), letters(right), letters(-down), letters(down)

    def __repr__(self) -> str:
        rows, cols = self.values.shape
        size = f"{rows} x {cols} pixels of {self.frame.spacing[0]:.3g} mm"
        return f"<ResampledPlane {self.kind} of {self.made_from}, {size}>"
