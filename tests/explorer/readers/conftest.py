"""Files as readers meet them, made of real ones where something must be wrong with them."""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from explorer.draft import Header, ImageDraft, Reading, Source
from explorer.errors import FileRefusedError
from explorer.readers.dicom import DicomReader


class Dicom:
    """Short ways through a `DicomReader`."""

    def source(self, path: Path, root: Path | None = None, referable: bool = True) -> Source:
        data = path.read_bytes()
        stat = path.stat()
        return Source(
            path=path,
            uri=str(path),
            relative=path.relative_to(root).as_posix() if root else path.name,
            referable=referable,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            sha256=hashlib.sha256(data).hexdigest(),
        )

    def groups(
        self, files: Path | Iterable[Path], referable: bool = True
    ) -> dict[str, list[Header]]:
        """Headers of all images below a folder, by group; other files are left out."""
        root = files if isinstance(files, Path) else None
        found: dict[str, list[Header]] = defaultdict(list)
        listed = sorted(files.rglob("*")) if isinstance(files, Path) else list(files)
        for path in listed:
            if not path.is_file():
                continue
            try:
                header = DicomReader().peek(self.source(path, root, referable))
            except FileRefusedError:
                continue
            if header is not None:
                found[header.group].append(header)
        return found

    def read(self, files: Path | Iterable[Path], referable: bool = True) -> Reading:
        """Read files that are one group."""
        (headers,) = self.groups(files, referable).values()
        reading = DicomReader().read(headers, [])
        assert sorted(one.uri for one in reading.statuses) == sorted(
            one.source.uri for one in headers
        )
        return reading

    def image(self, files: Path | Iterable[Path], referable: bool = True) -> ImageDraft:
        """Read files that are one image."""
        (draft,) = self.read(files, referable).drafts
        assert isinstance(draft, ImageDraft)
        return draft

    def edit(
        self,
        folder: Path,
        target: Path,
        change: Callable[[int, Any], None],
        take: Callable[[list[Any]], list[Any]] = lambda files: files,
    ) -> list[Path]:
        """Copy a series with its headers changed; ``change`` gets an index along z and a file."""
        target.mkdir(parents=True, exist_ok=True)
        files = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
        files = take(sorted(files, key=lambda file: float(file.ImagePositionPatient[2])))
        paths = []
        for index, file in enumerate(files):
            change(index, file)
            path = target / f"{index:04d}.dcm"
            file.save_as(path)
            paths.append(path)
        return paths


@pytest.fixture(scope="session")
def dicom() -> Dicom:
    return Dicom()


@pytest.fixture(scope="session")
def sts(shared_data: Path) -> Path:
    """The STS patients of TCIA's Soft-tissue-Sarcoma, cropped by IBSI."""
    return shared_data / "sts_ct_pet_mr_rtstruct"


class Nifti:
    """NIfTI files made for a test (synthetic)."""

    small = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    """(x, y, z)."""

    def save(self, path: Path, array: Any, affine: Any = None) -> Path:
        """Write ``(x, y, z)`` values; the affine is RAS."""
        ras = np.diag([-1.0, -2, 3, 1]) if affine is None else affine
        nib.save(nib.Nifti1Image(array, ras), path)
        return path

    def patch(self, path: Path, offset: int, layout: str, *numbers: Any) -> Path:
        """Overwrite fields of an uncompressed header."""
        data = bytearray(path.read_bytes())
        struct.pack_into(layout, data, offset, *numbers)
        path.write_bytes(data)
        return path


@pytest.fixture(scope="session")
def nifti() -> Nifti:
    return Nifti()


class Nrrd:
    """NRRD files written by hand for a test (synthetic)."""

    small = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    """(x, y, z)."""
    fields: ClassVar[dict[str, str]] = {
        "type": "short",
        "dimension": "3",
        "space": "left-posterior-superior",
        "sizes": "2 3 4",
        "space directions": "(1,0,0) (0,2,0) (0,0,3)",
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": "raw",
        "space origin": "(10,20,30)",
    }

    def write(self, path: Path, data: bytes | None = None, **fields: str | None) -> Path:
        """Write a file; a field of None is left out."""
        lines = ["NRRD0004"]
        for name, value in (
            self.fields | {k.replace("_", " "): v for k, v in fields.items()}
        ).items():
            if value is not None:
                lines.append(f"{name}: {value}")
        body = self.small.astype("<i2").tobytes("F") if data is None else data
        path.write_bytes("\n".join(lines).encode() + b"\n\n" + body)
        return path


@pytest.fixture(scope="session")
def nrrd_file() -> Nrrd:
    return Nrrd()


@pytest.fixture
def adc_files(shared_data: Path) -> list[Any]:
    """The real ADC series of PCAMPMRI-00001 (TCIA QIN-PROSTATE-Repeatability), by position."""
    folder = shared_data / "qin_prostate_pcampmri00001_adc_seg" / "ADC"
    images = [pydicom.dcmread(path) for path in folder.iterdir()]
    return sorted(images, key=lambda image: float(image.ImagePositionPatient[2]))


@pytest.fixture
def make_seg(adc_files: list[Any]) -> Callable[..., hd.seg.Segmentation]:
    """Makes a SEG with highdicom on the real ADC series; its masks are synthetic."""

    def make(pixels: Any, kind: str, **more: Any) -> hd.seg.Segmentation:
        for image in adc_files:  # highdicom is strict with both
            image.PatientName = "PCAMPMRI-00001^"
            image.ImageOrientationPatient = adc_files[0].ImageOrientationPatient
        count = pixels.shape[-1] if pixels.ndim == 4 else int(pixels.max())
        described = [
            hd.seg.SegmentDescription(
                number,
                "Lesion",
                codes.SCT.MorphologicallyAbnormalStructure,
                codes.SCT.Lesion,
                "MANUAL",
            )
            for number in range(1, count + 1)
        ]
        uids, maker = (hd.UID(), 1, hd.UID(), 1), ("maker", "model", "1", "1")
        return hd.seg.Segmentation(adc_files, pixels, kind, described, *uids, *maker, **more)

    return make
