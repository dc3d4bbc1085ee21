"""NIfTI and CSV: images, a mask a segment, and the records as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from explorer.exports.mask_files import image_note, write_masks
from explorer.exports.run import Run
from explorer.exports.subject import Subject
from explorer.exports.told_tables import OPEN, write_csv, write_tables
from explorer.exports.write_nifti import image_values, write_nifti
from explorer.image import Image

ITEMS = ("patient", "kind", "file", "item", "image_file", "modality", "units", "name", "acquired",
         "segment", "number", "code_value", "code_scheme", "code_meaning", "algorithm_type",
         "resampled", "synthetic")  # fmt: skip


class NiftiCsvExporter:
    """Writes ``items.csv``, ``facts.csv``, ... and a folder of NIfTI files a patient."""

    name = "nifti-csv"
    about = "NIfTI files, items.csv that lists them, records as CSV"
    tables: Sequence[str] = ("segments", "runs", *OPEN)

    def begin(self, run: Run) -> None:
        """Nothing is to be settled."""

    def write(self, run: Run, subject: Subject) -> None:
        """Write a patient's images and masks."""
        files: dict[str, str] = {}

        def one(item: Any) -> None:
            if isinstance(item, Image):
                path = subject.path(f"{subject.name}/{subject.id(item.id)}.nii.gz")
                write_nifti(path, image_values(item), item.affine)
                file = subject.add(path, **subject.about(item))
                files[item.id] = file
                note = image_note(subject, item, file)
                subject.notes.append({"kind": "image", **note})
                return
            folder = f"{subject.name}/{subject.id(item.id)}/"
            for mask in write_masks(subject, item, folder):
                mask |= {"kind": "mask", "image_file": files.get(item.image)}
                subject.notes.append(mask)

        subject.each(one)
        subject.leave_others("waveforms", "slides", "runs")

    def finish(self, run: Run) -> None:
        """Write the tables."""
        path = run.folder / "items.csv"
        count = write_csv(path, ITEMS, self._items(run), ",")
        run.add(path, kind="index", rows=count)
        write_tables(run)

    def _items(self, run: Run) -> Iterator[dict[str, Any]]:
        for note in run.notes():
            yield {**note, "patient": note["called"]}
