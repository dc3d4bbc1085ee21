"""Measures: what can be measured of one mask, with the places of the diameters."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Measures:
    """Measurements of a mask, and of an image inside of it.

    Diameters are between voxel centres of the mask's outer voxels plus what the method adds for
    the voxels' own extent; see `graphs.measure.measure` for how each is defined.

    Attributes
    ----------
    voxels : int
    volume_mm3 : float
        Voxel count times voxel volume.
    longest_mm : float
        Longest diameter in one axial plane (RECIST 1.1).
    longest_at : tuple of Point
        Its two ends, mm LPS.
    perpendicular_mm : float
        Longest diameter at a right angle to it in the same plane.
    perpendicular_at : tuple of Point
    plane : int
        Index along z of the plane of `longest_mm`.
    extent_3d_mm : float
        Longest distance between two points of the mask.
    centroid : Point
        mm LPS.
    box : tuple
        ``((z0, z1), (y0, y1), (x0, x1))``, voxel edges, half-open.
    units : str or None
        Of the intensities: 'HU', 'SUVbw', ...; None without an image.
    mean, std, minimum, maximum, median : float or None
        Inside of the mask, in `units`.
    peak : float or None
        SUVpeak: highest mean in a 1 cm3 sphere (PERCIST), only of SUV.
    tlg : float or None
        Total lesion glycolysis: SUVmean times volume in ml.
    problems : tuple of str
        What a reader should know: an oblique plane, a mask cut by the image's edge, ...
    """

    voxels: int
    volume_mm3: float
    longest_mm: float
    longest_at: tuple[Point, Point]
    perpendicular_mm: float
    perpendicular_at: tuple[Point, Point]
    plane: int
    extent_3d_mm: float
    centroid: Point
    box: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    units: str | None = None
    mean: float | None = None
    std: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    peak: float | None = None
    tlg: float | None = None
    problems: tuple[str, ...] = field(default_factory=tuple)
