"""Stored values of DICOM frames: read where they lie, or decoded."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import generate_frames

from explorer.draft import FrameRef, Source
from explorer.errors import FileRefusedError
from explorer.readers.bounded_file import BoundedFile
from explorer.readers.codestream import read_codestream
from explorer.readers.decoder import SYNTAXES, shared_decoder
from explorer.readers.dicom_instance import Instance, PixelData, PixelFormat
from explorer.readers.dicom_slice import Slice
from explorer.readers.inflate import inflate


class Spool:
    """Decoded frames in an unnamed file of the scratch folder, gone with this object.

    Compressed frames are decoded while the series is read, since only that shows which files are
    broken, and are not held in memory.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as its drafts
        weakref.finalize(self, self._file.close)

    def add(self, frame: NDArray[Any]) -> int:
        """Append a frame; returns where it starts."""
        start = self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(frame).tobytes())
        return start

    def read(self, start: int, count: int) -> bytes:
        """Read a frame back."""
        self._file.seek(start)
        return self._file.read(count)


def decode_frames(source: Source, instance: Instance) -> Iterator[NDArray[Any]]:
    """Decode the frames of an encapsulated or deflated file, each ``(y, x)``, little endian.

    Raises
    ------
    FileRefusedError
        A frame is missing, of another size than Rows x Columns, or cannot be decoded.
    """
    if instance.pixels.deflated_at is not None:
        yield from _inflated(source, instance, instance.pixels.deflated_at)
        return
    form, codec = instance.format, SYNTAXES[instance.pixels.syntax]
    wanted = len(instance.planes)
    decoder = shared_decoder()
    done = 0
    for data in encoded_frames(source, instance.pixels):
        head = read_codestream(codec, data)
        if codec != "rle" and (
            head is None or (head.rows, head.columns, head.samples) != (form.rows, form.columns, 1)
        ):
            found = f"{head.rows} x {head.columns} x {head.samples}" if head else "no codestream"
            raise FileRefusedError(
                f"Frame {done + 1} is {found}", expected=f"{form.rows} x {form.columns} x 1"
            )
        if codec == "jpeg" and b"\xff\xd9" not in data:  # the decoder would fill up with grey
            raise FileRefusedError(f"Frame {done + 1} is cut off", expected="JPEG's end of image")
        pixels = form.rows * form.columns
        frame = decoder.decode(instance.pixels.syntax, data, pixels, form.bits_allocated)
        if frame.size != pixels:
            raise FileRefusedError(f"Frame {done + 1} has {frame.size} pixels of {pixels}")
        yield as_stored(frame.reshape(form.rows, form.columns), form)
        done += 1
        if done == wanted:
            return
    raise FileRefusedError(f"{wanted} frames are claimed, {done} are there")


def must_decode(instance: Instance) -> bool:
    """Tell whether the pixels do not lie in the file as they are."""
    return instance.pixels.length is None or instance.pixels.deflated_at is not None


def _inflated(source: Source, instance: Instance, start: int) -> Iterator[NDArray[Any]]:
    form = instance.format
    with inflate(source.path, start).getbuffer() as data:
        for plane in instance.planes:
            at = instance.pixels.offset + plane.index * form.frame_bytes
            frame = np.frombuffer(data[at : at + form.frame_bytes], form.dtype)
            yield plain_bits(frame.reshape(form.rows, form.columns), form).copy()
            del frame


def encoded_frames(source: Source, pixels: PixelData) -> Iterator[bytes]:
    """Cut encapsulated pixels into the codestreams of their frames.

    Raises
    ------
    FileRefusedError
        The encapsulation is broken.
    """
    try:
        with source.path.open("rb") as raw:
            raw.seek(pixels.offset)
            bounded = BoundedFile(raw, source.size, max_bytes=2 * source.size + (1 << 20))
            yield from generate_frames(
                cast(BinaryIO, bounded),
                number_of_frames=pixels.frames,
                extended_offsets=pixels.extended_offsets,
            )
    except FileRefusedError:
        raise
    except Exception as error:
        raise FileRefusedError(f"The encapsulated frames are broken: {error}") from error


def as_stored(frame: NDArray[Any], form: PixelFormat) -> NDArray[Any]:
    """Bring a codec's array to the file's own integers: sign and width are the header's."""
    unsigned = np.dtype(f"<u{form.bits_allocated // 8}")
    if frame.dtype.itemsize > unsigned.itemsize and frame.size:
        low, high = int(frame.min()), int(frame.max())
        if high >= 1 << form.bits_allocated or low < -(1 << (form.bits_allocated - 1)):
            raise FileRefusedError(
                f"A frame has values from {low} to {high}",
                expected=f"{form.bits_allocated} bits (BitsAllocated)",
            )
    values = frame.astype(unsigned)
    if not form.signed:
        return values
    if frame.dtype.kind == "i":
        return values.view(unsigned.str.replace("u", "i"))
    return _sign_extend(values, form.bits_stored)


