"""Write a measurement that was drawn in a SliceView into the patient's store."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.image import Image
from explorer.space import index_to_lps
from graphs.put_measurement import put_measurement


def keep_measurement(image: Image, measurement: dict[str, Any], by: str, **about: Any) -> Address:
    """Store what a view measured; `SliceView.on_keep` calls it, with a person's name.

    Parameters
    ----------
    image : Image
        The one that was shown.
    measurement : dict
        One of `SliceView.measurements`.
    by : str
        Who measured.
    **about
        Of `graphs.put_measurement`: label, finding, site, tracking, note.

    Returns
    -------
    Address
        Of the first number.

    Raises
    ------
    MeasureError
        Nobody is named, or the shape cannot be measured there.

    Examples
    --------
    >>> view.on_keep(lambda drawn: keep_measurement(view.image, drawn, "A. Reader"))
    """
    points = index_to_lps(image.affine, _points(measurement, image), image.slice_origins)
    kind: Any = measurement["kind"]
    return put_measurement(image, kind, points, by, time=int(measurement["time"]), **about)


def _points(measurement: dict[str, Any], image: Image) -> NDArray[np.float64]:
    """The voxel indices that `graphs.hand_measures` wants of a shape."""
    ends = np.asarray(measurement["voxel"], float)
    sizes = dict(zip(image.dims, image.shape, strict=True))
    last = np.array([sizes.get("z", 1), sizes["y"], sizes["x"]]) - 1
    low, high = ends.min(axis=0), ends.max(axis=0)
    across = [axis for axis in range(3) if axis != _through(measurement, low, high)]
    if measurement["kind"] == "distance":
        return np.asarray(np.clip(ends, 0, last))
    if measurement["kind"] == "box":
        # the voxels whose centres are inside: those that the view counted
        low[across], high[across] = np.ceil(low[across]), np.floor(high[across])
        return np.asarray(np.clip([low, high], 0, last))
    middle = (low + high) / 2
    points = np.stack([middle] * 4)
    for k, axis in enumerate(across):
        points[2 * k, axis], points[2 * k + 1, axis] = low[axis], high[axis]
    return points


def _through(
    measurement: dict[str, Any], low: NDArray[np.float64], high: NDArray[np.float64]
) -> int:
    """The axis that was looked through: that along which both ends have the plane's index."""
    same = [k for k in range(3) if low[k] == high[k] == measurement["index"]]
    return same[0] if same else int(np.argmin(high - low))
