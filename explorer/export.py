"""Export: one patient as files that any program reads, with a list of what was handed over."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import OncographError, StoreError
from explorer.export_privacy import ExportPrivacy
from explorer.html import table_html
from explorer.image import Image
from explorer.layout import FORMAT, RECORDS
from explorer.patient import Patient
from explorer.records import now
from explorer.safe_cell import safe_cell
from explorer.space import flip_ras_lps

if TYPE_CHECKING:
    from explorer.store import Store

_TABLES = ("facts", "events", "observations")
_OURS = {"patient", "commit", "came_as"}


@dataclass
class Exported:
    """What an export wrote.

    Attributes
    ----------
    folder : pathlib.Path
    files : list of dict
        file, sha256, size, what it is and where it came from.
    left_out : list of dict
        item, reason.
    """

    folder: Path
    files: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)

    def add(self, path: Path, **about: Any) -> None:
        """Note a file that was written."""
        path.chmod(0o600)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = path.relative_to(self.folder).as_posix()
        self.files.append({"file": name, "sha256": digest, "size": path.stat().st_size, **about})

    def leave(self, item: str, reason: str) -> None:
        """Note an item that was not written."""
        self.left_out.append({"item": item, "reason": reason})

    def _repr_html_(self) -> str:
        names = ["file", "size", "item", "name"]
        rows = [[one.get(name) for name in names] for one in self.files]
        parts = [table_html(names, rows, f"{len(rows)} files in {self.folder}")]
        if self.left_out:
            left = [[one["item"], one["reason"]] for one in self.left_out]
            parts.append(table_html(["left out", "reason"], left))
        return "".join(parts)


def export(store: Store, name: str, folder: str | Path, *, deidentify: bool = False) -> Exported:
    """Write a patient's images, masks, texts and records to a folder.

    Images become NIfTI in the units of the store, masks one NIfTI a segment, texts files,
    records CSV without formulas; ``manifest.json`` has the sha256 and the origin of each. The
    store notes where they went, so that `erase` can name it.

    Parameters
    ----------
    store : Store
    name : str
        The patient.
    folder : path
        New, or empty.
    deidentify : bool
        Pseudonyms, shifted dates and scrubbed texts, as at ingest.

    Returns
    -------
    Exported

    Raises
    ------
    StoreError
        The folder is not empty.
    """
    patient = store[name]
    place = Path(folder).absolute()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise StoreError("The folder is not empty", expected="a new one", where=str(place))
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    privacy = ExportPrivacy.of(patient) if deidentify else None
    # noted first: what was begun and broke off is on that disk too
    store.records.append("pins", [_pin(patient, place)])
    done = Exported(place)
    for image in patient.images.values():
        _try(done, image.id, lambda image=image: _image(done, image, privacy))  # type: ignore[misc]
    for segmentation in patient.segmentations.values():
        _try(done, segmentation.id, lambda s=segmentation: _masks(done, s, privacy))  # type: ignore[misc]
    for kind in (patient.waveforms, patient.slides):
        for one in kind:
            done.leave(one, "waveforms and slides are not exported yet")
    _texts(done, patient, privacy)
    for table in _TABLES:
        _table(done, patient, table, privacy)
    _manifest(done, patient, privacy)
    return done


def _pin(patient: Patient, place: Path) -> dict[str, Any]:
    head = patient.head
    return {
        "holder": f"export to {place.name}", "kind": "export", "patient": head.patient,
        "version": head.version, "snapshot": head.snapshot, "place": str(place), "time": now(),
    }  # fmt: skip


def _try(done: Exported, item: str, step: Callable[[], None]) -> None:
    """One item that cannot be read, such as one whose source is gone, stops no export."""
    try:
        step()
    except (OncographError, OSError, ValueError) as error:
        found = error.found if isinstance(error, OncographError) else type(error).__name__
        done.leave(item, found)


def _image(done: Exported, image: Image, privacy: ExportPrivacy | None) -> None:
    if "c" in image.dims:
        done.leave(image.id, "colour pictures are not exported yet")
        return
    values = np.asarray(image.data.values)
    path = done.folder / "images" / f"{image.id}.nii.gz"
    _nifti(path, values, image.affine)
    about = _about(image, privacy) | {"units": image.units, "modality": image.modality}
    done.add(path, **about)


def _masks(done: Exported, segmentation: Any, privacy: ExportPrivacy | None) -> None:
    about = _about(segmentation, privacy)
    for position, row in enumerate(segmentation.segments):
        label = row["name"]
        mask = np.asarray(segmentation.own_mask(label).values)
        path = done.folder / "segmentations" / segmentation.id / f"{position}.nii.gz"
        _nifti(path, mask.astype(np.uint8), segmentation.affine)
        shown = label if privacy is None else privacy.label(label) or f"Segment {row['number']}"
        code = [row["code_value"], row["code_scheme"], row["code_meaning"]]
        image = segmentation.image
        done.add(path, **about, segment=shown, code=code if code[0] else None, image=image)


def _about(item: Any, privacy: ExportPrivacy | None) -> dict[str, Any]:
    found = {
        "item": item.id, "kind": item.kind, "name": item.name, "acquired": item.acquired,
        "day": item.day, "problems": item.problems, "synthetic": item.synthetic,
    }  # fmt: skip
    if privacy is not None:
        return privacy.item(item, found)
    sources = [{"uri": row["uri"], "sha256": row["sha256"]} for row in item.sources()]
    return {**found, "sources": sources, "address": str(item.address)}


def _nifti(path: Path, values: NDArray[Any], affine: NDArray[np.float64]) -> None:
    """Write ``([t,] z, y, x)`` as NIfTI's x, y, z[, t], with its affine to RAS in mm."""
    import nibabel

    while values.ndim < 3:
        values = values[None]
    made = nibabel.Nifti1Image(values.T, flip_ras_lps(affine))  # type: ignore[no-untyped-call]
    made.header.set_xyzt_units("mm")  # type: ignore[no-untyped-call]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nibabel.save(made, path)


