"""What an index beside NIfTI files says of each: nnU-Net, Decathlon, BIDS, and oncograph's own.

A file is known by its place below the index's folder; nothing that an index names is opened.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from explorer.draft import Code, Source

_BYTES = 256 << 20
_SIDECAR_BYTES = 1 << 20
_MOST = 2_000_000
_TEXT = 256
_MODALITIES = {
    "CT": {"ct", "cta", "cbct", "ncct", "cect"},
    "PT": {"pet", "pt", "suv", "fdg"},
    "MR": {"mr", "mri", "t1", "t2", "flair", "adc", "dwi", "t1w", "t2w", "t1c", "t1ce", "t1gd"},
}
_NNUNET = re.compile(r"(?:images|labels)(?:Tr|Ts)")
_CHANNEL = re.compile(r"_\d{4}$")
_SUB = re.compile(r"sub-[0-9A-Za-z]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Segment:
    """One mask of a file: its name, and the values that are in it (none: all but 0)."""

    name: str
    number: int = 1
    values: tuple[int, ...] = ()
    code: Code | None = None
    algorithm_type: str | None = None


@dataclass(frozen=True)
class Indexed:
    """What is known of one file.

    Attributes
    ----------
    patient : str
    mask : bool
    image : str or None
        Of a mask: its image, below the index's folder.
    group : str or None
        Of a mask that is one segment of several: what they have in common.
    segments : tuple of Segment
    modality, units, name, acquired : str or None
    synthetic : bool
    layout : str
        Which index said it.
    """

    patient: str
    mask: bool = False
    image: str | None = None
    group: str | None = None
    segments: tuple[Segment, ...] = ()
    modality: str | None = None
    units: str | None = None
    name: str | None = None
    acquired: str | None = None
    synthetic: bool = False
    layout: str = ""


Index = dict[str, Indexed]


@dataclass(frozen=True)
class Found:
    """A file of an index.

    Attributes
    ----------
    folder : pathlib.Path
        The index's.
    relative : str
        The file, below it.
    """

    folder: Path
    relative: str
    about: Indexed = field(compare=False)


def find_indexed(source: Source) -> Found | None:
    """Ask the indices in a file's folder, and in those above it within the source tree."""
    inside = source.relative.replace("\\", "/").rpartition("!")[2]
    folder = source.path.parent
    for depth in range(inside.count("/") + 1):
        relative = "/".join(inside.split("/")[-depth - 1 :])
        for name, read in INDICES.items():
            about = _index(folder / name, read).get(relative)
            if about is not None:
                return Found(folder, relative, about)
        folder = folder.parent
    return _bids(source)


def is_index(path: Path) -> bool:
    """Whether a file is an index of volumes beside it."""
    return path.name in INDICES and bool(_index(path, INDICES[path.name]))


def _index(path: Path, read: Callable[[Path], Index]) -> Index:
    try:
        about = path.stat()
    except OSError:
        return {}
    return _read(path, read, about.st_mtime_ns) if about.st_size <= _BYTES else {}


@lru_cache(maxsize=16)
def _read(path: Path, read: Callable[[Path], Index], mtime_ns: int) -> Index:
    try:
        return read(path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error):
        return {}  # a table or a JSON of others, called alike


def _json(path: Path) -> dict[str, Any]:
    said = json.loads(path.read_text("utf-8"))
    return _mapping(said)


def _text(value: Any) -> str | None:
    if not isinstance(value, str | int):
        return None
    return "".join(c for c in str(value) if c.isprintable()).strip()[:_TEXT] or None


