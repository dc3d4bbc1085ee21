"""Stored values of cines and colour pictures: grey as it is, colour as red, green and blue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import FrameRef, Source
from explorer.errors import FileRefusedError
from explorer.readers.codestream import jpeg_color, read_codestream
from explorer.readers.color import Palette, to_rgb, unpack_422
from explorer.readers.decoder import SYNTAXES, shared_decoder
from explorer.readers.dicom_instance import PixelData, PixelFormat
from explorer.readers.dicom_pixels import Spool, as_stored, encoded_frames, plain_bits
from explorer.readers.inflate import inflate

RGB = 3


@dataclass(frozen=True)
class CinePixels:
    """The frames of one file.

    Attributes
    ----------
    source : Source
    form : PixelFormat
        Of one sample.
    pixels : PixelData
    samples : int
        As stored: 1 or 3.
    planar : bool
        Whether a native frame holds all of red, then all of green, then all of blue.
    palette : Palette or None
    """

    source: Source
    form: PixelFormat
    pixels: PixelData
    samples: int
    planar: bool
    palette: Palette | None = None

    @property
    def color(self) -> bool:
        """Whether a frame is ``(c, y, x)``."""
        return self.samples == RGB or self.palette is not None

    @property
    def frame_bytes(self) -> int:
        """Of a native frame."""
        if self.form.photometric == "YBR_FULL_422":
            return self.form.rows * self.form.columns * 2
        return self.form.frame_bytes * self.samples

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """``(y, x)`` or ``(c, y, x)``."""
        plane = (self.form.rows, self.form.columns)
        return (RGB, *plane) if self.color else plane

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values as the draft has them."""
        if self.palette is not None:
            return np.dtype(self.palette.colors.dtype).newbyteorder("<")
        native = self.pixels.length is not None and self.pixels.deflated_at is None
        keeps = native and self.form.photometric in ("MONOCHROME1", "MONOCHROME2", "RGB")
        return self.form.dtype if keeps else self.form.dtype.newbyteorder("<")

    def references(self) -> list[FrameRef] | None:
        """The bytes that are the values, one ``(y, x)`` plane each; None where there are none."""
        form, pixels = self.form, self.pixels
        plain = form.photometric in ("MONOCHROME1", "MONOCHROME2") or (
            form.photometric == "RGB" and self.planar
        )
        if (
            not plain
            or not self.source.referable
            or pixels.length is None
            or pixels.deflated_at is not None
            or not self._fills_its_bits()
        ):
            return None
        count = pixels.frames * self.samples
        return [
            FrameRef(self.source.uri, pixels.offset + k * form.frame_bytes, form.frame_bytes)
            for k in range(count)
        ]

    def _fills_its_bits(self) -> bool:
        """Whether nothing lies in bits that are not the value's; where it could, that is read."""
        form = self.form
        if form.bits_stored == form.bits_allocated:
            return True
        if form.high_bit != form.bits_stored - 1:
            return False
        with self.source.path.open("rb") as file:
            file.seek(self.pixels.offset)
            for _ in range(self.pixels.frames):
                raw = np.frombuffer(file.read(self.frame_bytes), form.dtype)
                if not np.array_equal(raw, plain_bits(raw, form)):
                    return False
        return True

    def frames(self) -> Iterator[NDArray[Any]]:
        """Read and, where needed, decode the frames, each of `frame_shape` and `dtype`.

        Raises
        ------
        FileRefusedError
            A frame is missing, of another size, or cannot be decoded.
        """
        found = self._native() if self.pixels.length is not None else self._decoded()
        for frame in found:
            shown = self.palette(frame) if self.palette is not None else frame
            yield np.ascontiguousarray(shown, self.dtype)

    def _native(self) -> Iterator[NDArray[Any]]:
        pixels, size = self.pixels, self.frame_bytes
        if pixels.deflated_at is not None:
            with inflate(self.source.path, pixels.deflated_at).getbuffer() as data:
                for k in range(pixels.frames):
                    at = pixels.offset + k * size
                    yield self._arranged(np.frombuffer(bytes(data[at : at + size]), np.uint8))
            return
        with self.source.path.open("rb") as file:
            file.seek(pixels.offset)
            for k in range(pixels.frames):
                raw = file.read(size)
                if len(raw) != size:
                    raise FileRefusedError(f"Frame {k + 1} ends early", where=self.source.uri)
                yield self._arranged(np.frombuffer(raw, np.uint8))

    def _arranged(self, raw: NDArray[np.uint8]) -> NDArray[Any]:
        form = self.form
        if form.photometric == "YBR_FULL_422":
            return to_rgb(unpack_422(raw, form.rows, form.columns)).transpose(2, 0, 1)
        values = plain_bits(raw.view(form.dtype), form)
        if self.samples == 1:
            return values.reshape(form.rows, form.columns)
        if self.planar:
            colors = values.reshape(RGB, form.rows, form.columns)
        else:
            colors = values.reshape(form.rows, form.columns, RGB).transpose(2, 0, 1)
        if form.photometric == "YBR_FULL":
            return to_rgb(np.ascontiguousarray(colors.transpose(1, 2, 0))).transpose(2, 0, 1)
        return colors

    def _decoded(self) -> Iterator[NDArray[Any]]:
        wanted, done = self.pixels.frames, 0
        for data in encoded_frames(self.source, self.pixels):
            yield self._decode(data, done)
            done += 1
            if done == wanted:
                return
        raise FileRefusedError(f"{wanted} frames are claimed, {done} are there")

    def _decode(self, data: bytes, index: int) -> NDArray[Any]:
        form, codec = self.form, SYNTAXES[self.pixels.syntax]
        shape = (form.rows, form.columns, self.samples)
        head = read_codestream(codec, data)
        if codec != "rle" and (head is None or (head.rows, head.columns, head.samples) != shape):
            found = f"{head.rows} x {head.columns} x {head.samples}" if head else "no codestream"
            raise FileRefusedError(
                f"Frame {index + 1} is {found}", expected=" x ".join(map(str, shape))
            )
        if codec == "jpeg" and b"\xff\xd9" not in data:  # the decoder would fill up with grey
            raise FileRefusedError(f"Frame {index + 1} is cut off", expected="JPEG's end of image")
        color = self.samples == RGB and codec == "jpeg"
        count = int(np.prod(shape))
        frame = shared_decoder().decode(
            self.pixels.syntax,
            data,
            count,
            form.bits_allocated,
            color=jpeg_color(data, form.photometric) if color else None,
        )
        if frame.size != count:
            raise FileRefusedError(f"Frame {index + 1} has {frame.size} samples of {count}")
        if self.samples == 1:
            return as_stored(frame.reshape(form.rows, form.columns), form)
        if codec == "rle":  # a segment a byte of a sample: colours come one after another
            planes = frame.reshape(RGB, form.rows, form.columns)
        else:
            planes = frame.reshape(shape).transpose(2, 0, 1)
        # JPEG 2000 undoes its own transform (YBR_RCT, YBR_ICT); JPEG was told what it is
        if form.photometric == "YBR_FULL" and codec != "jpeg":
            planes = to_rgb(np.ascontiguousarray(planes.transpose(1, 2, 0))).transpose(2, 0, 1)
        return as_stored(planes, form)


@dataclass(frozen=True)
class SpooledFrames:
    """Loads decoded frames from where they were put down.

    Attributes
    ----------
    spool : Spool
    start : int
    shape : tuple of int
    dtype : numpy.dtype
    """

    spool: Spool
    start: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __call__(self) -> NDArray[Any]:
        """Give the stored values, of `shape` and `dtype`."""
        count = int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize
        return np.frombuffer(self.spool.read(self.start, count), self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class PlainFrames:
    """Loads native frames from their file.

    Attributes
    ----------
    pixels : CinePixels
    shape : tuple of int
    """

    pixels: CinePixels
    shape: tuple[int, ...]

    def __call__(self) -> NDArray[Any]:
        """Give the stored values.

        Raises
        ------
        FileRefusedError
            The file is gone, or is shorter than it was.
        """
        out = np.empty((self.pixels.pixels.frames, *self.pixels.frame_shape), self.pixels.dtype)
        try:
            for k, frame in enumerate(self.pixels.frames()):
                out[k] = frame
        except OSError as error:
            raise FileRefusedError(
                f"The file cannot be read: {error.strerror}", where=self.pixels.source.uri
            ) from error
        return out.reshape(self.shape)
