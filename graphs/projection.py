"""Projection: a radiograph made from a CT, which knows where each pixel's ray went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from explorer.draft import ImageDraft
from explorer.html import table_html, thumbnail
from explorer.item_id import item_id
from explorer.space import letters
from graphs.producer import Producer
from graphs.ray_grid import RayGrid
from graphs.view_frame import ViewFrame

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODALITY = "DRR"


@dataclass(frozen=True)
class Projection:
    """A digitally reconstructed radiograph.

    Attributes
    ----------
    values : ndarray, (y, x), float32
        Line integrals of the attenuation, ``-log(I / I0)``: without unit, bone bright.
    view : str
        'frontal', 'PA', 'LL', 'angles 30, 15', ...
    frame : ViewFrame
    grid : RayGrid
        Of the CT.
    image : str
        Item id of the CT.
    made_from : str
        The CT's address, with the version of the patient.
    frame_of_reference : str or None
    acquired : str or None
    producer : Producer
        With what the picture depends on.
    """

    values: NDArray[np.float32]
    view: str
    frame: ViewFrame
    grid: RayGrid
    image: str
    made_from: str
    frame_of_reference: str | None
    acquired: str | None
    producer: Producer

    @property
    def item(self) -> str:
        """Id of the picture in the store: the same for the same CT and view."""
        axes = np.round(self.frame.axes, 9).tolist()
        identity = [repr(axes), repr(self.frame.shape), repr(self.producer.settings)]
        return item_id("drr", self.image, *identity)

    @property
    def target(self) -> str:
        """Address of the picture without key and version."""
        return f"images/{self.item}"

    @property
    def letters(self) -> dict[str, str]:
        """Which way the patient lies: letters at 'left', 'right', 'top' and 'bottom'."""
        right, down, _ = self.frame.axes
        return {
            "left": letters(-right), "right": letters(right),
            "top": letters(-down), "bottom": letters(down),
        }  # fmt: skip

    @cached_property
    def data(self) -> xr.DataArray:
        """The values with coordinates in mm from the middle of the picture, at its own plane."""
        coords = {}
        for name, n, size in zip("yx", self.frame.shape, self.frame.spacing, strict=True):
            coords[name] = (name, (np.arange(n) - (n - 1) / 2) * size, {"units": "mm"})
        attrs = {
            "units": "1", "modality": MODALITY, "view": self.view, "made_from": self.made_from,
            "affine": self.frame.affine.tolist(), "letters": self.letters, "synthetic": True,
        }  # fmt: skip
        return xr.DataArray(self.values, coords, ("y", "x"), "drr", attrs)

    @property
    def transmission(self) -> NDArray[np.float32]:
        """What is left of the beam, 0 to 1: ``exp(-values)``."""
        return np.exp(-self.values)

    def draft(self) -> ImageDraft:
        """As an image of the patient: ``transaction.put(key, projection.draft())``.

        It is flagged as synthetic, and says what it was made from and how.
        """
        frame = self.frame
        meta: dict[str, Any] = {
            "made_from": self.made_from,
            "made_by": vars(self.producer),
            "view": self.view,
            "view_position": self.view if self.view.isupper() else None,
            "photometric": "MONOCHROME2",
            "geometry": {
                "kind": frame.geometry, "axes": frame.axes.tolist(),
                "centre": frame.centre.tolist(), "side": frame.side,
                "source_mm": frame.source_mm, "detector_mm": frame.detector_mm,
                "magnification": frame.magnification,
            },
        }  # fmt: skip
        return ImageDraft(
            item=self.item,
            modality=MODALITY,
            name=f"DRR {self.view}, made from {self.image}",
            dims=("y", "x"),
            shape=frame.shape,
            dtype=np.dtype(np.float32),
            affine=frame.affine,
            load=lambda: self.values,
            sources=[],
            units="1",
            units_reason="line integral of the attenuation along each ray, -log(I / I0)",
            bits_stored=32,
            frame_of_reference=self.frame_of_reference,
            acquired=self.acquired,
            meta=meta,
            synthetic=True,
        )

    def figure(self, **options: Any) -> Figure:
        """Draw it, with masks and boxes; see `projection_figure`."""
        from graphs.projection_figure import projection_figure

        return projection_figure(self, **options)

    def __repr__(self) -> str:
        y, x = self.frame.shape
        return f"<Projection {self.view!r} of {self.made_from}, {y} x {x}, {self.frame.geometry}>"

    def _repr_html_(self) -> str:
        y, x = self.frame.spacing
        rows = [
            [thumbnail(self.values, y / x), "a radiograph made from a CT (synthetic)"],
            ["view", self.view], ["made from", self.made_from], ["rays", self.frame.geometry],
            ["pixel", f"{y:.2f} x {x:.2f} mm"], ["producer", self.producer.name],
        ]  # fmt: skip
        return table_html(["", "projection"], rows)