def _mapping(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []


def _labels(said: Any) -> dict[str, tuple[int, ...]]:
    """Name to values, background left out."""
    found: dict[str, tuple[int, ...]] = {}
    for name, value in _mapping(said).items():
        values = value if isinstance(value, list) else [value]
        numbers = tuple(int(one) for one in values if str(one).isdigit() and int(one))
        if numbers and (clean := _text(name)):
            found[clean] = numbers
    return found


def _segments(labels: dict[str, tuple[int, ...]], only: Any) -> tuple[Segment, ...]:
    """Segments of a case: all labels, or those that it is said to have."""
    kept = set(only) if isinstance(only, list) else None
    return tuple(
        Segment(name, min(values), values)
        for name, values in labels.items()
        if kept is None or name in kept
    )


def _modality(channel: str | None) -> str | None:
    words = set(re.findall(r"[a-z0-9]+", (channel or "").lower()))
    said = {modality for modality, names in _MODALITIES.items() if words & names}
    return said.pop() if len(said) == 1 else None


def _channel(about: Any, fallback: str | None) -> dict[str, Any]:
    said = _mapping(about)
    return {
        "modality": _text(said.get("modality")) or _modality(fallback),
        "units": _text(said.get("units")),
        "name": _text(said.get("name")),
        "acquired": _date(said.get("acquired")),
        "synthetic": said.get("synthetic") is True,
    }


def _date(said: Any) -> str | None:
    found = _DATE.match(said) if isinstance(said, str) else None
    return found.group() if found else None


def _dataset(path: Path) -> Index:
    """``dataset.json`` of nnU-Net v2, or of the Decathlon (MONAI's datalist)."""
    said = _json(path)
    if isinstance(said.get("channel_names"), dict) and isinstance(said.get("labels"), dict):
        return dict(_nnunet(path.parent, said))
    if isinstance(said.get("training"), list) and isinstance(said.get("labels"), dict):
        return dict(_decathlon(said))
    return {}


def _nnunet(folder: Path, said: dict[str, Any]) -> Iterator[tuple[str, Indexed]]:
    channels = {int(k): _text(name) for k, name in said["channel_names"].items()}
    labels = _labels(said["labels"])
    end = said.get("file_ending")
    end = end if isinstance(end, str) and end else ".nii.gz"
    cases = _mapping(said.get("cases"))
    for place in sorted(folder.iterdir()):
        if not (_NNUNET.fullmatch(place.name) and place.is_dir()):
            continue
        images = place.name.startswith("images")
        for file in place.iterdir():
            if not file.name.endswith(end):
                continue
            stem = file.name[: -len(end)]
            case = _CHANNEL.sub("", stem) if images else stem
            own = _mapping(cases.get(case))
            patient = _text(own.get("patient")) or case
            if images:
                number = int(stem[-4:]) if _CHANNEL.search(stem) else 0
                told = own.get("channels")
                told = told[number] if isinstance(told, list) and number < len(told) else None
                about = Indexed(patient, layout="nnU-Net", **_channel(told, channels.get(number)))
            else:
                about = Indexed(
                    patient, True, f"images{place.name[6:]}/{case}_0000{end}", None,
                    _segments(labels, own.get("segments")),
                    synthetic=own.get("synthetic_masks") is True, layout="nnU-Net",
                )  # fmt: skip
            yield f"{place.name}/{file.name}", about


def _decathlon(said: dict[str, Any]) -> Iterator[tuple[str, Indexed]]:
    names = {name: k for k, name in said["labels"].items()}
    labels = _labels(said.get("regions") or names)
    channels = _mapping(said.get("modality"))
    entries = [one for key in ("training", "validation", "test") for one in said.get(key) or ()]
    for entry in entries[:_MOST]:
        one = entry if isinstance(entry, dict) else {"image": entry}
        images = one["image"] if isinstance(one["image"], list) else [one["image"]]
        paths = [str(PurePosixPath(path)) for path in images]
        case = PurePosixPath(paths[0]).name.removesuffix(".gz").removesuffix(".nii")
        patient = _text(one.get("patient")) or case
        told = _list(one.get("channels"))
        for k, path in enumerate(paths):
            own = told[k] if k < len(told) else None
            # channels of the Decathlon lie in one file of four axes: one name of several is none
            channel = _text(channels.get(str(k))) if len(channels) == len(paths) else None
            yield path, Indexed(patient, layout="Decathlon", **_channel(own, channel))
        if "label" in one:
            yield str(PurePosixPath(one["label"])), Indexed(
                patient, True, paths[0], None, _segments(labels, one.get("segments")),
                synthetic=one.get("synthetic_masks") is True, layout="Decathlon",
            )  # fmt: skip


def _subjects(path: Path) -> Index:
    """``subjects.json`` of a TorchIO export."""
    said = _json(path)
    found: Index = {}
    if said.get("format") != "oncograph subjects":
        return found
    for one in said["subjects"]:
        patient = _text(one["patient"]) or ""
        first = None
        for image in one["images"].values():
            first = first or str(image["file"])
            found[image["file"]] = Indexed(patient, layout="subjects", **_channel(image, None))
        for mask in one["masks"].values():
            found[mask["file"]] = _mask(patient, mask, first, "subjects")
    return found


def _items(path: Path) -> Index:
    """``items.csv`` of an export as NIfTI and CSV."""
    found: Index = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"patient", "kind", "file", "segment", "image_file"} <= set(rows.fieldnames or ()):
            return {}
        for row in rows:
            cells = {name: _cell(cell) for name, cell in row.items() if isinstance(name, str)}
            about: dict[str, Any] = {**cells, "synthetic": cells["synthetic"] == "true"}
            patient = _text(cells["patient"]) or ""
            if cells["kind"] == "mask":
                found[row["file"]] = _mask(patient, about, cells["image_file"] or None, "items.csv")
            else:
                found[row["file"]] = Indexed(
                    patient, layout="items.csv", **_channel(about, None)
                )  # fmt: skip
    return found


