"""DICOM SEG (PS3.3 A.51): masks that refer to the instances of their image's own series."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from explorer.errors import StoreError
from explorer.exports.dicom import copy_files
from explorer.exports.run import Run, software
from explorer.exports.subject import Subject
from explorer.image import Image
from explorer.privacy.scrub_dataset import mark
from explorer.segmentation import Segmentation

NO_CODE = ("unspecified", "99ONCOGRAPH", "Unspecified")
_MOST_BYTES = 512 << 20
_ALGORITHMS = ("MANUAL", "SEMIAUTOMATIC", "AUTOMATIC")


class DicomSegExporter:
    """Writes each segmentation of a DICOM image as SEG, its segments' codes and names in it.

    A mask whose image is no DICOM series, or whose files are gone, is left out with the reason:
    SEG has to name the instances that it lies on.
    """

    name = "dicom-seg"
    about = "DICOM SEG objects that refer to the source series"
    tables: Sequence[str] = ("segments", "facts", "events", "texts", "vectors", "observations",
                             "runs")  # fmt: skip

    def begin(self, run: Run) -> None:
        """Nothing is to be settled."""

    def write(self, run: Run, subject: Subject) -> None:
        """Write a patient's segmentations, and their images' series where that is asked for."""
        by_image: dict[str, list[Segmentation]] = {}
        for segmentation in subject.patient.segmentations.values():
            if segmentation.image is None:
                subject.leave(subject.id(segmentation.id), "its image is not known")
            else:
                by_image.setdefault(segmentation.image, []).append(segmentation)
        for name, held in by_image.items():
            image = subject.patient.images.get(name)
            with subject.trying(", ".join(subject.id(one.id) for one in held)):
                if image is None:
                    raise StoreError("its image is not in the store")
                place = f"{subject.name}/{subject.id(image.id)}"
                headers = self._headers(run, subject, image, place)
                for one in held:
                    with subject.trying(subject.id(one.id)):
                        self._segmentation(subject, one, image, headers)
        if not run.options.series:
            subject.leave_others("images")
        subject.leave_others("facts", "events", "texts", "vectors", "observations", "runs")

    def finish(self, run: Run) -> None:
        """Nothing speaks of all patients but the manifest."""

    def _headers(self, run: Run, subject: Subject, image: Image, place: str) -> list[Dataset]:
        """Headers of the image's slices in their order; of de-identified copies where asked."""
        rows = image.sources()
        slices = image.shape[0] if "z" in image.dims else 1
        if len(rows) != slices or not all(row["sop_uid"] for row in rows) or len(image.shape) > 3:
            raise StoreError(
                "its image is not one DICOM file a slice, and SEG names the instances of its image"
            )
        kept = run.options.series
        aside = Subject(subject.patient, subject.folder, subject.name, subject.called)
        aside.privacy = subject.privacy
        scratch = subject if kept else aside
        folder = place if kept else f".oncograph/headers/{subject.name}"
        copies = copy_files(scratch, rows, folder, subject.id(image.id))
        if len(copies) != len(rows):
            raise StoreError(f"its image: {scratch.left_out[-1]['reason']}")
        try:
            headers = [dcmread(path, stop_before_pixels=True) for path in copies]
        finally:
            if not kept:
                for path in copies:
                    path.unlink()
        return [_strict(one, headers[0]) for one in headers]

    def _segmentation(
        self, subject: Subject, segmentation: Segmentation, image: Image, headers: list[Dataset]
    ) -> None:
        rows = segmentation.segments
        shape = (len(headers), *image.shape[-2:])
        most = max(1, _MOST_BYTES // int(np.prod(shape)))
        groups = [rows[at : at + most] for at in range(0, len(rows), most)]
        for number, group in enumerate(groups, start=1):
            pixels = np.zeros((*shape, len(group)), bool)
            for k, row in enumerate(group):
                mask = np.asarray(segmentation.mask(row["name"]).values)
                pixels[..., k] = mask if mask.ndim == 3 else mask[None]
            made = self._make(subject, segmentation, group, pixels, headers, number)
            end = f"-{number}" if len(groups) > 1 else ""
            item = subject.id(segmentation.id)
            path = subject.path(f"{subject.name}/{item}/{item}{end}.dcm")
            made.save_as(path, enforce_file_format=True)
            names = [subject.segment(row) for row in group]
            subject.add(
                path, **subject.about(segmentation), segments=names, image=subject.id(image.id),
                resampled=not segmentation.on_grid_of(image) if "z" in image.dims else False,
            )  # fmt: skip

    def _make(
        self, subject: Subject, segmentation: Segmentation, rows: list[dict[str, Any]],
        pixels: Any, headers: list[Dataset], number: int,
    ) -> Dataset:  # fmt: skip
        import highdicom as hd

        described = [_describe(subject, k, row) for k, row in enumerate(rows, start=1)]
        commit = subject.patient.head.commit
        hidden = "" if subject.privacy is None else subject.privacy.pseudonym
        identity = f"{segmentation.id}/{commit}/{number}/{hidden}/{headers[0].SOPInstanceUID}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of empty masks, and of what the sources leave out
            made = hd.seg.Segmentation(
                headers, pixels, "BINARY", described, _uid(f"series/{identity}"), 300 + number,
                _uid(identity), 1, "oncograph", "oncograph", software().get("oncograph", "0"), "0",
                transfer_syntax_uid=ExplicitVRLittleEndian,
                series_description=subject.label(segmentation.name)[:64] or None,
            )  # fmt: skip
        if subject.privacy is not None:
            day = str(headers[0].get("StudyDate") or "")  # shifted, as all of the patient's
            for name in ("ContentDate", "InstanceCreationDate", "SeriesDate"):
                if name in made:
                    setattr(made, name, day)
            mark(made)
        return made


def _uid(identity: str) -> str:
    """The same for the same masks, of the root 2.25 (DICOM PS3.5 B.2)."""
    digest = hashlib.sha256(f"oncograph seg/{identity}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _describe(subject: Subject, number: int, row: dict[str, Any]) -> Any:
    import highdicom as hd

    code = (row["code_value"], row["code_scheme"], row["code_meaning"])
    kind = hd.sr.CodedConcept(*(code if all(code) else NO_CODE))
    algorithm = row["algorithm_type"] if row["algorithm_type"] in _ALGORITHMS else "SEMIAUTOMATIC"
    about = None
    if algorithm != "MANUAL":
        about = hd.AlgorithmIdentificationSequence(
            subject.label(row["algorithm_name"] or "") or "unknown",
            hd.sr.CodedConcept(*NO_CODE), "unknown",
        )  # fmt: skip
    return hd.seg.SegmentDescription(
        number, subject.segment(row)[:64], hd.sr.CodedConcept(*NO_CODE), kind, algorithm, about
    )


def _strict(header: Dataset, first: Dataset) -> Dataset:
    """A header as highdicom wants it: names with a caret, one orientation, nothing missing."""
    name = str(header.get("PatientName") or "")
    header.PatientName = name if "^" in name else f"{name}^"
    for keyword in ("PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
                    "AccessionNumber", "StudyID", "ReferringPhysicianName"):  # fmt: skip
        if keyword not in header:
            setattr(header, keyword, "")
    if "ImageOrientationPatient" in first and "ImageOrientationPatient" in header:
        gap = np.subtract(header.ImageOrientationPatient, first.ImageOrientationPatient)
        if np.abs(gap).max() < 1e-3:
            header.ImageOrientationPatient = first.ImageOrientationPatient
    return header
