"""bids_sidecar: what the JSON beside a file of BIDS says of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.draft import Source
from explorer.readers.index_values import channel_of, mask_of, said_json
from explorer.readers.indexed_file import Found, Indexed

_BYTES = 1 << 20
_SUB = re.compile(r"sub-[0-9A-Za-z]+")


def bids_sidecar(source: Source) -> Found | None:
    """Read the sidecar of a mask of BIDS' derivatives, or of an image of an export.

    Parameters
    ----------
    source : Source
        The volume.

    Returns
    -------
    Found or None
        What its name does not say; None where it has no such sidecar.
    """
    name = source.path.name
    stem = name.removesuffix(".gz").removesuffix(".nii")
    subject = _SUB.match(name)
    sidecar = source.path.with_name(f"{stem}.json")
    if subject is None or stem == name or not _small(sidecar):
        return None
    try:
        said = said_json(sidecar)
    except (OSError, ValueError, RecursionError):
        return None
    patient = subject.group()
    if stem.endswith("_mask") and isinstance(said.get("Type"), str):
        found = _bids_mask(patient, stem, said)
    elif "OncographItem" in said:
        told = {
            "modality": said.get("Modality"), "units": said.get("Units"),
            "acquired": said.get("AcquisitionDate"), "name": said.get("SeriesDescription"),
            "synthetic": said.get("Synthetic") is True,
        }  # fmt: skip
        found = Indexed(patient, layout="BIDS", **channel_of(told, None))
    else:
        return None
    root = _bids_root(source)
    return Found(root, source.path.relative_to(root).as_posix(), found)


def _bids_mask(patient: str, stem: str, said: dict[str, Any]) -> Indexed:
    sources = said.get("Sources") or said.get("RawSources") or []
    image = str(sources[0]) if isinstance(sources, list) and sources else None
    entity = re.search(r"_label-([0-9A-Za-z]+)", stem)
    about = {
        **{name: said.get(key) for name, key in (
            ("code_value", "CodeValue"), ("code_scheme", "CodingSchemeDesignator"),
            ("code_meaning", "CodeMeaning"), ("number", "SegmentNumber"),
            ("algorithm_type", "SegmentAlgorithmType"), ("name", "SeriesDescription"),
            ("acquired", "AcquisitionDate"))},
        "segment": said.get("SegmentLabel") or (entity[1] if entity else None),
        "synthetic": said.get("Synthetic") is True, "file": stem,
    }  # fmt: skip
    found = mask_of(patient, about, image.rpartition(":")[2] if image else None, "BIDS")
    return replace(found, group=re.sub(r"_label-[0-9A-Za-z]+", "", stem))


def _bids_root(source: Source) -> Path:
    """The data set's folder: the outermost one in the source tree that holds its subjects."""
    depth = source.relative.replace("\\", "/").count("/")
    parents = list(source.path.parents)[: depth + 1]
    described = [one for one in parents if (one / "dataset_description.json").is_file()]
    return described[-1] if described else parents[-1]


def _small(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= _BYTES
    except OSError:
        return False
