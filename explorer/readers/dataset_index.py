"""dataset_index: what ``dataset.json`` says of the volumes beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from explorer.readers.index_values import channel_of, list_of, mapping_of, said_json, text_of
from explorer.readers.indexed_file import Index, Indexed, Segment

_MOST = 2_000_000
_NNUNET = re.compile(r"(?:images|labels)(?:Tr|Ts)")
_CHANNEL = re.compile(r"_\d{4}$")


def dataset_index(path: Path) -> Index:
    """Read ``dataset.json`` of nnU-Net v2, or of the Decathlon (MONAI's datalist).

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict of str to Indexed
        Empty where it is neither.
    """
    said = said_json(path)
    if isinstance(said.get("channel_names"), dict) and isinstance(said.get("labels"), dict):
        return dict(_nnunet(path.parent, said))
    if isinstance(said.get("training"), list) and isinstance(said.get("labels"), dict):
        return dict(_decathlon(said))
    return {}


def _nnunet(folder: Path, said: dict[str, Any]) -> Iterator[tuple[str, Indexed]]:
    channels = {int(k): text_of(name) for k, name in said["channel_names"].items()}
    labels = _labels(said["labels"])
    end = said.get("file_ending")
    end = end if isinstance(end, str) and end else ".nii.gz"
    cases = mapping_of(said.get("cases"))
    for place in sorted(folder.iterdir()):
        if not (_NNUNET.fullmatch(place.name) and place.is_dir()):
            continue
        images = place.name.startswith("images")
        for file in place.iterdir():
            if not file.name.endswith(end):
                continue
            stem = file.name[: -len(end)]
            case = _CHANNEL.sub("", stem) if images else stem
            own = mapping_of(cases.get(case))
            patient = text_of(own.get("patient")) or case
            if images:
                number = int(stem[-4:]) if _CHANNEL.search(stem) else 0
                told = own.get("channels")
                told = told[number] if isinstance(told, list) and number < len(told) else None
                about = Indexed(patient, layout="nnU-Net", **channel_of(told, channels.get(number)))
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
    channels = mapping_of(said.get("modality"))
    entries = [one for key in ("training", "validation", "test") for one in said.get(key) or ()]
    for entry in entries[:_MOST]:
        one = entry if isinstance(entry, dict) else {"image": entry}
        images = one["image"] if isinstance(one["image"], list) else [one["image"]]
        paths = [str(PurePosixPath(path)) for path in images]
        case = PurePosixPath(paths[0]).name.removesuffix(".gz").removesuffix(".nii")
        patient = text_of(one.get("patient")) or case
        told = list_of(one.get("channels"))
        for k, path in enumerate(paths):
            own = told[k] if k < len(told) else None
            # channels of the Decathlon lie in one file of four axes: one name of several is none
            channel = text_of(channels.get(str(k))) if len(channels) == len(paths) else None
            yield path, Indexed(patient, layout="Decathlon", **channel_of(own, channel))
        if "label" in one:
            yield str(PurePosixPath(one["label"])), Indexed(
                patient, True, paths[0], None, _segments(labels, one.get("segments")),
                synthetic=one.get("synthetic_masks") is True, layout="Decathlon",
            )  # fmt: skip


def _labels(said: Any) -> dict[str, tuple[int, ...]]:
    """Name to values, background left out."""
    found: dict[str, tuple[int, ...]] = {}
    for name, value in mapping_of(said).items():
        values = value if isinstance(value, list) else [value]
        numbers = tuple(int(one) for one in values if str(one).isdigit() and int(one))
        if numbers and (clean := text_of(name)):
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
