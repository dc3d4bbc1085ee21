"""Rigid registration of a CT that was shifted on purpose: how far from the truth it ends.

``python benchmarks/register.py CT.nii.gz``: any CT; held to on ``example_ct_sm.nii.gz`` of
TotalSegmentator's tests (Apache-2.0). The moved copy is a window into the tissue (cubic
interpolation) whose edges are cut, so that nothing is padded. The peer is scikit-image's
``phase_cross_correlation`` on the same voxels, in the same run.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import nibabel
import numpy as np
from scipy.ndimage import shift
from skimage.registration import phase_cross_correlation

from explorer.space import flip_ras_lps
from graphs.register import Metric, Volume, register

_MARGIN = (5, 10, 10)
_METRICS: tuple[Metric, ...] = ("mutual information", "correlation")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ct", type=Path)
    parser.add_argument("--shifts", type=int, default=6)
    args = parser.parse_args()
    image = nibabel.load(args.ct)
    values = np.asarray(image.dataobj).T.astype(np.float32)
    affine = flip_ras_lps(image.affine)
    cut = tuple(slice(n, -n) for n in _MARGIN)
    window = affine.copy()
    window[:3, 3] += affine[:3, :3] @ np.array(_MARGIN, float)[::-1]
    middle = (affine @ [*((np.array(values.shape)[::-1] - 1) / 2), 1])[:3]
    chance = random.Random(0)
    rows: dict[str, list[tuple[float, float, bool]]] = {}
    for _ in range(args.shifts):
        by = np.array([chance.uniform(-m, m) for m in (4.5, 9.5, 9.5)])
        moved = shift(values, by, order=3, mode="nearest")[cut]
        want = affine[:3, :3] @ by[::-1]
        for metric in _METRICS:
            start = time.perf_counter()
            found = register(
                Volume(values, affine, name="ct"), Volume(moved, window, name="moved"),
                metric=metric,
            )  # fmt: skip
            took = time.perf_counter() - start
            error = np.linalg.inv(affine[:3, :3]) @ (found.to_moving(middle) - middle - want)
            rows.setdefault(metric, []).append((float(np.abs(error).max()), took, found.trusted))
        start = time.perf_counter()
        guess, _, _ = phase_cross_correlation(moved, values[cut], upsample_factor=20)
        took = time.perf_counter() - start
        rows.setdefault("peer: phase correlation", []).append(
            (float(np.abs(guess - by).max()), took, True)
        )
    print(f"{args.shifts} shifts of up to 4.5 slices and 9.5 pixels; largest error along an axis\n")
    print(f"{'':26}{'median':>9}{'worst':>9}{'< 0.5 voxel':>13}{'trusted':>9}{'seconds':>9}")
    for name, some in rows.items():
        errors = [one[0] for one in some]
        print(
            f"{name:26}{np.median(errors):9.3f}{max(errors):9.3f}"
            f"{sum(e < 0.5 for e in errors):8d}/{len(errors):<4d}"
            f"{sum(one[2] for one in some):7d}/{len(some)}{np.median([o[1] for o in some]):8.1f}"
        )


if __name__ == "__main__":
    main()
