"""What the benchmarks run on: a real chest CT, and a larger synthetic one made from it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_rescale
from pydicom.uid import generate_uid

from explorer.image import Image
from explorer.ingest import ingest
from explorer.store import Store

REAL = "TCGA-34-2605"
SYNTHETIC = "SYNTHETIC-CT"


@dataclass(frozen=True)
class Volume:
    """One CT as a DICOM series, as NIfTI files, and in a store by reference and copied.

    Attributes
    ----------
    title : str
        For the table; says whether it is synthetic.
    patient : str
    series : pathlib.Path
        Folder of the DICOM files.
    nifti, nifti_gz : pathlib.Path
        The same values, int16, HU, by nibabel.
    referenced, copied : pathlib.Path
        Stores.
    shape : tuple of int
        ``(z, y, x)``.
    """

    title: str
    patient: str
    series: Path
    nifti: Path
    nifti_gz: Path
    referenced: Path
    copied: Path
    shape: tuple[int, ...]

    def image(self, copied: bool) -> Image:
        """The image, from a store that is opened anew."""
        patient = Store(self.copied if copied else self.referenced)[self.patient]
        return next(iter(patient.images.values()))


def pydicom_volume(series: Path) -> NDArray[np.int16]:
    """Read a CT series with pydicom, without detours: ``(z, y, x)``, int16, HU, by position."""
    slices = _slices(series)
    first = slices[0]
    out = np.empty((len(slices), first.Rows, first.Columns), np.int16)
    for number, dataset in enumerate(slices):
        out[number] = dataset.pixel_array
    if any(float(dataset.RescaleSlope) != 1 for dataset in slices):
        raise ValueError("this series needs float32")
    out += np.int16(first.RescaleIntercept)
    return out


def pydicom_rescaled(series: Path) -> NDArray[np.int16]:
    """The same as pydicom's documentation has it: `apply_rescale` on each slice, then int16."""
    slices = _slices(series)
    return np.stack([apply_rescale(d.pixel_array, d) for d in slices]).astype(np.int16)


def _slices(series: Path) -> list[pydicom.Dataset]:
    slices = [pydicom.dcmread(file) for file in series.glob("*.dcm")]
    return sorted(slices, key=lambda dataset: float(dataset.ImagePositionPatient[2]))


def make(data: Path, place: Path) -> list[Volume]:
    """Unpack the real CT, make the synthetic one from it, and ingest both, in both modes."""
    real = place / "real"
    unpack_real(data, real)
    synthetic = place / "synthetic"
    synthesise(real, synthetic)
    return [
        _volume("real, {shape}", REAL, real, place),
        _volume("synthetic, {shape}", SYNTHETIC, synthetic, place),
    ]


def make_large(data: Path, place: Path) -> Volume:
    """Only the synthetic one, 300 x 512 x 512."""
    unpack_real(data, place / "real")
    synthesise(place / "real", place / "synthetic")
    return _volume("synthetic, {shape}", SYNTHETIC, place / "synthetic", place)


def find(data: Path, name: str) -> Path | None:
    """A file of this name below the data folder."""
    return next(iter(sorted(data.rglob(name))), None)


def unpack_real(data: Path, target: Path) -> None:
    """Write the DICOM files of the real CT into a folder."""
    target.mkdir()
    for path in sorted(data.rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".dcm")]
            if not names:
                continue
            first = pydicom.dcmread(io.BytesIO(archive.read(names[0])), stop_before_pixels=True)
            if first.get("PatientID") != REAL:
                continue
            for name in names:
                (target / Path(name).name).write_bytes(archive.read(name))
            return
    raise SystemExit(f"No zip of DICOM files of {REAL} below {data}; see benchmarks/README.md")


def synthesise(real: Path, target: Path, slices: int = 300) -> None:
    """Make a larger series of a real one: interpolated along z, with noise of 10 HU."""
    target.mkdir()
    volume = pydicom_volume(real).astype(np.float32)
    template = pydicom.dcmread(min(real.glob("*.dcm")))
    rng = np.random.default_rng(0)
    template.PatientID = SYNTHETIC
    template.SeriesInstanceUID = generate_uid(entropy_srcs=["oncograph benchmark"])
    origin = [float(v) for v in template.ImagePositionPatient]
    for number, at in enumerate(np.linspace(0, len(volume) - 1, slices)):
        below = min(int(at), len(volume) - 2)
        plane = volume[below] + (at - below) * (volume[below + 1] - volume[below])
        plane += rng.normal(0, 10, plane.shape).astype(np.float32)
        stored = np.rint(plane - float(template.RescaleIntercept)).clip(0, 4095)
        template.PixelData = stored.astype(np.int16).tobytes()
        template.SOPInstanceUID = generate_uid(entropy_srcs=[f"oncograph benchmark {number}"])
        template.file_meta.MediaStorageSOPInstanceUID = template.SOPInstanceUID
        template.InstanceNumber = number + 1
        template.ImagePositionPatient = [origin[0], origin[1], origin[2] + number]
        template.SliceLocation = origin[2] + number
        template.SliceThickness = 1
        template.save_as(target / f"{number:04}.dcm")


def _volume(title: str, patient: str, series: Path, place: Path) -> Volume:
    referenced, copied = place / f"{patient}-r.onco", place / f"{patient}-c.onco"
    ingest(series, referenced)
    ingest(series, copied, copy=True)
    values = pydicom_volume(series)
    image = next(iter(Store(referenced)[patient].images.values()))
    if image.storage != "referenced" or not np.array_equal(image.data.values, values):
        raise ValueError(f"{patient}: the store and pydicom do not agree")
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
    nifti = nib.Nifti1Image(values.transpose(2, 1, 0), affine)  # type: ignore[no-untyped-call]
    paths = place / f"{patient}.nii", place / f"{patient}.nii.gz"
    for path in paths:
        nib.save(nifti, path)
    shape = "x".join(str(n) for n in values.shape)
    return Volume(
        title.format(shape=shape), patient, series, *paths, referenced, copied, values.shape
    )
