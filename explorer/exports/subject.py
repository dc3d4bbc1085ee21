"""Subject: one patient on the way out, and what was written of him."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from explorer.errors import OncographError
from explorer.export_privacy import ExportPrivacy
from explorer.exports.safe_name import safe_name
from explorer.image import Image
from explorer.item import Item
from explorer.patient import Patient
from explorer.segmentation import Segmentation


@dataclass
class Subject:
    """One patient of an export.

    Attributes
    ----------
    patient : Patient
    folder : pathlib.Path
        The export's (while it is written).
    name : str
        Safe as a part of a path.
    called : str
        What the files call the patient: key, pseudonym or label; hostile text.
    part : str
        'train', 'val', 'test' or another of a split; empty without one.
    privacy : ExportPrivacy or None
    files, left_out, notes : list of dict
        What was written, what was not and why, and what the format's index says of it.
    """

    patient: Patient
    folder: Path
    name: str
    called: str
    part: str = ""
    privacy: ExportPrivacy | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def path(self, relative: str) -> Path:
        """A place for a new file, its folder made.

        Raises
        ------
        ValueError
            It would lie outside of the export's folder.
        """
        found = self.folder / relative
        if ".." in Path(relative).parts or not found.resolve().is_relative_to(
            self.folder.resolve()
        ):
            raise ValueError("a file outside of the folder")
        found.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return found

    def add(self, path: Path, **about: Any) -> str:
        """Note a file that was written; gives its name below the folder."""
        entry = file_entry(path, self.folder, patient=self.called, **about)
        self.files.append(entry)
        return str(entry["file"])

    def leave(self, item: str, reason: str) -> None:
        """Note what was not written."""
        self.left_out.append({"patient": self.called, "item": item, "reason": reason})

    @contextmanager
    def trying(self, item: str) -> Iterator[None]:
        """One item that cannot be read or written stops no export."""
        try:
            yield
        except MemoryError:
            self.leave(item, "it needs more memory than there is")
        except (OncographError, OSError, ValueError, TypeError, KeyError, ArithmeticError) as error:
            told = self.privacy is None
            found = error.found if isinstance(error, OncographError) and told else (
                f"{type(error).__name__}: {error}" if told else type(error).__name__)  # fmt: skip
            self.leave(item, found)

    @cached_property
    def _ids(self) -> dict[str, str]:
        found: dict[str, str] = {}
        count: dict[str, int] = {}
        rows = sorted(self.patient.rows("items"), key=lambda r: (r["acquired"] or "9", r["item"]))
        for row in rows:
            kind = "".join(c for c in (row["modality"] or "item").lower() if c.isalnum()) or "item"
            count[kind] = count.get(kind, 0) + 1
            found[row["item"]] = f"{kind}-{count[kind]:02}"
        return found

    def id(self, item: str) -> str:
        """An item's id in files: a number of its own where it is de-identified.

        An id of the store is a hash of the source's UID: who has the UID could recognise it.
        """
        return safe_name(item) if self.privacy is None else self._ids.get(item, "item")

    def label(self, text: str) -> str:
        """A name of an item or a segment, as it may be told."""
        return text if self.privacy is None else self.privacy.label(text)

    def segment(self, row: dict[str, Any]) -> str:
        """A segment's name, as it may be told; never empty."""
        return self.label(row["name"]) or f"Segment {row['number']}"

    def date(self, date: str | None) -> str | None:
        """An ISO date, as it may be told."""
        return date if self.privacy is None or date is None else self.privacy.date(date)

    def about(self, item: Item) -> dict[str, Any]:
        """What a manifest says of an item: where it comes from, and what was odd."""
        found: dict[str, Any] = {
            "item": self.id(item.id), "kind": item.kind, "modality": item.modality,
            "name": item.name, "acquired": item.acquired, "day": item.day,
            "problems": list(item.problems), "synthetic": item.synthetic,
        }  # fmt: skip
        if isinstance(item, Image):
            found["units"] = item.units
        if self.privacy is not None:
            return self.privacy.item(item, found)
        sources = [{"uri": row["uri"], "sha256": row["sha256"]} for row in item.sources()]
        return {**found, "address": str(item.address), "sources": sources}

    def each(
        self, write: Callable[[Any], None], *, images: bool = True, segmentations: bool = True
    ) -> None:
        """Write each image and segmentation; what has no voxels is left out."""
        chosen: list[Image | Segmentation] = []
        if images:
            chosen += self.patient.images.values()
        if segmentations:
            chosen += self.patient.segmentations.values()
        for item in chosen:
            with self.trying(self.id(item.id)):
                write(item)

    def leave_others(self, *kinds: str) -> None:
        """Say what else the patient has that the format has no place for."""
        held = {
            "images": len(self.patient.images), "segmentations": len(self.patient.segmentations),
            "waveforms": len(self.patient.waveforms), "slides": len(self.patient.slides),
            **{table: len(self.patient.rows(table)) for table in
               ("texts", "facts", "events", "observations", "vectors", "runs")},
        }  # fmt: skip
        for kind in kinds:
            if held[kind]:
                self.leave(kind, f"{kind} ({held[kind]}): the format has no place for them")


def file_entry(path: Path, folder: Path, **about: Any) -> dict[str, Any]:
    """A manifest's entry of a file that was written; from now on it is for its owner alone."""
    path.chmod(0o600)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.relative_to(folder).as_posix()
    return {"file": name, "sha256": digest, "size": path.stat().st_size, **about}
