"""Made-up patients: a thorax with whatever lesions a test plants; a patient of several visits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import explorer
from explorer.draft import Code, ImageDraft, SegmentationDraft, SegmentDraft
from explorer.ingest import ingest
from explorer.patient import Patient
from explorer.records_draft import RecordsDraft
from explorer.sample import lidc_ratings, lidc_segmentation, sample_zips
from explorer.sample_tables import sample_tables
from explorer.store import Store, open_store

Mask = NDArray[np.bool_]
_AFFINE = np.diag([2.0, 2.0, 3.0, 1.0])
_AFFINE[:3, 3] = (-80.0, -60.0, 0.0)
_SHAPE = (24, 60, 80)


class Thorax:
    """Masks and values on one grid: ``(z, y, x)``, voxels of 3 x 2 x 2 mm, x = 0 the midline."""

    affine = _AFFINE
    shape = _SHAPE

    def __init__(self) -> None:
        body = self.ellipsoid((36, 0, 0), (70, 50, 1e4))
        right = self.ellipsoid((36, 0, -30), (20, 30, 30))
        left = self.ellipsoid((36, 0, 30), (20, 30, 30))
        heart = self.ellipsoid((36, -20, 0), (12, 15, 20)) & ~right & ~left
        self.organs: dict[str, Mask] = {"lung_right": right, "lung_left": left, "heart": heart}
        self.values = np.full(_SHAPE, -1000, np.int16)
        self.values[body] = 40
        self.values[right | left] = -850

    def ellipsoid(
        self, middle: tuple[float, float, float], radii: tuple[float, float, float]
    ) -> Mask:
        """Voxels whose centres are in: `middle` ``(z, y, x)`` and `radii` ``(x, y, z)`` in mm."""
        z, y, x = (
            np.arange(n) * step + start
            for n, step, start in zip(_SHAPE, (3, 2, 2), (0, -60, -80), strict=True)
        )
        far = (
            ((z[:, None, None] - middle[0]) / radii[2]) ** 2
            + ((y[:, None] - middle[1]) / radii[1]) ** 2
            + ((x - middle[2]) / radii[0]) ** 2
        )
        return np.asarray(far <= 1)


@pytest.fixture(scope="session")
def thorax() -> Thorax:
    """The phantom."""
    return Thorax()


@pytest.fixture
def outlined(tmp_path: Path, thorax: Thorax) -> Callable[..., Patient]:
    """Puts a patient with the phantom's CT and segmentations into a store of its own."""
    store = open_store(tmp_path / "outlined.onco", create=True)

    def make(
        label: str,
        *masks: dict[str, Mask],
        values: NDArray[Any] | None = None,
        codes: dict[str, Code] | None = None,
        **fields: Any,
    ) -> Patient:
        seen = thorax.values if values is None else values
        given = {"modality": "CT", "units": "HU", "acquired": "2020-01-01", "name": "made up"}
        image = ImageDraft(
            item="ct-1", dims=("z", "y", "x"), shape=seen.shape, dtype=seen.dtype,
            affine=_AFFINE, load=lambda: seen, sources=[], synthetic=True, **(given | fields),
        )  # fmt: skip
        with store.transaction("made up") as t:
            key = t.patient(label, synthetic=True)
            t.put(key, image, copy=True)
            for k, one in enumerate(masks):
                names = list(one)
                segments = [
                    SegmentDraft(i + 1, n, (codes or {}).get(n)) for i, n in enumerate(names)
                ]
                draft = SegmentationDraft(
                    item=f"seg-{k + 1}", modality="SEG", name="made up", segments=segments,
                    shape=_SHAPE, affine=_AFFINE, load=lambda i, o=one, n=names: o[n[i]],
                    sources=[], image="ct-1", image_reason="made so", synthetic=True,
                )  # fmt: skip
                t.put(key, draft)
        return store[label]

    return make


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``untouched("STS_002")``: the folder of a store with one bundled real patient; only read."""
    folder = tmp_path_factory.mktemp("bundled")
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            (archive,) = [path for path in sample_zips() if path.stem == name]
            shutil.unpack_archive(archive, folder / name)
            made[name] = folder / f"{name}.onco"
            ingest(folder / name, open_store(made[name], create=True), copy=True)
        return made[name]

    return make


@pytest.fixture(scope="module")
def bundled(
    untouched: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Store]:
    """``bundled("STS_002")``: a store with one bundled real patient; write into it freely.

    A module has a copy of its own: what one writes would be there for whichever module comes next.
    """
    folder = tmp_path_factory.mktemp("of-a-module")

    def make(name: str) -> Store:
        if not (folder / name).exists():
            shutil.copytree(untouched(name), folder / name)
        return open_store(folder / name)

    return make


@pytest.fixture(scope="module")
def lidc(bundled: Callable[[str], Store], tmp_path_factory: pytest.TempPathFactory) -> Store:
    """LIDC-IDRI-0314 with the outlines and ratings of its four readers, as in the demo's store."""
    store = bundled("LIDC-IDRI-0314")
    (archive,) = [path for path in sample_zips() if path.stem == "LIDC-IDRI-0314"]
    folder = tmp_path_factory.mktemp("lidc")
    shutil.unpack_archive(archive, folder)
    patient = store["LIDC-IDRI-0314"]
    grid = patient.images["CT"].grid
    assert grid is not None
    with store.transaction("four readers") as t:
        t.put(patient.key, lidc_segmentation(folder, grid))
        t.add_facts(patient.key, lidc_ratings(folder))
    return store


