"""Whole-slide images: DICOM SM, and TIFF pyramids such as Aperio's SVS."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from explorer.draft import FileStatus, Grid, Header, Reading, Source
from explorer.errors import FileRefusedError, FileSkippedError
from explorer.item_id import item_id
from explorer.readers.dicom_claim import claim_dicom
from explorer.readers.dicom_header import identity_text
from explorer.readers.dicom_identity import patient_hint as dicom_patient
from explorer.readers.dicom_values import iso_date, text
from explorer.readers.slide_process import slide_process
from explorer.readers.volume_names import patient_hint
from explorer.slide_draft import SlideDraft, SlideLevel

_SM = "1.2.840.10008.5.1.4.1.1.77.1.6"
_TAGS = (
    "PatientID", "IssuerOfPatientID", "PatientSex", "PatientBirthDate", "StudyInstanceUID",
    "SeriesInstanceUID", "SOPInstanceUID", "SeriesDescription", "ImageType", "StudyDate",
    "SeriesDate", "AcquisitionDate", "Manufacturer", "ManufacturerModelName", "Modality",
    "SOPClassUID",
)  # fmt: skip
_OURS = (".svs", ".ndpi", ".scn", ".bif")
_TIFF = (*_OURS, ".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_PIXELS = 1 << 40
_MOST_LEVELS = 64


class SlideReader:
    """Reads whole-slide images: levels by reference, a thumbnail copied.

    Pictures of a slide's label and of the whole glass are not taken: they may show a name.
    """

    name = "slide"

    def peek(self, source: Source) -> Header | None:
        """Claim DICOM slides by their SOP class, TIFF files that are tiled or called a slide's.

        Raises
        ------
        FileRefusedError
            The header cannot be taken.
        FileSkippedError
            It is the picture of a label, or of the whole glass.
        """
        if source.path.name.lower().endswith(_TIFF):
            with source.path.open("rb") as file:
                if file.read(4) in _MAGIC:
                    return self._peek_tiff(source)
        dataset = claim_dicom(source.path, (_SM,), "SM", _TAGS)
        return None if dataset is None else self._peek_dicom(source, dataset)

    def _peek_tiff(self, source: Source) -> Header | None:
        _check_referable(source)
        named = source.path.name.lower().endswith(_OURS)
        try:
            info = slide_process().info("tiff", [source.path])
        except FileRefusedError:
            if named:
                raise
            return None
        if not (named or info["tiled"]):
            return None
        hint = patient_hint(source)
        return Header(
            source, self.name, "slide", f"{self.name}:{source.uri}", hint,
            detail={"kind": "tiff"}, note=hint.note,
        )  # fmt: skip

    def _peek_dicom(self, source: Source, dataset: Any) -> Header:
        kinds = [str(one).upper() for one in dataset.get("ImageType") or ()]
        if {"LABEL", "OVERVIEW"} & set(kinds):
            raise FileSkippedError(
                "The picture of a slide's label or of the whole glass may show a name: not taken"
            )
        _check_referable(source)
        series = identity_text(dataset, "SeriesInstanceUID")
        hint = dicom_patient(dataset)
        detail = {
            "kind": "dicom",
            "series": series,
            "study": identity_text(dataset, "StudyInstanceUID"),
            "name": text(dataset, "SeriesDescription"),
            "acquired": next(
                (
                    date
                    for tag in ("AcquisitionDate", "SeriesDate", "StudyDate")
                    if (date := iso_date(dataset, tag))
                ),
                None,
            ),
            "vendor": text(dataset, "Manufacturer"),
        }
        group = f"{self.name}:{series or source.uri}"
        return Header(
            source, self.name, "slide", group, hint, detail["study"], detail, note=hint.note
        )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn the files of a slide into one item."""
        ordered = sorted(headers, key=lambda one: one.source.uri)
        try:
            draft = _draft(ordered)
        except FileRefusedError as error:
            reason = error.message
            return Reading([], [FileStatus(h.source.uri, "refused", reason) for h in headers])
        told = "; ".join(draft.problems) or None
        statuses = [FileStatus(h.source.uri, "referenced", told, draft.item) for h in headers]
        return Reading([draft], statuses)


def _check_referable(source: Source) -> None:
    if source.tag is not None:
        raise FileRefusedError("A slide is read from its own file", do="download it from S3")
    if not source.referable:
        raise FileRefusedError(
            "A slide's pyramid stays in its file, and this one lies in an archive",
            do="unpack the archive, and ingest the folder",
        )


def _draft(headers: list[Header]) -> SlideDraft:
    first, detail = headers[0].source, headers[0].detail
    kind = detail["kind"]
    paths: list[Path] = [header.source.path for header in headers]
    info = slide_process().info(kind, paths)
    levels, problems = _levels(info["levels"])
    name = detail.get("name") or PurePosixPath(first.path.name).stem
    return SlideDraft(
        item=item_id("sm", detail.get("series") or first.relative),
        name=name,
        reader=SlideReader.name,
        levels=levels,
        thumbnail=lambda: slide_process().thumbnail(kind, paths),
        sources=[header.source for header in headers],
        acquired=detail.get("acquired"),
        problems=problems,
        meta={
            "format": kind,
            "vendor": detail.get("vendor") or info["vendor"],
            "magnification": info["magnification"],
            "study_uid": detail.get("study"),
            "series_uid": detail.get("series"),
        },
    )


def _levels(said: list[dict[str, Any]]) -> tuple[list[SlideLevel], list[str]]:
    sizes = [(int(one["shape"][0]), int(one["shape"][1])) for one in said]
    if not sizes or len(sizes) > _MOST_LEVELS or min(min(one) for one in sizes) < 1:
        raise FileRefusedError(f"The slide has the levels {sizes[:8]}")
    rows, columns = sizes[0]
    if rows * columns > _MOST_PIXELS:
        raise FileRefusedError(f"The slide claims {rows} x {columns} pixels")
    problems = [] if said[0]["mpp"] else ["micrometres a pixel are not known"]
    levels = []
    for one, (height, width) in zip(said, sizes, strict=True):
        scale = rows / height, columns / width
        mpp = one["mpp"] or said[0]["mpp"]
        finer = (1.0, 1.0) if one["mpp"] else scale
        resolved = (mpp[0] * finer[0], mpp[1] * finer[1]) if mpp else None
        levels.append(SlideLevel((height, width), sum(scale) / 2, resolved))
    return levels, problems
