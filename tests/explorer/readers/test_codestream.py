from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from explorer.readers.codestream import Codestream, read_codestream

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
