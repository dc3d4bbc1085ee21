"""Project: a radiograph from a CT, from any side."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.image import Image
from graphs.attenuation import MU_WATER
from graphs.declared_hu import declared_hu
from graphs.errors import ProjectionError
from graphs.line_integrals import line_integrals
from graphs.producer import Producer
from graphs.projection import Projection
from graphs.ray_grid import RayGrid
from graphs.view_axes import View, view_axes
from graphs.view_frame import Shape

VERSION = "1"


def project(
    image: Image,
    view: View = "frontal",
    geometry: Shape = "parallel",
    *,
    pixel_mm: float | None = None,
    source_mm: float = 1500.0,
    detector_mm: float = 1800.0,
    mu_water: float = MU_WATER,
    unit: str | None = None,
) -> Projection:
    """Make a digitally reconstructed radiograph.

    By the law of Beer and Lambert for one energy, without scatter: the integral of the
    attenuation, in mm along each ray, through voxels as boxes. Oblique, anisotropic and uneven
    slices count as they lie in the patient.

    Parameters
    ----------
    image : Image
        A CT in HU.
    view : str, float, tuple of float or array_like, (3, 3)
        'frontal' (PA), 'AP', 'PA', 'lateral' (LL), 'LL', 'RL', an azimuth in degrees from the
        patient's front to the left, (azimuth, elevation, roll), or directions; see `view_axes`.
        A frontal view has the patient's left on the right, as radiographs are hung.
    geometry : {'parallel', 'cone'}
    pixel_mm : float, optional
        Size of a pixel in the middle of the volume; by default that of a voxel where the rays
        follow a voxel axis, else the smallest spacing or what makes 512 pixels.
    source_mm : float
        Of a cone: from the X-ray source to the middle of the volume.
    detector_mm : float
        Of a cone: from the source to the detector.
    mu_water : float
        Attenuation of water per mm.
    unit : {'HU'}, optional
        Declares that the values are HU where the file does not say so, as NIfTI cannot. It is
        kept in the producer's settings, and so in the item that is stored.

    Returns
    -------
    Projection

    Raises
    ------
    ProjectionError
        The image is no volume in HU (an X-ray cannot be turned, see `rotate_xray`) and is not
        declared to be one, or its file says otherwise than `unit`; there is no such view, or the
        source lies in the volume.
    """
    if geometry not in ("parallel", "cone"):
        raise ProjectionError(f"No geometry {geometry!r}", expected="'parallel' or 'cone'")
    if pixel_mm is not None and not (np.isfinite(pixel_mm) and pixel_mm > 0):
        raise ProjectionError(f"A pixel of {pixel_mm} mm", expected="a positive number")
    grid = RayGrid.of(image)
    declared = declared_hu(image, unit)
    axes, side, name = view_axes(view)
    frame = grid.frame(
        axes, side, geometry,
        pixel_mm=pixel_mm, source_mm=source_mm, detector_mm=detector_mm,
    )  # fmt: skip
    hu = grid.layers(image.read((slice(None),) * 3))
    values = line_integrals(hu, grid, frame, mu_water)
    settings: dict[str, Any] = {"view": name, "geometry": geometry, "mu_water_per_mm": mu_water}
    settings["pixel_mm"] = list(frame.spacing)
    if declared:
        settings["declared_unit"] = unit
    if geometry == "cone":
        settings |= {"source_mm": source_mm, "detector_mm": detector_mm}
    return Projection(
        values, name, frame, grid, image.id, str(image.address), image.frame_of_reference,
        image.acquired, Producer("oncograph.project", VERSION, settings=settings),
    )  # fmt: skip
