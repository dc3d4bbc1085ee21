from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from explorer.errors import FileRefusedError, FileSkippedError
from explorer.readers.color import read_palette, to_rgb, unpack_422


def palette(red: bytes, descriptor: tuple[int, int, int], **more: object) -> Dataset:
    dataset = Dataset()
    for name, data in (("Red", red), ("Green", red[::-1]), ("Blue", bytes(len(red)))):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", list(descriptor))
        setattr(dataset, f"{name}PaletteColorLookupTableData", data)
    for name, value in more.items():
        setattr(dataset, name, value)
    return dataset


def test_a_palette_of_bytes_that_begins_at_ten() -> None:
    found = read_palette(palette(bytes([1, 2, 3, 4]), (4, 10, 8)), False, False)
    shown = found(np.array([[9, 10], [13, 99]], np.uint8))
    assert shown.shape == (3, 2, 2)
    assert shown[0].tolist() == [[1, 1], [4, 4]]
    assert shown[1].tolist() == [[4, 4], [1, 1]]


def test_a_palette_of_words_keeps_them() -> None:
    found = read_palette(palette(b"\x00\x01\x00\x02", (2, 0, 16)), False, False)
    assert found.colors.dtype == np.uint16
    assert found.colors[0].tolist() == [256, 512]
    big = read_palette(palette(b"\x00\x01\x00\x02", (2, 0, 16)), False, True)
    assert big.colors[0].tolist() == [1, 2]


@pytest.mark.parametrize("descriptor", [(8, 0, 8), (0, 0, 8), (4, 0, 12)])
def test_a_palette_that_is_too_short_is_refused(descriptor: tuple[int, int, int]) -> None:
    with pytest.raises(FileRefusedError, match="palette of red"):
        read_palette(palette(bytes(4), descriptor), False, False)


def test_segments_are_not_read() -> None:
    dataset = palette(bytes(4), (4, 0, 8), SegmentedRedPaletteColorLookupTableData=bytes(4))
    with pytest.raises(FileSkippedError, match="in segments"):
        read_palette(dataset, False, False)


def test_two_pixels_share_their_chroma() -> None:
    data = np.array([10, 20, 90, 130, 30, 40, 91, 131], np.uint8)
    assert unpack_422(data, 2, 2).tolist() == [
        [[10, 90, 130], [20, 90, 130]],
        [[30, 91, 131], [40, 91, 131]],
    ]


def test_grey_has_no_chroma() -> None:
    frame = np.full((1, 2, 3), 128, np.uint8)
    frame[0, :, 0] = [7, 200]
    assert to_rgb(frame).tolist() == [[[7, 7, 7], [200, 200, 200]]]
