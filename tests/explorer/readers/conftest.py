"""DICOM files as readers meet them, made of real ones where something must be wrong with them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pydicom
import pytest

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
