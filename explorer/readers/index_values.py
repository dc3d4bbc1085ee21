"""What an index says of a volume, read with care: it may say anything."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from explorer.draft import Code
from explorer.readers.indexed_file import Indexed, Segment

_TEXT = 256
_MODALITIES = {
    "CT": {"ct", "cta", "cbct", "ncct", "cect"},
    "PT": {"pet", "pt", "suv", "fdg"},
    "MR": {"mr", "mri", "t1", "t2", "flair", "adc", "dwi", "t1w", "t2w", "t1c", "t1ce", "t1gd"},
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def said_json(path: Path) -> dict[str, Any]:
    """The object of a JSON file; one without members where it holds none."""
    said = json.loads(path.read_text("utf-8"))
    return mapping_of(said)


def text_of(value: Any) -> str | None:
    """A short text without control characters; None where there is none."""
    if not isinstance(value, str | int):
        return None
    return "".join(c for c in str(value) if c.isprintable()).strip()[:_TEXT] or None


def mapping_of(said: Any) -> dict[str, Any]:
    """An object, or one without members."""
    return said if isinstance(said, dict) else {}


def list_of(said: Any) -> list[Any]:
    """A list, or an empty one."""
    return said if isinstance(said, list) else []


def _modality(channel: str | None) -> str | None:
    words = set(re.findall(r"[a-z0-9]+", (channel or "").lower()))
    said = {modality for modality, names in _MODALITIES.items() if words & names}
    return said.pop() if len(said) == 1 else None


def channel_of(about: Any, fallback: str | None) -> dict[str, Any]:
    """What is said of an image, as fields of `Indexed`."""
    said = mapping_of(about)
    return {
        "modality": text_of(said.get("modality")) or _modality(fallback),
        "units": text_of(said.get("units")),
        "name": text_of(said.get("name")),
        "acquired": date_of(said.get("acquired")),
        "synthetic": said.get("synthetic") is True,
    }


def date_of(said: Any) -> str | None:
    """The date that a text begins with."""
    found = _DATE.match(said) if isinstance(said, str) else None
    return found.group() if found else None


def mask_of(patient: str, said: dict[str, Any], image: str | None, layout: str) -> Indexed:
    """One segment that lies in a file of its own."""
    value, scheme = text_of(said.get("code_value")), text_of(said.get("code_scheme"))
    code = None
    if value and scheme:
        code = Code(value, scheme, text_of(said.get("code_meaning")) or value)
    number = str(said.get("number"))
    segment = Segment(
        text_of(said.get("segment")) or "segment",
        int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 1,
        (), code, text_of(said.get("algorithm_type")),
    )  # fmt: skip
    group = str(PurePosixPath(str(said["file"])).parent)
    return Indexed(
        patient, True, image, group, (segment,), synthetic=said.get("synthetic") is True,
        acquired=date_of(said.get("acquired")), name=text_of(said.get("name")), layout=layout,
    )  # fmt: skip