def _sign_extend(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Read the low `bits` as two's complement (DICOM PS3.5 8.1.1)."""
    spare = values.dtype.itemsize * 8 - bits
    kind = values.dtype.newbyteorder("<").str.replace("u", "i")
    return (values.astype(values.dtype.newbyteorder("<")) << spare).view(kind) >> spare


def plain_bits(raw: NDArray[Any], form: PixelFormat) -> NDArray[Any]:
    """Cut the bits out that BitsStored and HighBit name; the rest may hold anything."""
    if form.bits_stored == form.bits_allocated:
        return raw
    values = raw.view(raw.dtype.str.replace("i", "u")) >> (form.high_bit + 1 - form.bits_stored)
    if form.signed:
        return _sign_extend(values, form.bits_stored)
    return np.asarray(values & np.array((1 << form.bits_stored) - 1, values.dtype))


def raw_frame(source: Source, instance: Instance, index: int) -> NDArray[Any]:
    """Read one native frame ``(y, x)`` as it lies in the file."""
    form, pixels = instance.format, instance.pixels
    start = pixels.offset + index * form.frame_bytes
    with source.path.open("rb") as file:
        file.seek(start)
        data = file.read(form.frame_bytes)
    if len(data) != form.frame_bytes:
        raise FileRefusedError(
            f"Frame {index + 1} ends early", where=source.uri, do="see whether the file has changed"
        )
    return np.frombuffer(data, form.dtype).reshape(form.rows, form.columns)


def frame_reference(one: Slice) -> FrameRef | None:
    """Give the bytes that are a frame's stored values, or None where it must be decoded.

    A reference is right only for native pixels without a lookup table whose unused bits hold
    nothing. Bits can lie: where BitsStored is less than BitsAllocated the pixels are looked at.
    """
    source, instance = one.header.source, one.instance
    form, pixels = instance.format, instance.pixels
    if (
        one.spooled is not None
        or not source.referable
        or instance.lookup is not None
        or instance.overlay_bits
        or form.high_bit != form.bits_stored - 1
    ):
        return None
    if form.bits_stored < form.bits_allocated:
        raw = raw_frame(source, instance, one.plane.index)
        if not np.array_equal(raw, plain_bits(raw, form)):
            return None
    start = pixels.offset + one.plane.index * form.frame_bytes
    return FrameRef(source.uri, start, form.frame_bytes)


def stored_dtype(slices: list[Slice]) -> np.dtype[Any]:
    """Tell the dtype of a stack's stored values; little endian unless all its files are big."""
    if slices[0].instance.lookup is not None:
        return np.dtype("<u2")
    found = {one.instance.format.dtype for one in slices if one.spooled is None}
    if len(found) == 1 and all(one.spooled is None for one in slices):
        return found.pop()
    return slices[0].instance.format.dtype.newbyteorder("<")


@dataclass(frozen=True)
class StackPixels:
    """Loads a stack.

    Attributes
    ----------
    slices : list of Slice
        C order over the leading dims.
    shape : tuple of int
    dtype : numpy.dtype
    spool : Spool
    """

    slices: list[Slice]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    spool: Spool

    def __call__(self) -> NDArray[Any]:
        """Give the stored values.

        Raises
        ------
        FileRefusedError
            A file is gone, or is shorter than it was.
        """
        out = np.empty((len(self.slices), *self.shape[-2:]), self.dtype)
        for index, one in enumerate(self.slices):
            try:
                out[index] = self._frame(one)
            except OSError as error:
                raise FileRefusedError(
                    f"The file cannot be read: {error.strerror}", where=one.header.source.uri
                ) from error
        return out.reshape(self.shape)

    def _frame(self, one: Slice) -> NDArray[Any]:
        form = one.instance.format
        if one.spooled is not None:
            kind = form.dtype.newbyteorder("<")
            data = self.spool.read(one.spooled, form.frame_bytes)
            values = np.frombuffer(data, kind).reshape(form.rows, form.columns)
        else:
            values = plain_bits(raw_frame(one.header.source, one.instance, one.plane.index), form)
        table = one.instance.lookup
        if table is None:
            return values
        index = np.clip(values.astype(np.int64) - table.first, 0, len(table.values) - 1)
        return table.values[index]
