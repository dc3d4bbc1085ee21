"""The two volumes that are compared on: a real chest CT, and a larger one that is synthetic."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

REAL = "TCGA-34-2605"


def real_ct(data: Path, folder: Path) -> Path:
    """Find TCGA-34-2605's CT below `data`, in files or in a zip; unpack it into `folder`."""
    for candidate in sorted(data.rglob("*.zip")):
        if REAL in candidate.name or "34_2605" in str(candidate):
            with zipfile.ZipFile(candidate) as archive:
                names = [name for name in archive.namelist() if name.endswith(".dcm")]
                for number, name in enumerate(sorted(names)):
                    (folder / f"{number:04}.dcm").write_bytes(archive.read(name))
            return folder
    for first in sorted(data.rglob("*.dcm")):
        header = pydicom.dcmread(first, stop_before_pixels=True, specific_tags=["PatientID"])
        if header.get("PatientID") == REAL:
            return first.parent
    raise SystemExit(f"No CT of {REAL} below {data}; see benchmarks/README.md")


def _slices(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Smooth noise of CT's range, 512 x 512 int16; neighbouring slices are alike, as in a body."""
    coarse = rng.normal(0, 1, (16, 16))
    for _ in range(300):
        coarse = 0.95 * coarse + 0.3 * rng.normal(0, 1, (16, 16))
        plane = np.kron(coarse, np.ones((32, 32))) * 200 + rng.normal(0, 12, (512, 512))
        yield np.clip(plane, -1024, 3000).astype(np.int16)


def synthetic_ct(folder: Path) -> Path:
    """Write a synthetic CT of 300 x 512 x 512 int16 (157 MB) as a DICOM series."""
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    for number, plane in enumerate(_slices(np.random.default_rng(0))):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        dataset.SOPClassUID, dataset.SOPInstanceUID = (
            CTImageStorage,
            meta.MediaStorageSOPInstanceUID,
        )
        dataset.PatientID, dataset.PatientName, dataset.Modality = "SYNTHETIC", "SYNTHETIC", "CT"
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
        dataset.FrameOfReferenceUID, dataset.InstanceNumber = frame, number + 1
        dataset.StudyDate, dataset.SeriesDescription = "20000101", "synthetic"
        dataset.ImagePositionPatient = [-180.0, -180.0, float(number)]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.PixelSpacing, dataset.SliceThickness = [0.7, 0.7], 1.0
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 512, 512, 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
        dataset.PixelRepresentation = 0
        dataset.RescaleIntercept, dataset.RescaleSlope = -1024, 1
        dataset.PixelData = (plane + 1024).astype("<u2").tobytes()
        dataset.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
    return folder
