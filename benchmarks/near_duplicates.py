"""Altered copies of real images: found, and other patients' images not taken for them.

``python benchmarks/near_duplicates.py DATA [--alike 0.9]``

DATA is a folder of public data sets (DICOM, NIfTI, NRRD: STS, LIDC-IDRI, TCGA-LUSC, CMB-CRC,
QIN-Prostate, UPENN-GBM, pyradiomics, TotalSegmentator), taken into a store as they are. Each
volume of ten slices or more is altered in twelve ways; every copy is held against its original, and
against all images and copies of other patients. The peer is a perceptual hash of the whole volume:
the signs of its low frequencies on a 32^3 grid (as pHash does with pictures), at the distance at
which it, too, takes no two patients for one.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn
from scipy.ndimage import zoom

from explorer.ingest import ingest
from explorer.split import match_fingerprints as matching
from explorer.split.fingerprint import Fingerprint, fingerprint
from explorer.store import open_store

Volume = tuple[NDArray[Any], list[float], bool]
_RNG = np.random.default_rng(0)


def noise(one: Volume) -> Volume:
    """30 HU, or a twentieth of the range."""
    values, spacing, hu = one
    spread = 30 if hu else 0.05 * float(np.ptp(np.percentile(values, (1, 99))))
    return values + _RNG.normal(0, spread, values.shape).astype(np.float32), spacing, hu


def resampled(factor: float) -> Callable[[Volume], Volume]:
    """Onto another grid, linear."""

    def alter(one: Volume) -> Volume:
        values, spacing, hu = one
        factors = [factor if n * factor >= 8 else 1 for n in values.shape]
        made = zoom(values.astype(np.float32), factors, order=1)
        size = [s * n / m for s, n, m in zip(spacing, values.shape, made.shape, strict=True)]
        return made, size, hu

    return alter


def cropped(low: tuple[float, ...], high: tuple[float, ...]) -> Callable[[Volume], Volume]:
    """A box of it."""

    def alter(one: Volume) -> Volume:
        values, spacing, hu = one
        box = tuple(slice(int(n * a), max(int(n * b), int(n * a) + 4))
                    for n, a, b in zip(values.shape, low, high, strict=True))  # fmt: skip
        return values[box], spacing, hu

    return alter


def shown(window: tuple[float, float], share: tuple[float, float]) -> Callable[[Volume], Volume]:
    """As 8 bits through a window in HU, or between two percentiles; nobody says HU of it."""

    def alter(one: Volume) -> Volume:
        values, spacing, hu = one
        low, high = window if hu else np.percentile(values, share)
        grey = np.clip((values.astype(np.float32) - low) / (high - low), 0, 1)
        return (grey * 255).astype(np.uint8), spacing, False

    return alter


def jpeg(one: Volume) -> Volume:
    """Slice by slice through JPEG of quality 40."""
    values, spacing, _ = SOFT(one)
    made = []
    for plane in values:
        file = io.BytesIO()
        Image.fromarray(plane).save(file, "JPEG", quality=40)
        made.append(np.asarray(Image.open(file)))
    return np.stack(made), spacing, False


def flipped(*axes: int) -> Callable[[Volume], Volume]:
    """Mirrored."""
    return lambda one: (np.flip(one[0], axes), one[1], one[2])


def each(*steps: Callable[[Volume], Volume]) -> Callable[[Volume], Volume]:
    """One after the other."""

    def alter(one: Volume) -> Volume:
        for step in steps:
            one = step(one)
        return one

    return alter


SOFT = shown((-160, 240), (2, 99))
ALTERED: dict[str, Callable[[Volume], Volume]] = {
    "noise": noise,
    "resampled 0.7": resampled(0.7),
    "resampled 1.4": resampled(1.4),
    "cropped to 70 %": cropped((0.15,) * 3, (0.85,) * 3),
    "cropped to 50 %": cropped((0.1, 0.3, 0.2), (0.6, 0.8, 0.7)),
    "8 bits, soft": SOFT,
    "8 bits, lung": shown((-1350, 150), (0.5, 99.9)),
    "JPEG 40": jpeg,
    "mirrored x": flipped(2),
    "mirrored y, z": flipped(0, 1),
    "crop, resample, JPEG": each(cropped((0.1, 0.2, 0.1), (0.8, 0.9, 0.8)), resampled(0.8), jpeg),
    "mirror, crop, noise, 8 bits": each(
        flipped(2), cropped((0.2, 0.1, 0.2), (0.9, 0.8, 0.9)), noise, SOFT
    ),
}


def hashed(values: NDArray[Any]) -> NDArray[np.bool_]:
    """The peer: signs of the 511 low frequencies of the whole volume."""
    data = values.astype(np.float32)
    low, high = np.percentile(data, (1, 99.5))
    grid = zoom(np.clip(data, low, high), [32 / n for n in data.shape], order=1)
    found = dctn(grid)[:8, :8, :8].ravel()[1:]
    return np.asarray(found > np.median(found))


def volumes(folder: Path, place: Path) -> list[tuple[str, str, Volume]]:
    """The person, the image and its values, of every volume of ten slices or more."""
    store = open_store(place / "all.onco", create=True)
    for child in sorted(folder.iterdir()):
        if child.is_dir() and child.name != "malformed_dicom":
            ingest(child, store)
    found, seen = [], set()
    for patient in store.cohort():
        for image in patient.images.values():
            # the NIfTI copies that a data set has of its own DICOM are the same person's
            shape = (patient.label, image.shape)
            if image.dims != ("z", "y", "x") or image.shape[0] < 10 or shape in seen:
                continue
            seen.add(shape)
            values = image.read((slice(None),) * 3)
            one = (values, list(image.spacing_mm), image.units == "HU")
            found.append((patient.label, image.id, one))
    return found


def main() -> None:
    """Print recall by alteration, and the curve over the number of points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--alike", type=float, default=matching.ALIKE)
    given = parser.parse_args()
    matching.ALIKE = given.alike
    prints: list[Fingerprint] = []
    people, images, how, hashes = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        everything = volumes(given.data, Path(folder))
    start = time.perf_counter()
    for person, image, one in everything:
        for name, alter in {"": lambda same: same, **ALTERED}.items():
            values, spacing, hu = alter(one)
            prints.append(fingerprint(values, spacing, hounsfield=hu))
            hashes.append(hashed(values))
            people.append(person)
            images.append((person, image))
            how.append(name)
    made = time.perf_counter() - start
    start = time.perf_counter()
    false = [one.points for one in matching.match_fingerprints(prints, people, fewest=3)]
    took = time.perf_counter() - start
    pairs = sum(a != b for k, a in enumerate(people) for b in people[k + 1 :])
    bits = np.array(hashes)
    apart = np.array([
        (bits[k + 1 :] != bits[k]).sum(axis=1)[np.array(people[k + 1 :]) != people[k]].min(
            initial=bits.shape[1])
        for k in range(len(bits) - 1)
    ])  # fmt: skip
    limit = int(apart.min())
    true: dict[str, list[tuple[int, bool]]] = {name: [] for name in ALTERED}
    for k, name in enumerate(how):
        if not name:
            origin = k
            continue
        got = matching.match_fingerprints([prints[origin], prints[k]], [0, 1], fewest=3)
        close = int((bits[origin] != bits[k]).sum()) < limit
        true[name].append((got[0].points if got else 0, close))
    print(f"{len(everything)} volumes of {len(set(people))} people, {len(prints)} images with ")
    print(f"their copies, {pairs} pairs of different people")
    print(f"described in {made:.0f} s (alterations included), compared in {took:.0f} s")
    print(f"| altered | leak (>= {matching.CERTAIN}) | shown (>= {matching.FEWEST}) | whole-volume "
          "hash |\n|---|---|---|---|")  # fmt: skip
    for name, some in true.items():
        cells = [np.mean([n >= most for n, _ in some]) for most in (matching.CERTAIN,
                                                                    matching.FEWEST)]  # fmt: skip
        print(f"| {name} | {cells[0]:.0%} | {cells[1]:.0%} | {np.mean([c for _, c in some]):.0%} |")
    every = np.array([n for some in true.values() for n, _ in some])
    peer = np.mean([c for some in true.values() for _, c in some])
    leak, told = (np.mean(every >= most) for most in (matching.CERTAIN, matching.FEWEST))
    print(f"| all | {leak:.1%} | {told:.1%} | {peer:.1%} |")
    print("\n| points | recall | precision | other people |\n|---|---|---|---|")
    for most in (4, 5, 6, 8, 10, 12, 15, 20):
        wrong, right = sum(n >= most for n in false), int((every >= most).sum())
        print(f"| {most} | {np.mean(every >= most):.1%} | {right / max(right + wrong, 1):.1%} | "
              f"{wrong} of {pairs} |")  # fmt: skip


if __name__ == "__main__":
    main()
