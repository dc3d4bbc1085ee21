"""Names of a NIfTI mask's labels: in its header's extension, or in what lies beside it."""

from __future__ import annotations

import html
import json
import re

from explorer.draft import SegmentDraft, Source
from explorer.readers.nifti_header import read_start
from explorer.readers.totalsegmentator_classes import class_maps, class_segment
from explorer.readers.volume_bytes import decoded

_EXTENSION_BYTES = 1 << 20
_SIDECAR_BYTES = 4 << 20
_MOST = 4096
_TEXT = 128
_LABEL = re.compile(
    r'<Label Key="(\d{1,9})"([^>]{0,200})>\s*'
    r"(?:<!\[CDATA\[([^\]]{0,512})\]\]>|([^<]{0,512}))</Label>"
)
_COLOR = re.compile(r'(Red|Green|Blue)="([0-9.]{1,24})"')


def nifti_labels(source: Source) -> dict[tuple[int, int], SegmentDraft]:
    """Names, and codes where TotalSegmentator's table has the name.

    In this order: the table of labels in the header's extension (of CIFTI's form, as
    TotalSegmentator and Connectome Workbench write it); the ``statistics.json`` that
    TotalSegmentator puts beside its output, where it lists exactly the classes of one task.
    Without either the names are not known, and are not guessed.

    Parameters
    ----------
    source : Source
        A ``.nii`` or ``.nii.gz`` file.

    Returns
    -------
    dict
        (0, label) to segment; empty where nothing names them.
    """
    named = _in_extension(_extension(source)) or _by_statistics(source)
    return {(0, number): segment for number, segment in sorted(named.items()) if number > 0}


def _extension(source: Source) -> str:
    """Text between header and voxels (nifti1.h: extension section)."""
    start, encoding = read_start(source)
    size = int.from_bytes(start[:4], "little")
    header = 540 if 540 in (size, int.from_bytes(start[:4], "big")) else 348
    with decoded(source.path, encoding) as file:
        file.read(header)
        flag = file.read(4)
        if flag[:1] in (b"", b"\0"):
            return ""
        return file.read(_EXTENSION_BYTES).decode("utf-8", "replace")


def _in_extension(text: str) -> dict[int, SegmentDraft]:
    begin = text.find("<LabelTable>")
    end = text.find("</LabelTable>", begin)
    if begin < 0 or end < 0:
        return {}
    found: dict[int, SegmentDraft] = {}
    for key, about, data, plain in _LABEL.findall(text[begin:end]):
        name = "".join(c for c in data or html.unescape(plain) if c.isprintable()).strip()[:_TEXT]
        if len(found) >= _MOST or not name or int(key) in found:
            continue
        segment = class_segment(int(key), name)
        said = _color(about)
        found[int(key)] = segment
        if segment.color is None and said is not None:
            segment.color = said
    return found


def _color(about: str) -> tuple[int, int, int] | None:
    try:
        parts = {name: round(255 * float(value)) for name, value in _COLOR.findall(about)}
    except ValueError:
        return None
    if len(parts) != 3 or not all(0 <= one <= 255 for one in parts.values()):
        return None
    return parts["Red"], parts["Green"], parts["Blue"]


def _by_statistics(source: Source) -> dict[int, SegmentDraft]:
    path = source.path.with_name("statistics.json")
    try:
        if not path.is_file() or path.stat().st_size > _SIDECAR_BYTES:
            return {}
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    names = set(said) if isinstance(said, dict) else set()
    tasks = [classes for classes in class_maps().values() if set(classes.values()) == names]
    if not tasks or any(classes != tasks[0] for classes in tasks):
        return {}  # of two tasks with the same names and other numbers neither is meant for sure
    return {number: class_segment(number, name) for number, name in tasks[0].items()}
