from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from explorer.readers.codestream import Codestream, jpeg_color, read_codestream

VALUES = np.arange(30 * 50, dtype=np.uint16).reshape(30, 50)


@pytest.mark.parametrize(
    ("codec", "data", "precision"),
    [
        ("jpegls", imagecodecs.jpegls_encode(VALUES), 16),
        ("ljpeg", imagecodecs.ljpeg_encode(VALUES), 16),
        ("jpeg", imagecodecs.jpeg8_encode(VALUES.astype(np.uint8)), 8),
        (
            "jpeg2k",
            imagecodecs.jpeg2k_encode(VALUES, level=0, codecformat="j2k", resolutions=2),
            16,
        ),
        (
            "jpeg2k",
            imagecodecs.jpeg2k_encode(VALUES, level=0, codecformat="jp2", resolutions=2),
            16,
        ),
    ],
)
def test_sizes(codec: str, data: bytes, precision: int) -> None:
    assert read_codestream(codec, data) == Codestream(30, 50, 1, precision)


@pytest.mark.parametrize("codec", ["jpegls", "jpeg", "ljpeg", "jpeg2k", "htj2k"])
@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x00" * 50, b"\xff\x4f\xff\x51\x00", bytes(100)],
)
def test_no_head(codec: str, data: bytes) -> None:
    assert read_codestream(codec, data) is None


def test_a_zero_length_segment_does_not_hang() -> None:
    assert read_codestream("jpeg", b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1000) is None


@pytest.mark.parametrize(
    ("markers", "photometric", "expected"),
    [
        (b"", "RGB", "RGB"),
        (b"", "YBR_FULL_422", "YCBCR"),
        (b"\xff\xe0\x00\x07JFIF\0", "RGB", "YCBCR"),
        (b"\xff\xee\x00\x0eAdobe\0d\0\0\0\0\x00", "YBR_FULL", "RGB"),
        (b"\xff\xee\x00\x0eAdobe\0d\0\0\0\0\x01", "RGB", "YCBCR"),
        (b"\xff\xee\x00\x0eAdobe\0d\0\0\0\0\xdb", "RGB", "RGB"),  # GE writes what it likes
    ],
)
def test_what_the_components_of_a_jpeg_are(markers: bytes, photometric: str, expected: str) -> None:
    frame = b"\xff\xd8" + markers + b"\xff\xc0\x00\x11\x08"
    assert jpeg_color(frame, photometric) == expected
    assert jpeg_color(frame[:-3], photometric) == expected
