"""Register two images of one patient rigidly, with arrays that are in memory (SimpleITK)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from explorer.space import index_to_lps, lps_to_index, spacing
from graphs.errors import FollowError
from graphs.registration import Registration

if TYPE_CHECKING:
    from explorer.image import Image

Metric = Literal["mutual information", "correlation"]
FloatArray = NDArray[np.float64]

_LEVELS = (4, 2, 1)
_LEAST_VOXELS = 8  # along each axis
_LEAST_OVERLAP = 0.25
_STEP_MM = 15.0
_SAMPLES = 60_000  # voxels at most that one step looks at
_CUBE = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T


@dataclass(frozen=True)
class Volume:
    """An array and where it lies.

    Attributes
    ----------
    values : ndarray, (z, y, x)
    affine : ndarray, (4, 4)
        Index ``(x, y, z, 1)`` to mm LPS.
    origins : ndarray, (z, 3), or None
        mm LPS of each slice's first voxel where the slices are uneven or sheared.
    name : str
        Address without key and version, or what the caller calls it.
    """

    values: NDArray[Any]
    affine: FloatArray
    origins: FloatArray | None = None
    name: str = ""


def register(
    fixed: Image | Volume,
    moving: Image | Volume,
    *,
    metric: Metric = "mutual information",
    seed: int = 0,
    samples: float = 0.2,
    check: bool = True,
) -> Registration:
    """Find the rotation and shift that lays one image on another.

    Six parameters, by regular steps down the gradient on three levels of resolution; Mattes'
    mutual information (IEEE TMI 2003) where the two may be of unlike contrast, correlation where
    the same tissue has the same grey up to scale. The start is the geometry of the two files.

    It is trusted where the metric did not get worse, the images overlap by a quarter, and a
    second registration with the roles changed leads every corner of the fixed image back to
    within the diagonal of the coarser voxel. What deforms (breathing, weight loss, treatment) is
    not undone by a rigid move: trust means that the two programs' runs agree, not that anatomy
    stands still.

    Parameters
    ----------
    fixed, moving : Image or Volume
        Of one plane each or more: 3D, at least 8 voxels along each axis.
    metric : {'mutual information', 'correlation'}
    seed : int
        Of the sampled voxels; the same seed gives the same move.
    samples : float
        Part of the fixed image's voxels that each step looks at.
    check : bool
        Whether to run it the other way round as well; without, nothing is trusted.

    Returns
    -------
    Registration

    Raises
    ------
    FollowError
        An image is no volume, or too thin; the images do not overlap at all.
    """
    a, b = _volume(fixed), _volume(moving)
    matrix, before, after, steps = _run(a, b, metric, seed, samples)
    there = None
    if check and np.isfinite(after):
        back, *_ = _run(b, a, metric, seed, samples)
        corners = index_to_lps(a.affine, _CUBE * (np.array(a.values.shape) - 1))
        home = _apply(back, _apply(matrix, corners))
        there = float(np.linalg.norm(home - corners, axis=1).max())
    overlap = _overlap(a, b, matrix)
    trusted, reason = _trust(before, after, overlap, there, a, b)
    name = "mattes mutual information" if metric == "mutual information" else "correlation"
    return Registration(
        a.name, b.name, matrix, name, before, after, overlap, there, trusted, reason, seed,
        {"samples": samples, "levels": list(_LEVELS), "iterations": steps,
         "made_even": [v.name for v in (a, b) if v.origins is not None]},
    )  # fmt: skip


def even(volume: Volume) -> Volume:
    """The same values on slices that lie evenly (linear between them); itself where they do."""
    if volume.origins is None:
        return volume
    from scipy.ndimage import map_coordinates

    affine = volume.affine.copy()
    count = len(volume.values)
    affine[:3, 2] = (volume.origins[-1] - volume.origins[0]) / max(count - 1, 1)
    affine[:3, 3] = volume.origins[0]
    out = np.empty(volume.values.shape, np.float32)
    y, x = np.meshgrid(*(np.arange(n) for n in volume.values.shape[1:]), indexing="ij")
    for z in range(count):
        index = np.stack([np.full(y.shape, z), y, x], -1)
        at = lps_to_index(volume.affine, index_to_lps(affine, index), volume.origins)
        out[z] = map_coordinates(
            volume.values.astype(np.float32), np.moveaxis(at, -1, 0), order=1, mode="nearest"
        )
    return Volume(out, affine, None, volume.name)


def volume_of(image: Image) -> Volume:
    """Values and geometry of an image in the store.

    Raises
    ------
    FollowError
        It is no single volume.
    """
    if image.dims != ("z", "y", "x"):
        raise FollowError(
            f"{image.id} has dims {image.dims}", expected="('z', 'y', 'x')", where=image.where
        )
    values = image.read((slice(None),) * 3)
    return Volume(values, image.affine, image.slice_origins, f"images/{image.id}")


def _volume(given: Image | Volume) -> Volume:
    found = even(given if isinstance(given, Volume) else volume_of(given))
    if found.values.ndim != 3 or min(found.values.shape) < _LEAST_VOXELS:
        raise FollowError(
            f"{found.name or 'The image'} has shape {found.values.shape}",
            expected=f"(z, y, x), each at least {_LEAST_VOXELS}",
        )
    return found


def _run(
    fixed: Volume, moving: Volume, metric: Metric, seed: int, samples: float
) -> tuple[FloatArray, float, float, int]:
    """The move, the metric before and after (higher is better), and the number of steps."""
    import SimpleITK as sitk

    a, b = _itk(fixed), _itk(moving)
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)  # sums of several threads differ from run to run
    if metric == "correlation":
        method.SetMetricAsCorrelation()
    else:
        method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=50)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentagePerLevel(_parts(fixed, samples), seed + 1)  # 0: the clock
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel(_shrink(fixed))
    method.SetSmoothingSigmasPerLevel([2.0, 1.0, 0.0])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOff()
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=1.0, minStep=1e-3, numberOfIterations=200, relaxationFactor=0.7
    )
    method.SetOptimizerScalesFromPhysicalShift()
    move = sitk.Euler3DTransform()
    middle = index_to_lps(fixed.affine, (np.array(fixed.values.shape) - 1) / 2)
    move.SetCenter([float(v) for v in middle])
    method.SetInitialTransform(move, inPlace=True)
    try:
        before = -float(method.MetricEvaluate(a, b))
    except RuntimeError as error:
        raise FollowError(
            f"{fixed.name or 'fixed'} and {moving.name or 'moving'} cannot be laid on each other: "
            "their files put them apart",
            do="see whether both show the same part of the body in one frame of reference",
        ) from error
    move.SetTranslation(_start(a, b, fixed, moving, metric))
    method.SetInitialTransform(move, inPlace=True)
    try:
        found = sitk.Euler3DTransform(method.Execute(a, b))
    except RuntimeError:  # it walked out of the other image
        return np.eye(4), before, -np.inf, 0
    after = -float(method.GetMetricValue())
    turn = np.asarray(found.GetMatrix(), float).reshape(3, 3)
    center, shift = np.asarray(found.GetCenter()), np.asarray(found.GetTranslation())
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = center + shift - turn @ center
    return matrix, before, after, int(method.GetOptimizerIteration())


def _start(a: Any, b: Any, fixed: Volume, moving: Volume, metric: Metric) -> list[float]:
    """The best of 125 shifts about the files' own geometry, on coarse copies."""
    import SimpleITK as sitk

    factors = [max(1, min(_LEVELS[0], n // _LEAST_VOXELS)) for n in a.GetSize()]
    coarse = [
        sitk.Shrink(sitk.SmoothingRecursiveGaussian(one, 2 * max(one.GetSpacing())), factors)
        for one in (a, b)
    ]
    probe = sitk.ImageRegistrationMethod()
    probe.SetNumberOfThreads(1)
    if metric == "correlation":
        probe.SetMetricAsCorrelation()
    else:
        probe.SetMetricAsMattesMutualInformation(numberOfHistogramBins=32)
    probe.SetInterpolator(sitk.sitkLinear)
    extent = np.array(fixed.values.shape) * spacing(fixed.affine)
    steps = np.minimum(_STEP_MM, extent / 6)  # along z, y, x of the array
    axes = fixed.affine[:3, :3] / np.linalg.norm(fixed.affine[:3, :3], axis=0)
    least = 0.7 * _overlap(fixed, moving, np.eye(4))
    tried: list[tuple[float, float, list[float]]] = []
    for index in np.array(np.meshgrid(*[range(-2, 3)] * 3, indexing="ij")).reshape(3, -1).T:
        shift = [float(v) for v in axes @ (index * steps)[::-1]]
        step = np.eye(4)
        step[:3, 3] = shift
        # little overlap agrees by chance
        if index.any() and _overlap(fixed, moving, step) < least:
            continue
        probe.SetInitialTransform(sitk.TranslationTransform(3, shift))
        try:
            value = float(probe.MetricEvaluate(*coarse))
        except RuntimeError:  # no overlap there
            continue
        tried.append((value, float(np.linalg.norm(shift)), shift))
    return min(tried)[2] if tried else [0.0, 0.0, 0.0]


def _shrink(volume: Volume) -> list[int]:
    """Factors that leave enough voxels along the shortest axis."""
    most = max(1, min(volume.values.shape) // _LEAST_VOXELS)
    return [min(factor, most) for factor in _LEVELS]


def _parts(volume: Volume, samples: float) -> list[float]:
    """Coarse levels have few voxels, and look at all of them."""
    sizes = [volume.values.size / factor**3 for factor in _shrink(volume)]
    most = [min(1.0, max(samples, 20_000 / size), _SAMPLES / size) for size in sizes]
    return [max(part, 1e-4) for part in most]


def _itk(volume: Volume) -> Any:
    import SimpleITK as sitk

    made = sitk.GetImageFromArray(np.ascontiguousarray(volume.values, np.float32))
    z, y, x = spacing(volume.affine)
    made.SetSpacing((x, y, z))
    made.SetOrigin([float(v) for v in volume.affine[:3, 3]])
    made.SetDirection([float(v) for v in (volume.affine[:3, :3] / (x, y, z)).ravel()])
    return made


def _apply(matrix: FloatArray, points: FloatArray) -> FloatArray:
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def _overlap(fixed: Volume, moving: Volume, matrix: FloatArray) -> float:
    steps = [np.linspace(0, n - 1, min(n, 12)) for n in fixed.values.shape]
    index = np.stack(np.meshgrid(*steps, indexing="ij"), -1)
    at = lps_to_index(moving.affine, _apply(matrix, index_to_lps(fixed.affine, index)))
    inside = ((at >= -0.5) & (at <= np.array(moving.values.shape) - 0.5)).all(-1)
    return float(inside.mean())


def _trust(
    before: float, after: float, overlap: float, there: float | None, a: Volume, b: Volume
) -> tuple[bool, str]:
    diagonal = max(float(np.linalg.norm(spacing(v.affine))) for v in (a, b))
    if not np.isfinite(after):
        return False, "the search walked out of the other image; the move is none"
    if there is None:
        return False, "not run the other way round, so nothing speaks for it but the metric"
    if after < before - 1e-6 * abs(before):
        return False, f"the metric got worse: {before:.4g} to {after:.4g}"
    if overlap < _LEAST_OVERLAP:
        return False, f"the images overlap by {overlap:.0%}, {_LEAST_OVERLAP:.0%} is the least"
    if there > diagonal:
        return False, (
            f"there and back ends {there:.1f} mm away, more than a voxel's diagonal "
            f"({diagonal:.1f} mm)"
        )
    return True, (
        f"metric {before:.4g} to {after:.4g}, overlap {overlap:.0%}, there and back ends "
        f"{there:.2f} mm away (a voxel's diagonal is {diagonal:.1f} mm)"
    )
