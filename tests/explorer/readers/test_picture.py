from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from explorer.draft import ImageDraft
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.readers.picture import PictureReader, oriented
from explorer.readers.reader import Reader
from explorer.store import Store

RNG = np.random.default_rng(5)
GREY = RNG.integers(0, 255, (6, 8), np.uint8)
COLOR = RNG.integers(0, 255, (6, 8, 3), np.uint8)


def save(path: Path, array: Any, **more: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **more)
    return path


def image(dicom: Any, path: Path) -> ImageDraft:
    header = PictureReader().peek(dicom.source(path))
    assert header is not None
    reading = PictureReader().read([header], [])
    assert reading.drafts, reading.statuses[0].reason
    (draft,) = reading.drafts
    assert isinstance(draft, ImageDraft)
    return draft


def test_is_a_reader() -> None:
    assert isinstance(PictureReader(), Reader)


def test_grey_and_colour_of_8_and_16_bits(dicom: Any, tmp_path: Path) -> None:
    deep = (GREY.astype(np.uint16) << 8) + 7
    for name, array, expected, dims in (
        ("grey.png", GREY, GREY, ("y", "x")),
        ("deep.png", deep, deep, ("y", "x")),
        ("color.png", COLOR, np.moveaxis(COLOR, -1, 0), ("c", "y", "x")),
        ("same.png", np.repeat(GREY[..., None], 3, axis=2), GREY, ("y", "x")),
        ("clear.png", np.dstack([COLOR, GREY]), np.moveaxis(COLOR, -1, 0), ("c", "y", "x")),
    ):
        draft = image(dicom, save(tmp_path / name, array))
        assert draft.dims == dims
        assert draft.dtype == expected.dtype
        assert np.array_equal(draft.load(), expected)
        assert draft.units == "1"
        assert draft.bits_stored == expected.dtype.itemsize * 8
        assert "spacing is not known" in draft.problems[0]
        assert draft.grid is None
    rgb16 = RNG.integers(0, 65535, (6, 8, 3), np.uint16)
    (tmp_path / "rgb16.png").write_bytes(imagecodecs.png_encode(rgb16))
    draft = image(dicom, tmp_path / "rgb16.png")
    assert np.array_equal(draft.load(), np.moveaxis(rgb16, -1, 0))
    assert draft.bits_stored == 16


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_is_what_pillow_decodes(dicom: Any, tmp_path: Path, progressive: bool) -> None:
    for name, array in (("grey.jpg", GREY), ("color.jpeg", COLOR)):
        path = save(tmp_path / name, array, quality=95, progressive=progressive)
        expected = np.asarray(Image.open(path))
        found = image(dicom, path).load()
        shown = found if found.ndim == 2 else np.moveaxis(found, 0, -1)
        assert np.abs(shown.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_as_pillow_does(
    dicom: Any, tmp_path: Path, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.png", GREY, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    draft = image(dicom, path)
    assert np.array_equal(draft.load(), expected)
    assert draft.shape == expected.shape
    assert any("orientation" in one for one in draft.problems) == (orientation != 1)
    assert np.array_equal(oriented(COLOR, 1), COLOR)


def _png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        )

    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_bombs_and_what_is_no_picture(dicom: Any, tmp_path: Path) -> None:
    for name, data, reason in (
        ("bomb.png", _png_of(100_000, 100_000), "at most"),
        ("wide.png", _png_of(2**31 - 1, 1), "at most"),
        ("none.png", b"MZ" + bytes(99), "neither PNG nor JPEG"),
        ("cut.png", _png_of(1024, 1024)[:60], "."),
        ("short.png", _png_of(4096, 4096), "broken"),
        ("none.jpg", b"\xff\xd8\xff" + bytes(99), "."),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises((FileRefusedError, AssertionError), match=reason):
            image(dicom, tmp_path / name)
    packed = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(packed, "JPEG")
    (tmp_path / "cmyk.jpg").write_bytes(packed.getvalue())
    with pytest.raises(AssertionError, match="CMYK"):
        image(dicom, tmp_path / "cmyk.jpg")


def test_whose_pictures_are(tmp_path: Path) -> None:
    """The folder's name; where it only sorts, or is the source, nobody's but its own."""
    src = tmp_path / "src"
    for name in ("anna/1.png", "anna/2.png", "set/berta/1.png", "images_001/3.png", "4.png"):
        save(src / name, GREY)
    store = Store(ingest_into(src, tmp_path / "a.onco"))
    labels = sorted(store)
    assert labels[0] == "anna"
    assert labels[1] == "berta"
    assert all(label.startswith("unnamed-") for label in labels[2:])
    assert len(labels) == 4
    assert len(store["anna"].images) == 2
    told = Store(ingest_into(src, tmp_path / "b.onco", patient="p1"))
    assert list(told) == ["p1"]


def ingest_into(src: Path, store: Path, **more: Any) -> Path:
    assert ingest(src, store, **more).counts["refused"] == 0
    return store


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_flipped_bytes_and_truncations_give_one_status_each(tmp_path: Path, kind: str) -> None:
    """500 of 10 valid pictures of each kind; no crash, no hang."""
    rng = random.Random(21)
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(10):
        array = RNG.integers(0, 255, (32, 24, 3) if number % 2 else (32, 24), np.uint8)
        valid = save(tmp_path / f"valid.{kind}", array).read_bytes()
        for k in range(50):
            broken = bytearray(valid)
            if k % 5 == 0:
                del broken[rng.randrange(1, len(broken)) :]
            else:
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            (folder / f"{number}_{k:03}.{kind}").write_bytes(broken)
    result = ingest(folder, tmp_path / "s.onco", patient="p")
    assert len(result.files) == 500
    assert {row["path"] for row in result.files} == {str(p) for p in folder.iterdir()}
    assert all(row["reason"] for row in result.refused)
