"""Measurements against pyradiomics' published baseline, and against ellipsoids of known size.

``python benchmarks/measurements.py FOLDER``: FOLDER holds, in any sub-folder, pyradiomics' test
cases (``brain1_image.nrrd``, ``brain1_label.nrrd``, ...; the ``data`` folder of its source
distribution on PyPI) and ``baseline_shape.csv`` and ``baseline_firstorder.csv`` of its repository.
Exit status 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.ingest import ingest
from explorer.space import index_to_lps, spacing
from explorer.store import Store
from graphs.measure import measure
from graphs.radiomics import first_order_features, shape_features
from graphs.voxel_grid import VoxelGrid

# relative error that is allowed; of VoxelVolume only what rounding leaves
_EXACT, _ONE_PERCENT = 1e-9, 0.01
_HELD = {"VoxelVolume": _EXACT, "MeshVolume": _ONE_PERCENT, "Maximum3DDiameter": _ONE_PERCENT}


def baseline(folder: Path, kind: str) -> dict[str, dict[str, float]]:
    """Case to feature to value."""
    (path,) = sorted(folder.rglob(f"baseline_{kind}.csv"))
    prefix = f"original_{kind}_"
    found: dict[str, dict[str, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = row.pop("featureName")
            for case, value in row.items():
                if name.startswith(prefix) and value and "_" not in case:
                    found.setdefault(case, {})[name.removeprefix(prefix)] = float(value)
    return found


def cases(folder: Path) -> dict[str, tuple[NDArray[Any], NDArray[np.bool_], NDArray[Any], float]]:
    """Case to values, mask, affine and the seconds that `measure` took, all from a store."""
    found = {}
    for image in sorted(folder.rglob("*_image.nrrd")):
        label = image.with_name(image.name.replace("_image", "_label"))
        if not label.is_file():
            continue
        with tempfile.TemporaryDirectory() as place:
            files = Path(place) / "files"
            files.mkdir()
            for path in (image, label):
                shutil.copy(path, files)
            store = Store.create(Path(place) / "case.onco")
            ingest(files, store, copy=True)
            (name,) = list(store)
            (volume,), (outlines,) = (
                store[name].images.values(),
                store[name].segmentations.values(),
            )
            mask = np.asarray(outlines.mask("label 1"))
            began = time.perf_counter()
            measure(mask, volume)
            took = time.perf_counter() - began
            case = image.name.removesuffix("_image.nrrd")
            found[case] = (np.asarray(volume.data), mask, volume.affine, took)
    return found


def compare(folder: Path) -> bool:
    """Print ours beside theirs; tells whether all that is held to was met."""
    shapes, firsts = baseline(folder, "shape"), baseline(folder, "firstorder")
    print(f"{'case':8} {'feature':30} {'ours':>16} {'pyradiomics':>16} {'ratio':>12}  held to")
    met = True
    for case, (values, mask, affine, took) in cases(folder).items():
        shape = shape_features(mask, affine)
        first = first_order_features(values, mask, affine, shift=2000)
        pairs = [(n, shape[n], v, _HELD.get(n)) for n, v in shapes[case].items()]
        pairs += [(n, first[n], v, _ONE_PERCENT) for n, v in firsts[case].items()]
        extent = measure(mask, affine=affine).extent_3d_mm
        pairs.append(("extent_3d_mm", extent, shapes[case]["Maximum3DDiameter"], _ONE_PERCENT))
        for name, ours, theirs, held in pairs:
            good = held is None or abs(ours - theirs) <= held * abs(theirs)
            met &= good
            told = "" if held is None else f"{100 * held:g} % {'met' if good else 'MISSED'}"
            print(f"{case:8} {name:30} {ours:16.8g} {theirs:16.8g} {ours / theirs:12.8f}  {told}")
        print(f"{case:8} measure() took {1000 * took:.0f} ms for {mask.shape}")
    return met


def planted(count: int) -> bool:
    """Measure ellipsoids in turned, anisotropic grids; the truth is their formula."""
    errors = []
    for seed in range(count):
        random = np.random.default_rng(seed)
        affine, shape, radii, matrix, mask = _ellipsoid(random)
        found = measure(mask, affine=affine)
        basis = VoxelGrid(affine, shape[0]).in_plane()
        cut = 2 / np.sqrt(np.linalg.eigvalsh(basis @ matrix @ basis.T))
        diagonal = float(np.linalg.norm(spacing(affine)))
        volume = 4 / 3 * np.pi * radii.prod()
        errors.append(
            (
                abs(found.longest_mm - cut[0]) / diagonal,
                abs(found.perpendicular_mm - cut[1]) / diagonal,
                abs(found.extent_3d_mm - 2 * radii.max()) / diagonal,
                abs(found.volume_mm3 / volume - 1) / 0.03,
            )
        )
    worst = np.asarray(errors).max(axis=0)
    middle = np.median(np.asarray(errors), axis=0)
    names = ("longest diameter", "perpendicular", "extent in space", "volume")
    print(f"\n{count} planted ellipsoids (synthetic), error as a share of what is allowed")
    for name, one, most in zip(names, middle, worst, strict=True):
        allowed = "3 %" if name == "volume" else "1 voxel diagonal"
        told = "met" if most <= 1 else "MISSED"
        print(f"{name:20} median {one:5.2f}  worst {most:5.2f}  of {allowed}: {told}")
    return bool((worst <= 1).all())


def _ellipsoid(random: np.random.Generator) -> tuple[Any, ...]:
    steps = random.uniform([0.5, 0.5, 0.7], [1.2, 1.2, 3.0])
    turned = np.linalg.qr(random.normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3] = np.linalg.qr(random.normal(size=(3, 3)))[0] * steps
    affine[:3, 3] = random.uniform(-300, 300, 3)
    radii = random.uniform(6, 14, 3)
    shape = tuple(int(34 / step) for step in steps[::-1])
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1)
    centre = np.asarray(shape) / 2 - random.uniform(0, 1, 3)
    away = index_to_lps(affine, index) - index_to_lps(affine, centre)
    matrix = turned @ np.diag(1 / radii**2) @ turned.T
    mask = np.einsum("...i,ij,...j->...", away, matrix, away) <= 1
    return affine, shape, radii, matrix, mask


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ellipsoids", type=int, default=200)
    given = parser.parse_args()
    met = compare(given.folder)
    met = planted(given.ellipsoids) and met
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
