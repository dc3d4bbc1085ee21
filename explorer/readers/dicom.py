"""Read DICOM images: CT, MR, PET, CR, DX and mammography, classic and enhanced multi-frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from pydicom.dataset import Dataset

from explorer.draft import FileStatus, Grid, Header, Reading, Source
from explorer.readers.dicom_header import TAGS, identity_text, read_instance
from explorer.readers.dicom_identity import patient_hint
from explorer.readers.dicom_instance import Instance
from explorer.readers.dicom_kind import Kind, image_kind
from explorer.readers.dicom_parse import parse_dicom
from explorer.readers.dicom_series import read_series
from explorer.readers.dicom_values import integer, quiet, text, value


class DicomReader:
    """Reader of DICOM images (a `explorer.readers.reader.Reader`).

    Headers are parsed in this process by pydicom, bounded; compressed pixels are decoded in a
    guarded child process.
    """

    name = "dicom"

    def peek(self, source: Source) -> Header | None:
        """Look at one file's header.

        Returns
        -------
        Header or None
            None where the file is not DICOM, or is a segmentation or a structure set.

        Raises
        ------
        FileRefusedError
            It is DICOM of a kind that is not read yet, or it is broken.
        """
        with quiet():
            parsed = parse_dicom(source.path, TAGS)
            if parsed is None:
                return None
            kind = image_kind(parsed.dataset)
            if kind is None:
                return None
            identity, group, note = _series(parsed.dataset, kind, source)
            instance = read_instance(parsed, kind, identity)
            patient = patient_hint(parsed.dataset)
            notes = [part for part in (note, patient.note, kind.note) if part]
            return Header(
                source=source,
                reader=self.name,
                kind="image",
                group=group,
                patient=patient,
                study=identity_text(parsed.dataset, "StudyInstanceUID"),
                detail={"instance": instance},
                note="; ".join(notes) or None,
            )

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Turn the files of one series into images; `grids` are of no use here."""
        usable: list[tuple[Header, Instance]] = []
        statuses: list[FileStatus] = []
        for header in headers:
            instance = header.detail.get("instance")
            if isinstance(instance, Instance):
                usable.append((header, instance))
            else:
                reason = "the header was not made by this reader"
                statuses.append(FileStatus(header.source.uri, "refused", reason))
        reading = read_series(usable)
        return replace(reading, statuses=statuses + reading.statuses)


def _series(dataset: Dataset, kind: Kind, source: Source) -> tuple[str, str, str | None]:
    """Name the series: its identity, its group of files, and a remark where both are made up."""
    uid = identity_text(dataset, "SeriesInstanceUID")
    if uid is not None:
        return uid, f"dicom:{uid}", None
    said = text(dataset, "SeriesInstanceUID", 1)
    orientation = value(dataset, "ImageOrientationPatient") or []
    try:
        axes = ",".join(f"{float(one):.2f}" for one in orientation)
    except (TypeError, ValueError):
        axes = ""
    parts = [
        identity_text(dataset, "StudyInstanceUID") or "",
        kind.modality,
        str(integer(dataset, "SeriesNumber")),
        text(dataset, "SeriesDescription") or "",
        f"{integer(dataset, 'Rows')}x{integer(dataset, 'Columns')}",
        axes,
    ]
    folder = str(PurePosixPath(source.relative).parent)
    identity = "\x1f".join(["made-up", folder, *parts])
    whole = str(PurePosixPath(source.uri.replace("\\", "/")).parent)
    note = (
        f"SeriesInstanceUID is {'too long to be one' if said else 'empty'}: the series is made up "
        "of the folder, study, series number, description, size and orientation"
    )
    return identity, "dicom:" + "\x1f".join(["made-up", whole, *parts]), note