VISIT_SHAPE = (30, 80, 80)


def ball(center: tuple[float, float, float], radius: float) -> NDArray[np.bool_]:
    """A ball of `radius` mm about a voxel ``(z, y, x)``, on voxels of 1 mm."""
    at = np.indices(VISIT_SHAPE, dtype=float)
    far = sum((at[k] - center[k]) ** 2 for k in range(3))
    return np.asarray(far <= radius**2)


@dataclass
class Visit:
    """One examination: ``masks`` by name, the report's text, the image's fields."""

    date: str | None
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    text: str = ""
    values: NDArray[Any] | None = None
    modality: str = "CT"
    body_part: str | None = "CHEST"
    name: str = "made up"
    frame: str | None = "1.2.3"
    tracking: Mapping[str, str] = field(default_factory=dict)


def visit_affine() -> NDArray[np.float64]:
    """Voxels of 1 mm; x = 0 lies in the middle of 80 columns."""
    affine = np.eye(4)
    affine[:3, 3] = (-40.0, -40.0, 0.0)
    return affine


class Visits:
    """Puts synthetic patients of several visits into one store."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder / "visits.onco", create=True)

    def patient(self, label: str, visits: Sequence[Visit]) -> Patient:
        """A patient with images ``img-0``, ``img-1``, ..., ``seg-0``, ... and ``r-0``, ..."""
        with self.store.transaction("made up") as t:
            key = t.patient(label, synthetic=True)
            for n, visit in enumerate(visits):
                t.put(key, self._image(n, visit), copy=True)
                if visit.masks:
                    t.put(key, self._masks(n, visit), copy=True)
                rows = [
                    {"name": "Tracking", "target": f"segmentations/seg-{n}#label={name}",
                     "group_uid": uid}
                    for name, uid in visit.tracking.items()
                ]  # fmt: skip
                if rows:
                    t.put_records(key, RecordsDraft(f"sr-{n}", "made up", [], observations=rows))
                if visit.text:
                    t.add_text(key, f"r-{n}", visit.text, date=visit.date, synthetic=True)
        return self.store[label]

    def _image(self, n: int, visit: Visit) -> ImageDraft:
        values = np.zeros(VISIT_SHAPE, np.int16) if visit.values is None else visit.values
        return ImageDraft(
            item=f"img-{n}", modality=visit.modality, name=visit.name, dims=("z", "y", "x"),
            shape=values.shape, dtype=values.dtype, affine=visit_affine(), load=lambda: values,
            sources=[], units="HU", bits_stored=16, acquired=visit.date, synthetic=True,
            frame_of_reference=visit.frame, meta={"body_part": visit.body_part},
        )  # fmt: skip

    def _masks(self, n: int, visit: Visit) -> SegmentationDraft:
        names = list(visit.masks)
        return SegmentationDraft(
            item=f"seg-{n}", modality="SEG", name="lesions", shape=VISIT_SHAPE,
            segments=[SegmentDraft(k + 1, name) for k, name in enumerate(names)],
            affine=visit_affine(), load=lambda k: visit.masks[names[k]], sources=[],
            image=f"img-{n}", image_reason="made so", synthetic=True, acquired=visit.date,
            frame_of_reference=visit.frame,
        )  # fmt: skip


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    """Makes synthetic patients in one store."""
    return Visits(tmp_path_factory.mktemp("visits"))


@pytest.fixture(scope="session")
def visit() -> Callable[..., Visit]:
    """``visit(date, masks, text, ...)``."""
    return Visit


@pytest.fixture(scope="session")
def ball_at() -> Callable[[tuple[float, float, float], float], NDArray[np.bool_]]:
    """``ball_at((z, y, x), radius_mm)`` on the grid of the visits."""
    return ball


@pytest.fixture(scope="session")
def tcga(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Store]:
    """Every 40th of the 11,081 real patients: the table by pandas, and the store."""
    folder = tmp_path_factory.mktemp("tcga")
    table = sample_tables()["tcga_clinical"] / "clinical_data.tsv.gz"
    data = pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False).iloc[::40]
    (folder / "files").mkdir()
    data.to_csv(folder / "files" / "clinical_data.tsv", sep="\t", index=False)
    ingest(folder / "files", folder / "tcga.onco")
    frame = pd.read_csv(folder / "files" / "clinical_data.tsv", sep="\t").set_index("submitter_id")
    return frame, explorer.open(folder / "tcga.onco")