def _texts(done: Exported, patient: Patient, privacy: ExportPrivacy | None) -> None:
    for row in patient.rows("texts"):
        text = row["text"] or ""
        if privacy is not None:
            if (why := privacy.withheld()) is not None:
                done.leave(row["item"], why)
                continue
            text = privacy.text(text)
        path = done.folder / "texts" / f"{row['item']}.txt"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        date = row["date"] if privacy is None else privacy.date(row["date"])
        done.add(path, item=row["item"], kind="report", acquired=date, day=row["day"])


def _table(done: Exported, patient: Patient, table: str, privacy: ExportPrivacy | None) -> None:
    rows = patient.rows(table)
    if not rows:
        return
    names = [name for name in RECORDS[table].names if name not in _OURS]
    if privacy is not None:
        kept = [found for row in rows if (found := privacy.row(row)) is not None]
        if len(kept) < len(rows):
            done.leave(table, f"{len(rows) - len(kept)} rows name, or may name, the patient")
        rows, names = kept, [name for name in names if name not in privacy.UNTOLD]
    path = done.folder / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(names)
        write.writerows([[safe_cell(row.get(name)) for name in names] for row in rows])
    done.add(path, kind="table", rows=len(rows))


def _manifest(done: Exported, patient: Patient, privacy: ExportPrivacy | None) -> None:
    about = patient.attributes
    document: dict[str, Any] = {
        "format": f"{FORMAT} export", "version": 1, "created": now(),
        "patient": patient.label if privacy is None else privacy.pseudonym,
        "sex": about.get("sex"),
        "files": done.files, "left_out": done.left_out,
    }  # fmt: skip
    if privacy is None:
        document |= {
            "store": patient.store.id, "key": patient.key, "patient_version": patient.version,
            "snapshot": patient.head.snapshot, "birth_date": about.get("birth_date"),
            "anchor_date": about.get("anchor_date"), "anchor_kind": about.get("anchor_kind"),
        }  # fmt: skip
    else:
        document |= privacy.manifest()
    path = done.folder / "manifest.json"
    part = path.with_name(".manifest.part")
    part.write_text(json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    part.chmod(0o600)
    os.replace(part, path)  # noqa: PTH105 - it appears whole, and last
