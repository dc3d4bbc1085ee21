"""image_references: the series and image numbers that a text names."""

from __future__ import annotations

import re

from graphs.finding import ImageReference
from graphs.text.narrow import narrow

_SERIES = r"(?:series|ser|se|serie|シリーズ|系列|序列)"
_IMAGE = r"(?:images?|imgs?|im|ima|slices?|imagen|corte|画像|图像|スライス)"
_PATTERN = re.compile(
    rf"\b{_SERIES}\.?\s*\#?(?P<s1>\d{{1,5}})\s*[,;:/、，-]?\s*(?:and\s+)?{_IMAGE}\.?\s*\#?(?P<i1>\d{{1,5}})"  # noqa: RUF001
    rf"|\b{_IMAGE}\.?\s*\#?(?P<i2>\d{{1,5}})\s*[,;]?\s*(?:/|of\s+|in\s+|on\s+)?{_SERIES}\.?\s*\#?(?P<s2>\d{{1,5}})"
    # 'im 57/4' is image 57 of series 4; 'IMA 8-34' is series 8, image 34
    rf"|\b{_IMAGE}\.?\s*\#?(?P<i3>\d{{1,5}})\s*/\s*(?P<s3>\d{{1,3}})"
    rf"|\b{_IMAGE}\.?\s*\#?(?P<s4>\d{{1,3}})\s*[-:]\s*(?P<i4>\d{{1,5}})"
    rf"|\b{_IMAGE}\.?\s*\#?(?P<i5>\d{{1,5}})(?![\d.]|\s*(?:mm|cm)\b)"
    r"|第\s*(?P<i6>\d{1,5})\s*(?:层|層|张)"
    r"|(?<=\()(?P<s7>\d{1,3})[-:](?P<i7>\d{1,4})(?=\))"
    # '(5/112)' and '(5/112, 6 mm)', but no date, year, score or pressure
    r"|(?<=\()(?P<s8>[1-9]|[12]\d|30)\s?/\s?(?P<i8>3[2-9]|[4-9]\d|[1-9]\d\d|1[0-8]\d\d)(?=\s*[),;])",
    re.IGNORECASE,
)
# of a bare '(3/45)': so many of so many nodes or fields
_COUNTED = re.compile(
    r"\b(?:positive|negative|involved|examined|sampled|resected|mitos[ei]s|mitotic)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d+")
# what stands before the first number of those in ASCII, full stop, hash and white space left out
_NAMES = (
    "series", "ser", "se", "serie", "image", "images", "img", "imgs", "im", "ima", "slice",
    "slices", "imagen", "corte", "(",
)  # fmt: skip
_SKIPPED = "#. \t\n\r\f\v\x1c\x1d\x1e\x1f"


def image_references(text: str, start: int = 0, end: int | None = None) -> list[ImageReference]:
    """Find references to images in a part of a text, usually a sentence.

    Parameters
    ----------
    text : str
    start, end : int
        Unicode code points, half-open.

    Returns
    -------
    list of ImageReference
        Numbers as written: from which one they count is not known. A bare pair in brackets,
        '(8-173)', is read as series and image; '(5/112)' too where it can be no date, year or
        score: the image is beyond 31.

    Examples
    --------
    >>> [(one.series, one.image) for one in image_references("nodule (series 4, image 57)")]
    [(4, 57)]
    """
    text, end = narrow(text), len(text) if end is None else end
    if not _may_name(text, start, end):
        return []
    found = []
    for match in _PATTERN.finditer(text, start, end):
        if match["s8"] and _COUNTED.search(text, start, end):
            continue
        said = {name[0]: int(value) for name, value in match.groupdict().items() if value}
        found.append(ImageReference(said.get("s"), said.get("i"), None, match.start(), match.end()))
    return found


def _may_name(text: str, start: int, end: int) -> bool:
    """Whether a number stands behind a word for images, which is quick to see."""
    for one in _DIGIT.finditer(text, start, end):
        before = text[start : one.start()]
        if not before.isascii() or before.rstrip(_SKIPPED)[-6:].lower().endswith(_NAMES):
            return True
    return False
