"""Exports: patients, bytes and seconds of every format, and what comes back of them.

    python benchmarks/exports.py FOLDER... [--deidentify]

Each FOLDER (real patients: DICOM, NIfTI) is taken into one store; the store is exported in every
format, each export is taken into a store of its own, and patients, voxels, affines, masks and
facts are compared with those that were exported.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import explorer
from explorer.exports.export_set import ExportedSet, export_set
from explorer.exports.exporter import formats
from explorer.ingest import ingest
from explorer.patient import Patient

_FACT = ("name", "value", "number", "unit", "code", "state", "date")
_HOW: dict[str, dict[str, Any]] = {
    "nnunet": {"overlap": "regions"},
    "monai": {"overlap": "regions"},
    "dicom-seg": {"series": True},
}


def plane(values: Any) -> Any:
    """A plane as NIfTI has it: one slice."""
    found = np.asarray(values)
    return found if found.ndim > 2 else found[None]


def same_images(old: Patient, new: Patient) -> Counter[str]:
    """How many images came back with their voxels, affine, units and modality."""
    count: Counter[str] = Counter()
    held = list(new.images.values())
    for image in old.images.values():
        if "c" in image.dims:
            continue
        count["images"] += 1
        values = plane(image.data.values)
        for other in held:
            again = plane(other.data.values)
            if again.shape == values.shape and np.array_equal(again, values):
                count["images back"] += 1
                count["affine"] += bool(np.allclose(image.affine, other.affine, atol=1e-3))
                count["units"] += image.units == other.units
                count["modality"] += image.modality == other.modality
                held.remove(other)
                break
    return count


def same_masks(old: Patient, new: Patient) -> Counter[str]:
    """How many segments came back under their name, voxel for voxel, on the same grid."""
    count: Counter[str] = Counter()
    held = [(s, name) for s in new.segmentations.values() for name in s.labels]
    for segmentation in old.segmentations.values():
        for name in segmentation.labels:
            count["masks"] += 1
            mask = np.asarray(segmentation.mask(name).values)
            for other, label in held:
                if label.removesuffix(" 2").removesuffix(" 3") not in (name, name[:64]):
                    continue
                again = np.asarray(other.mask(label).values)
                if again.shape == mask.shape and np.array_equal(again, mask):
                    count["masks back"] += 1
                    held.remove((other, label))
                    break
    return count


def same_facts(old: Patient, new: Patient) -> Counter[str]:
    """How many facts came back."""
    given, found = (
        Counter(tuple(row[name] for name in _FACT) for row in one.rows("facts"))
        for one in (old, new)
    )
    return Counter({"facts": sum(given.values()), "facts back": sum((given & found).values())})


def compare(store: Any, done: ExportedSet, again: Any) -> Counter[str]:
    """What came back of a whole export."""
    total: Counter[str] = Counter()
    for one, patient in zip(done.manifest["patients"], store.cohort(), strict=True):
        total["patients"] += 1
        names = [one["patient"], patient.label]
        found = next((name for name in names if name in again.cohort()), None)
        if found is None:
            continue
        total["patients back"] += 1
        for part in (same_images, same_masks, same_facts):
            total += part(patient, again[found])
    return total


def main(arguments: list[str]) -> None:
    """Print the table."""
    deidentify = "--deidentify" in arguments
    folders = [one for one in arguments if not one.startswith("--")]
    with tempfile.TemporaryDirectory() as place:
        store_path = Path(place) / "store"
        ingest(folders, store_path)
        store = explorer.open(store_path)
        lines = []
        for name in formats():
            begun = time.perf_counter()
            out = Path(place) / name
            options = {**_HOW.get(name, {}), "deidentify": deidentify}
            done = export_set(store.cohort(), out, name, **options)
            seconds = time.perf_counter() - begun
            begun = time.perf_counter()
            again = Path(place) / f"{name}.onco"
            result = ingest(out, again)
            read = time.perf_counter() - begun
            found = compare(store, done, explorer.open(again))
            lines.append((name, done, seconds, read, found, result))
        for name, done, seconds, read, found, result in lines:
            kinds = ("patients", "images", "masks", "facts")
            pairs = [f"{found[f'{kind} back']}/{found[kind]}" for kind in kinds]
            sys.stdout.write(
                f"{name:10} {len(done.patients)} patients {len(done.files):4} files "
                f"{done.bytes / 1e6:8.1f} MB {seconds:6.1f} s, back in {read:5.1f} s: "
                f"patients {pairs[0]} images {pairs[1]} (affine {found['affine']}, units "
                f"{found['units']}, modality {found['modality']}) masks {pairs[2]} "
                f"facts {pairs[3]}; left out {len(done.left_out)}\n"
            )
            for reason, count in done.reasons():
                sys.stdout.write(f"           left out {count}: {reason}\n")
            for row in result.refused[:3]:
                sys.stdout.write(f"           refused: {row}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
