"""encode_images: vectors of images, a slice or a volume an instance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphs.encoders.encode_items import encode_items
from graphs.encoders.encoder import Encoder
from graphs.encoders.pictures_of import Windows, pictures_of
from graphs.encoders.source import Source
from graphs.encoders.taken import taken
from graphs.examples.bag import Bag

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.patient_set import PatientSet

_COLUMNS = ["item", "kind", "modality", "acquired", "shape", "dims", "dtype", "state", "synthetic",
            "meta"]  # fmt: skip


def encode_images(
    patients: PatientSet,
    encoder: Encoder,
    modality: str,
    *,
    slices: int | None = 16,
    windows: Windows | None = None,
    items: Mapping[str, Iterable[str]] | None = None,
    keep: bool | None = None,
    stop: Callable[[], bool] | None = None,
) -> Bag:
    """Encode the images of patients; what was encoded before is read.

    Parameters
    ----------
    patients : PatientSet
    encoder : Encoder
        That takes 'picture' (slices are instances) or 'volume' (images are).
    modality : str
        'CT', 'MR', ...; '*' is any. Of the bag, too.
    slices : int, optional
        Of an image, at most, spread evenly over it; None is all. Of pictures only.
    windows : sequence of (level, width), optional
        See `graphs.encoders.pictures_of`. Of pictures only.
    items : mapping of str to iterable of str, optional
        Patient to the ids of the images that may be used; all by default.
    keep : bool, optional
        See `encode_items`.
    stop : callable, optional
        Asked between images; True ends it.

    Returns
    -------
    Bag
        Instances with addresses: ``...#box=12:13,0:512,0:512``, or the image's own.
        ``bag.pooled()`` is the mean of a patient's slices.

    Raises
    ------
    ExamplesError
        The encoder takes something else.
    """
    taken(encoder, "picture", "volume")
    opened = Opened(patients)
    content = file_hashes(patients)
    sources = []
    for row in items_of(patients, "image", modality, items):
        sources.append(Source(
            row["patient"], "images", row["item"],
            content.get((row["patient"], row["item"])) or row_hash(row),
            _reader(opened, encoder, row["patient"], row["item"], slices, windows),
            {"date": row["acquired"]}, bool(row["synthetic"]),
        ))  # fmt: skip
    settings: dict[str, Any] = {}
    if encoder.TAKES == "picture":
        settings = {
            "slices": slices,
            "windows": None if windows is None else [list(w) for w in windows],
        }
    how = "vectors by slice" if encoder.TAKES == "picture" else "vectors by image"
    return encode_items(
        patients, encoder, sources, modality=modality, how=how, settings=settings, keep=keep,
        stop=stop,
    )  # fmt: skip


class Opened:
    """The patients, opened when a first image has to be read."""

    def __init__(self, patients: PatientSet) -> None:
        self._patients = patients

    @cached_property
    def by_key(self) -> dict[str, Patient]:
        """Patients by key."""
        return {one.key: one for one in self._patients.patients(("items", "files"))}


def _reader(
    opened: Opened, encoder: Any, key: str, item: str, slices: int | None,
    windows: Windows | None,
) -> Callable[[], tuple[list[str], list[Any]]]:  # fmt: skip
    def read() -> tuple[list[str], list[Any]]:
        image = opened.by_key[key].images[item]
        if encoder.TAKES == "volume":
            return [""], [encoder.prepared(image)]
        return pictures_of(image, slices, windows)

    return read


def items_of(
    patients: PatientSet, kind: str, modality: str, items: Mapping[str, Iterable[str]] | None
) -> list[dict[str, Any]]:
    """Rows of the items of a kind that have something, by patient and time; see `encode_images`."""
    place = {key: k for k, key in enumerate(patients.keys)}
    allowed = None if items is None else {key: set(some) for key, some in items.items()}
    rows = [
        row for row in patients.rows("items", _COLUMNS).to_pylist()
        if row["kind"] == kind and (row["state"] or "present") == "present"
        and modality.casefold() in ("*", (row["modality"] or "").casefold())
        and (allowed is None or row["item"] in allowed.get(row["patient"], ()))
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (place[r["patient"]], r["acquired"] or "9999", r["item"]))


def file_hashes(patients: PatientSet) -> dict[tuple[str, str], str]:
    """Patient and item to a sha256 of its source files' hashes, in their order."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    columns = ["item", "position", "sha256"]
    for row in patients.rows("files", columns).to_pylist():
        if row["item"] and row["sha256"]:
            found.setdefault((row["patient"], row["item"]), []).append(
                (row["position"] or 0, row["sha256"])
            )
    return {
        one: hashlib.sha256(json.dumps(sorted(files)).encode()).hexdigest()
        for one, files in found.items()
    }


def row_hash(row: dict[str, Any]) -> str:
    """Stands for the content of what has no file: what made it says it."""
    said = [row[name] for name in ("item", "shape", "dims", "dtype", "meta")]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