def _cell(cell: Any) -> str | None:
    text = cell if isinstance(cell, str) else ""
    formula = len(text) > 1 and text[0] == "'" and text.lstrip("' ")[:1] in tuple("=+-@＝＋－＠")  # noqa: RUF001 - full-width signs begin formulas, too
    return (text[1:] if formula else text) or None


def _mask(patient: str, said: dict[str, Any], image: str | None, layout: str) -> Indexed:
    value, scheme = _text(said.get("code_value")), _text(said.get("code_scheme"))
    code = Code(value, scheme, _text(said.get("code_meaning")) or value) if value and scheme else (
        None)  # fmt: skip
    number = str(said.get("number"))
    segment = Segment(
        _text(said.get("segment")) or "segment",
        int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 1,
        (), code, _text(said.get("algorithm_type")),
    )  # fmt: skip
    group = str(PurePosixPath(str(said["file"])).parent)
    return Indexed(
        patient, True, image, group, (segment,), synthetic=said.get("synthetic") is True,
        acquired=_date(said.get("acquired")), name=_text(said.get("name")), layout=layout,
    )  # fmt: skip


INDICES: dict[str, Callable[[Path], Index]] = {
    "dataset.json": _dataset,
    "subjects.json": _subjects,
    "items.csv": _items,
}


def _bids(source: Source) -> Found | None:
    """A mask of BIDS' derivatives, or an image, by its sidecar: what its name does not say."""
    name = source.path.name
    stem = name.removesuffix(".gz").removesuffix(".nii")
    subject = _SUB.match(name)
    sidecar = source.path.with_name(f"{stem}.json")
    if subject is None or stem == name or not _small(sidecar):
        return None
    try:
        said = _json(sidecar)
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
        found = Indexed(patient, layout="BIDS", **_channel(told, None))
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
    found = _mask(patient, about, image.rpartition(":")[2] if image else None, "BIDS")
    return replace(found, group=re.sub(r"_label-[0-9A-Za-z]+", "", stem))


def _bids_root(source: Source) -> Path:
    """The data set's folder: the outermost one in the source tree that holds its subjects."""
    depth = source.relative.replace("\\", "/").count("/")
    parents = list(source.path.parents)[: depth + 1]
    described = [one for one in parents if (one / "dataset_description.json").is_file()]
    return described[-1] if described else parents[-1]


def _small(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size <= _SIDECAR_BYTES
    except OSError:
        return False
