"""Colours of DICOM pixels as red, green and blue (DICOM PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space

from explorer.errors import FileRefusedError, FileSkippedError
from explorer.readers.dicom_values import value

_NAMES = ("Red", "Green", "Blue")
TAGS = (
    "PlanarConfiguration",
    *(f"{name}PaletteColorLookupTable{part}" for name in _NAMES for part in ("Descriptor", "Data")),
    "SegmentedRedPaletteColorLookupTableData",
)
SAMPLES = {
    "MONOCHROME1": 1, "MONOCHROME2": 1, "PALETTE COLOR": 1, "RGB": 3, "YBR_FULL": 3,
    "YBR_FULL_422": 3, "YBR_RCT": 3, "YBR_ICT": 3,
}  # fmt: skip


class Palette:
    """A palette: stored value ``first + i`` is the colour ``colors[:, i]``.

    Attributes
    ----------
    first : int
    colors : ndarray, (3, n), uint8 or uint16
        Red, green, blue.
    """

    def __init__(self, first: int, colors: NDArray[Any]) -> None:
        self.first, self.colors = first, colors

    def __call__(self, indices: NDArray[Any]) -> NDArray[Any]:
        """Colour a frame ``(y, x)``: ``(c, y, x)``; beyond the ends the last colour holds."""
        at = np.clip(indices.astype(np.int64) - self.first, 0, self.colors.shape[1] - 1)
        return self.colors[:, at]


def read_palette(dataset: Dataset, signed: bool, big_endian: bool) -> Palette:
    """Read the palette of a header that was parsed with `TAGS` (DICOM PS3.3 C.7.9).

    Raises
    ------
    FileRefusedError
        The palette is missing or contradicts itself.
    FileSkippedError
        It is stored in segments, which are not read yet.
    """
    if "SegmentedRedPaletteColorLookupTableData" in dataset:
        raise FileSkippedError("A palette in segments is not read yet")
    tables: list[NDArray[Any]] = []
    firsts = set()
    for name in _NAMES:
        descriptor = value(dataset, f"{name}PaletteColorLookupTableDescriptor")
        data = value(dataset, f"{name}PaletteColorLookupTableData")
        try:
            count, first, bits = (int(one) & 0xFFFF for one in descriptor)
        except (TypeError, ValueError, OverflowError) as error:
            raise FileRefusedError(f"The palette of {name.lower()} is missing or broken") from error
        count = count or 65536
        wide = bits == 16 and isinstance(data, bytes) and len(data) >= 2 * count
        kind = (">u2" if big_endian else "<u2") if wide else "u1"
        if bits not in (8, 16) or not isinstance(data, bytes) or len(data) < count:
            raise FileRefusedError(
                f"The palette of {name.lower()} is of {bits} bits, in "
                f"{len(data) if isinstance(data, bytes) else 0} bytes",
                expected=f"{count} entries of 8 or 16 bits",
            )
        tables.append(np.frombuffer(data, kind)[:count].astype(np.uint16 if wide else np.uint8))
        firsts.add(first - 65536 if signed and first > 32767 else first)
    if len({(len(one), one.dtype) for one in tables}) > 1 or len(firsts) > 1:
        raise FileRefusedError("The palettes of red, green and blue differ in size")
    return Palette(firsts.pop(), np.stack(tables))


def unpack_422(data: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """Give each pixel of native YBR_FULL_422 its own chroma: ``(y, x, 3)``.

    Two pixels are stored as Y1, Y2, Cb, Cr (DICOM PS3.3 C.7.6.3.1.2).
    """
    pairs = data.reshape(-1, 4)
    luma = pairs[:, :2].reshape(-1)
    chroma = np.repeat(pairs[:, 2:], 2, axis=0)
    return np.column_stack([luma, chroma]).reshape(rows, columns, 3)


def to_rgb(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn YBR_FULL ``(y, x, 3)`` into RGB."""
    return np.asarray(convert_color_space(frame, "YBR_FULL", "RGB"), np.uint8)
