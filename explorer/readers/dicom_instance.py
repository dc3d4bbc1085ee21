"""What a first look at one DICOM file keeps: enough to sort, place and load it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.readers.pet_tags import PetTags


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How one sample is stored (DICOM PS3.3 C.7.6.3.1)."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    big_endian: bool = False
    floating: bool = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the stored values; the byte order is the file's."""
        order = ">" if self.big_endian and self.bits_allocated > 8 else "<"
        kind = "f" if self.floating else "i" if self.signed else "u"
        return np.dtype(f"{order}{kind}{self.bits_allocated // 8}")

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.rows * self.columns * self.bits_allocated // 8


@dataclass(frozen=True, slots=True)
class PixelData:
    """Where the pixels are.

    Attributes
    ----------
    syntax : str
        Transfer syntax UID.
    offset : int
        Of the value of (7FE0,0010) in the file; in the inflated dataset where `deflated_at` is
        set; of the offset table's item where the pixels are encapsulated.
    length : int or None
        None where the pixels are encapsulated.
    frames : int
        As claimed.
    deflated_at : int or None
        Where the deflated stream starts.
    extended_offsets : tuple of bytes or None
        The extended offset table and its lengths, as they are.
    """

    syntax: str
    offset: int
    length: int | None
    frames: int = 1
    deflated_at: int | None = None
    extended_offsets: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A Modality LUT (DICOM PS3.3 C.11.1): stored value ``first + i`` means ``values[i]``."""

    first: int
    values: NDArray[np.uint16]
    kind: str


@dataclass(frozen=True, slots=True)
class RealWorld:
    """A Real World Value Mapping that is linear (DICOM PS3.3 C.7.6.16.2.11)."""

    slope: float
    intercept: float
    unit: str


@dataclass(frozen=True, slots=True)
class Plane:
    """One frame: where it lies and what its numbers mean.

    Attributes
    ----------
    index : int
        Of the frame within its file.
    position : tuple of 3 float or None
        mm LPS of the first voxel's centre.
    orientation : tuple of 6 float or None
        Unit vectors LPS along x and along y.
    spacing : tuple of float or None
        ``(y, x)`` mm.
    thickness : float or None
        Step to the next slice by the header, mm; only used for a slice that stands alone.
    slope, intercept : float or None
    rescale_type : str or None
    real_world : RealWorld or None
    image_type : tuple of str
    quantity : str or None
        What a parametric map's values are.
    order : dict
        What can tell frames at one position apart, by DICOM keyword.
    """

    index: int
    position: tuple[float, float, float] | None
    orientation: tuple[float, ...] | None
    spacing: tuple[float, float] | None
    thickness: float | None
    slope: float | None
    intercept: float | None
    rescale_type: str | None
    real_world: RealWorld | None
    image_type: tuple[str, ...]
    order: dict[str, float]
    quantity: str | None = None


@dataclass(slots=True)
class Instance:
    """One DICOM file that holds an image.

    Attributes
    ----------
    identity : str
        SeriesInstanceUID, or what stands for it where it is empty.
    modality : str
    projection : bool
        CR, DX, MG and the like: a picture, no slice.
    format, pixels, planes
    lookup : LookupTable or None
    overlay_bits : bool
        Graphics lie in the unused bits of the pixels (retired, DICOM PS3.3 C.9.2).
    name : str
    acquired : str or None
    frame_of_reference, sop_uid, series_uid : str or None
    spacing_from : str or None
        The tag that a projection's spacing was had from.
    pet : PetTags or None
    meta : dict
    problems : list of str
    synthetic : bool
    """

    identity: str
    modality: str
    projection: bool
    format: PixelFormat
    pixels: PixelData
    planes: list[Plane]
    name: str
    sop_uid: str | None = None
    series_uid: str | None = None
    frame_of_reference: str | None = None
    acquired: str | None = None
    lookup: LookupTable | None = None
    overlay_bits: bool = False
    spacing_from: str | None = None
    pet: PetTags | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    synthetic: bool = False
