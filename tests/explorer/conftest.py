"""A store in a temporary folder, and small synthetic drafts to put into it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

import explorer
from explorer.anchor import Anchor
from explorer.draft import FrameRef, ImageDraft, SegmentationDraft, SegmentDraft, Source
from explorer.records_draft import RecordsDraft
from explorer.source_tree import source_tree

Rows = Mapping[str, Sequence[dict[str, Any]]]
Make = Callable[..., explorer.Store]


class Drafts:
    """Makes synthetic items; source files lie in one folder, which is a root of the store.

    Parameters
    ----------
    folder : pathlib.Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def source(self, name: str, content: bytes, folder: Path | None = None) -> Source:
        """Write a file, and say of it what ingest would."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        about = path.stat()
        digest = hashlib.sha256(content).hexdigest()
        return Source(path, str(path), name, True, about.st_size, about.st_mtime_ns, digest)

    def image(
        self,
        values: NDArray[Any] | None = None,
        item: str = "ct-00000001",
        *,
        file: str = "slices.raw",
        folder: Path | None = None,
        **fields: Any,
    ) -> ImageDraft:
        """An image whose stored values lie in one raw file after a header of 16 bytes."""
        stored = np.arange(24, dtype=np.int16).reshape(2, 3, 4) if values is None else values
        source = self.source(file, b"synthetic header" + stored.tobytes(), folder)
        size = stored[(0,) * (stored.ndim - 2)].nbytes
        count = stored.nbytes // size
        frames = [FrameRef(source.uri, 16 + k * size, size) for k in range(count)]
        given: dict[str, Any] = {
            "modality": "CT",
            "name": "made up",
            "dims": ("t", "z", "y", "x")[-stored.ndim :],
            "affine": np.diag([1.0, 1.0, 2.0, 1.0]),
            "units": "HU",
            "frames": frames,
            "bits_stored": stored.dtype.itemsize * 8,
            "synthetic": True,
            **fields,
        }
        return ImageDraft(
            item=item,
            shape=stored.shape,
            dtype=stored.dtype,
            load=lambda: stored,
            sources=[source],
            **given,
        )

    def segmentation(
        self,
        masks: dict[str, NDArray[Any]] | None = None,
        item: str = "seg-00000001",
        **fields: Any,
    ) -> SegmentationDraft:
        """A segmentation on the grid of `image`, a segment for each name."""
        chosen = {"lesion": np.arange(24).reshape(2, 3, 4) % 5 == 0} if masks is None else masks
        arrays = list(chosen.values())
        given: dict[str, Any] = {
            "modality": "SEG",
            "name": "made up",
            "affine": np.diag([1.0, 1.0, 2.0, 1.0]),
            "image": "ct-00000001",
            "image_reason": "made for it",
            "synthetic": True,
            "segments": [SegmentDraft(n, name) for n, name in enumerate(chosen, start=1)],
            **fields,
        }
        return SegmentationDraft(
            item=item,
            shape=arrays[0].shape,
            load=lambda index: arrays[index],
            sources=[self.source(f"{item}.raw", b"synthetic")],
            **given,
        )

    def file_row(self, draft: ImageDraft | SegmentationDraft, status: str) -> dict[str, Any]:
        """The status row that ingest would keep of a draft's one file."""
        source = draft.sources[0]
        return {
            "uri": source.uri, "root": str(self.folder), "status": status, "item": draft.item,
            "reason": None, "position": 0, "sop_uid": None, "size": source.size,
            "mtime_ns": source.mtime_ns, "sha256": source.sha256,
        }  # fmt: skip


