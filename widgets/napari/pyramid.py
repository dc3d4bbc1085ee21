"""Coarser levels of a big volume, for a screen that shows it whole."""

from __future__ import annotations

import dask.array as da

_BIG = 512 * 512 * 200  # voxels of a volume; below it, one level is drawn as fast
_SMALL = 128  # no axis is thinned below this many voxels


def pyramid(volume: da.Array) -> list[da.Array]:
    """Every voxel, every second one, every fourth one, ... of a volume.

    Slices that a level leaves out are not read for it. Nothing is averaged, since that would read
    all of a referenced volume; so a coarse level may miss what is smaller than its step.

    Parameters
    ----------
    volume : dask.array.Array
        The last three axes are the volume's.

    Returns
    -------
    list of dask.array.Array
        The finest first; one level of a volume that is not big.
    """
    levels = [volume]
    z, y, x = volume.shape[-3:]
    while z * y * x > _BIG:
        last = levels[-1]
        step = [slice(None, None, 2 if n >= 2 * _SMALL else 1) for n in last.shape[-3:]]
        levels.append(last[(..., *step)])
        if levels[-1].shape == last.shape:
            return levels[:-1]
        z, y, x = levels[-1].shape[-3:]
    return levels
