"""Segments of a DICOM SEG: names, codes, colours (DICOM PS3.3 C.8.20.2)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr._snomed_dict import mapping as snomed_mapping

from explorer.draft import Code, SegmentDraft
from explorer.readers.dicom_values import integer, items, numbers, text

# XYZ of D65 white to linear sRGB (IEC 61966-2-1).
_SRGB = np.array(
    [[3.2404542, -1.5371385, -0.4985314],
     [-0.9692660, 1.8760108, 0.0415560],
     [0.0556434, -0.2040259, 1.0572252]]
)  # fmt: skip
_NO_CODE = ("unspecified", "99ONCOGRAPH")
_D65 = np.array([0.95047, 1.0, 1.08883])


def read_segments(dataset: Dataset) -> list[SegmentDraft]:
    """Describe the segments of a header, in its order, with unique names.

    A label map's background (the value that pads, PS3.3 C.8.20.2.3.1) is no segment.
    """
    padding = integer(dataset, "PixelPaddingValue")
    found: list[SegmentDraft] = []
    for item in items(dataset, "SegmentSequence"):
        number = integer(item, "SegmentNumber")
        if number is None or number in (padding, *(one.number for one in found)):
            continue
        found.append(_segment(item, number))
    for segment, name in zip(found, unique_names(one.name for one in found), strict=True):
        segment.name = name
    return found


def _segment(item: Dataset, number: int) -> SegmentDraft:
    code = read_code(item, "SegmentedPropertyTypeCodeSequence")
    return SegmentDraft(
        number=number,
        name=text(item, "SegmentLabel") or (code.meaning if code else None) or f"segment {number}",
        code=code,
        category=read_code(item, "SegmentedPropertyCategoryCodeSequence"),
        algorithm_type=text(item, "SegmentAlgorithmType", 16),
        algorithm_name=text(item, "SegmentAlgorithmName"),
        color=_color(item),
    )


def unique_names(names: Iterable[str]) -> list[str]:
    """Make names unique: the second 'Lesion' becomes 'Lesion 2'."""
    wanted = list(names)
    taken: set[str] = set()
    found = []
    for name in wanted:
        fresh, count = name, 1
        while fresh in taken or (count > 1 and fresh in wanted):
            count += 1
            fresh = f"{name} {count}"
        taken.add(fresh)
        found.append(fresh)
    return found


def read_code(dataset: Dataset, sequence: str) -> Code | None:
    """Read the first code of a sequence; None where it is empty or has no value.

    Codes of SNOMED RT ('SRT', retired) become those of SNOMED CT that DICOM PS3.16 annex O
    puts in their place.
    """
    found = items(dataset, sequence)
    if not found:
        return None
    value = next(
        (v for tag in ("CodeValue", "LongCodeValue", "URNCodeValue") if (v := text(found[0], tag))),
        None,
    )
    if value is None:
        return None
    scheme = text(found[0], "CodingSchemeDesignator", 64) or ""
    if (value, scheme) == _NO_CODE:
        return None  # an export of ours said that it had none
    if scheme in ("SRT", "99SDM", "SNM3") and value in snomed_mapping["SRT"]:
        scheme, value = "SCT", snomed_mapping["SRT"][value]
    return Code(value, scheme, text(found[0], "CodeMeaning") or value)


def _color(item: Dataset) -> tuple[int, int, int] | None:
    """Recommended Display CIELab Value as sRGB.

    PS3.3 C.10.7.1.1 speaks of D50; what writes SEG (dcmqi, 3D Slicer, highdicom) takes D65, and
    only so do its colours come back.
    """
    found = numbers(item, "RecommendedDisplayCIELabValue")
    if len(found) != 3:
        return None
    lightness = found[0] / 65535 * 100
    a, b = (one / 65535 * 255 - 128 for one in found[1:])
    y = (lightness + 16) / 116
    f = np.array([y + a / 500, y, y - b / 200])
    xyz = _D65 * np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2)
    linear = np.clip(_SRGB @ xyz, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(srgb * 255).astype(int)
    return int(red), int(green), int(blue)
