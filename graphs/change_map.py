"""Change map: what an image has more or less of than an earlier one, after registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from explorer.space import axis_coordinates, index_to_lps, lps_to_index
from graphs.errors import FollowError
from graphs.register import Volume, even, volume_of
from graphs.registration import Registration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from explorer.image import Image

_ABSOLUTE = {"HU", "SUVbw", "SUVlbm", "BQML", "mm2/s"}  # the same number means the same thing


def change_map(current: Image, prior: Image, registration: Registration) -> xr.DataArray:
    """Subtract a prior, laid on the current image's grid, from it.

    Values of arbitrary units (most MR) are first brought to one scale: each image less its
    median and over its interquartile range, both inside of the overlap. That is a picture of
    where the two differ, not a measurement; the attribute ``scale`` says which it is.

    Parameters
    ----------
    current, prior : Image
        The registration's fixed and moving image.
    registration : Registration
        One that is not trusted is taken, and said to be so in the attributes.

    Returns
    -------
    xarray.DataArray
        ``(z, y, x)`` float32 on the current image's (even) grid, NaN where the prior has
        nothing; coordinates in mm; attributes units, scale, trusted, reason, current, prior.

    Raises
    ------
    FollowError
        The registration is of other images, or they share nothing.
    """
    here, before = (even(volume_of(one)) for one in (current, prior))
    if (registration.fixed, registration.moving) != (here.name, before.name):
        raise FollowError(
            f"The registration is of {registration.fixed!r} and {registration.moving!r}",
            expected=f"{here.name!r} and {before.name!r}",
        )
    laid = laid_on(here, before, registration)
    both = np.isfinite(laid)
    if not both.any():
        raise FollowError("The images share nothing after the move", where=current.where)
    now = here.values.astype(np.float32)
    measured = current.units == prior.units and current.units in _ABSOLUTE
    if measured:
        change, units, scale = now - laid, current.units, "values"
    else:
        change, units = _robust(now, both) - _robust(laid, both), "1"
        scale = "each image less its median, over its interquartile range, inside of the overlap"
    change[~both] = np.nan
    attrs = {
        "units": units, "scale": scale, "trusted": registration.trusted,
        "reason": registration.reason, "current": here.name, "prior": before.name,
        "series": [current.name, prior.name],
    }  # fmt: skip
    z, y, x = here.values.shape
    coords = axis_coordinates(here.affine, (z, y, x))
    made = {name: (name, coords[name], {"units": "mm"}) for name in ("z", "y", "x")}
    return xr.DataArray(change.astype(np.float32), made, ("z", "y", "x"), "change", attrs)


def laid_on(fixed: Volume, moving: Volume, registration: Registration) -> NDArray[np.float32]:
    """The moving image on the fixed one's grid, linear between voxels; NaN outside of it."""
    from scipy.ndimage import map_coordinates

    values = moving.values.astype(np.float32)
    out = np.empty(fixed.values.shape, np.float32)
    y, x = np.meshgrid(*(np.arange(n) for n in fixed.values.shape[1:]), indexing="ij")
    for z in range(len(out)):
        points = index_to_lps(fixed.affine, np.stack([np.full(y.shape, z), y, x], -1))
        at = lps_to_index(moving.affine, registration.to_moving(points))
        out[z] = map_coordinates(values, np.moveaxis(at, -1, 0), order=1, cval=np.nan)
    return out


def change_figure(current: Image, prior: Image, registration: Registration) -> Figure:
    """The current image, the prior on its grid, and the change: the plane with most of it.

    Returns
    -------
    matplotlib.figure.Figure
        Axes in mm along the current image's own axes.
    """
    from explorer.picture import Picture

    change = change_map(current, prior, registration)
    here, before = (even(volume_of(one)) for one in (current, prior))
    laid = laid_on(here, before, registration)
    seen = np.isfinite(change.values)
    # a plane that the prior hardly reaches is all edge
    full = seen.mean(axis=(1, 2)) >= 0.5 * seen.mean(axis=(1, 2)).max()
    mass = np.nansum(np.abs(change.values), axis=(1, 2)) / np.maximum(seen.sum(axis=(1, 2)), 1)
    z = int(np.argmax(np.where(full, mass, -1)))
    figure = Picture(size=(12, 4), layout="constrained")
    axes = figure.subplots(1, 3)
    xs, ys = change.coords["x"].values, change.coords["y"].values
    extent = (xs[0], xs[-1], ys[-1], ys[0])
    days = f"{prior.acquired or '?'} to {current.acquired or '?'}"
    panels: list[tuple[Any, str, dict[str, Any]]] = [
        (here.values[z], f"{current.id}, slice {z}", {"cmap": "gray"}),
        (laid[z], f"{prior.id} on its grid", {"cmap": "gray"}),
    ]
    limit = float(np.nanpercentile(np.abs(change.values[z]), 99)) or 1.0
    panels.append(
        (change.values[z], f"change\n{days}", {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit})
    )
    for axis, (plane, title, how) in zip(axes, panels, strict=True):
        drawn = axis.imshow(plane, extent=extent, interpolation="nearest", **how)
        axis.set_title(title, parse_math=False)
        axis.set_xlabel("x / mm")
        axis.set_ylabel("y / mm")
        unit = change.attrs["units"] if how["cmap"] != "gray" else current.units
        figure.colorbar(drawn, ax=axis, label="arbitrary" if unit == "1" else str(unit))
    word = "trusted" if registration.trusted else "NOT trusted"
    figure.suptitle(f"Registration {word}: {registration.reason}", parse_math=False, fontsize=9)
    return figure


def _robust(values: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    low, middle, high = np.percentile(values[inside], (25, 50, 75))
    return np.asarray((values - middle) / max(float(high - low), 1e-6), np.float32)