@pytest.fixture(scope="session")
def ct_slices() -> Callable[..., Path]:
    """``ct_slices(folder, patient="SYN-1", value=1024, issuer=None)``: three CT slices.

    Synthetic; 4 x 5 pixels of 2 x 1 mm, 3 mm apart; slice k holds ``value + k``, in HU less 1024.
    """

    def make(
        folder: Path, patient: str = "SYN-1", value: int = 1024, issuer: str | None = None
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        study = f"1.2.{int(hashlib.sha256(f'{patient}/{issuer}'.encode()).hexdigest()[:8], 16)}"
        for k in range(3):
            ds = pydicom.Dataset()
            ds.file_meta = pydicom.dataset.FileMetaDataset()
            ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
            ds.StudyInstanceUID, ds.SeriesInstanceUID = study, f"{study}.1"
            ds.SOPInstanceUID, ds.FrameOfReferenceUID = f"{study}.1.{k + 1}", f"{study}.2"
            ds.PatientID, ds.PatientName = patient, "Synthetic^Anna"
            if issuer is not None:
                ds.IssuerOfPatientID = issuer
            ds.Modality, ds.SeriesDescription = "CT", "synthetic"
            ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20190301"
            ds.ImagePositionPatient = [0, 0, 3 * k]
            ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            ds.PixelSpacing, ds.SliceThickness = [2, 1], 3
            ds.Rows, ds.Columns, ds.SamplesPerPixel = 4, 5, 1
            ds.PhotometricInterpretation = "MONOCHROME2"
            ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
            ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
            ds.PixelData = np.full((4, 5), value + k, np.uint16).tobytes()
            ds.save_as(folder / f"{k}.dcm", enforce_file_format=True)
        return folder

    return make


@pytest.fixture
def store(tmp_path: Path) -> explorer.Store:
    """An empty store."""
    return explorer.open(tmp_path / "patients.onco", create=True)


@pytest.fixture
def drafts(store: explorer.Store, tmp_path: Path) -> Drafts:
    """A maker of synthetic drafts whose source folder the store knows."""
    folder = tmp_path / "sources"
    folder.mkdir()
    source_tree(store, folder)
    return Drafts(folder)


@pytest.fixture
def put(store: explorer.Store, drafts: Drafts) -> Callable[..., explorer.Patient]:
    """``put("Anna", draft, ...)``: one transaction with file rows, then the patient."""

    def step(name: str, *made: Any, copy: bool = False, issuer: str = "local") -> explorer.Patient:
        with store.transaction("synthetic data") as t:
            key = t.patient(name, issuer)
            for draft in made:
                storage = t.put(key, draft, copy=copy)
                status = "referenced" if storage == "referenced" else "ingested"
                t.put_files(key, [drafts.file_row(draft, status)])
        return store[key]

    return step


@pytest.fixture(scope="session")
def drafts_in() -> Callable[[explorer.Store, Path], Drafts]:
    """``drafts_in(store, folder)``: the same as `drafts`, for a store of a wider scope."""

    def make(store: explorer.Store, folder: Path) -> Drafts:
        source_tree(store, folder)
        return Drafts(folder)

    return make


@pytest.fixture(scope="session")
def hostile(shared_data: Path) -> list[str]:
    """The big list of naughty strings, and some that aim at this package."""
    import json

    listed = json.loads((shared_data / "injection" / "blns.json").read_text("utf-8"))
    return [*listed, *HOSTILE]


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</td></table><iframe src=javascript:alert(1)>",
    "'; drop table items; --",
    "' OR '1'='1",
    "[bold red]markup[/bold red] [link=file:///etc/passwd]x[/link]",
    "\x1b[2J\x1b]0;title\x07",
    "../../etc/passwd",
    "{{7*7}} ${7*7} %s %n",
    "=cmd|' /C calc'!A0",
    "a\u202eb\u0000c",
]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Commit patients by name: tables with rows; time zero is a diagnosis without a date."""

    def made(patients: Mapping[str, Rows], kind: str | None = "diagnosis") -> explorer.Store:
        store = explorer.open(tmp_path / "made.onco", create=True)
        source = Source(Path("t.csv"), "/data/t.csv", "t.csv", True, 1, 1, "0" * 64)
        with store.transaction("synthetic") as t:
            for name, rows in patients.items():
                key = t.patient(name, synthetic=True)
                if kind:
                    t.set_anchor(key, Anchor(None, kind, "made up"))
                tables = {
                    table: [{"day_from": kind, "state": "present", **row} for row in some]
                    for table, some in rows.items()
                }
                draft = RecordsDraft("table-00000001", "t.csv", [source], synthetic=True, **tables)
                t.put_records(key, draft)
        return store

    return made
