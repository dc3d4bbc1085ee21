"""Whole-slide images: DICOM SM and SVS (real, small), pyramids in TIFF (made up)."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import tifffile

from explorer.errors import AddressError, FileRefusedError, FileSkippedError, SourceChangedError
from explorer.ingest import ingest
from explorer.readers.reader import Reader
from explorer.readers.slide import SlideReader
from explorer.slide import Slide
from explorer.store import Store

SLIDES = Path(__file__).parents[2] / "data" / "slides"


def pyramid(path: Path, size: int = 1024, levels: int = 3) -> np.ndarray:
    """A tiled pyramid of smooth colours, lossless; each level every second pixel of the finer."""
    y, x = np.mgrid[:size, :size]
    whole = np.stack([y * 255 // size, x * 255 // size, (x + y) % 256], axis=2).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tifffile.TiffWriter(path) as writer:
        for k in range(levels):
            step = 2**k
            writer.write(
                whole[::step, ::step],
                tile=(64, 64),
                photometric="rgb",
                compression="deflate",
                subifds=levels - 1 if k == 0 else None,
                subfiletype=1 if k else 0,
                resolution=(40000 / step, 40000 / step),
                resolutionunit="CENTIMETER",
                metadata=None,
            )
    return whole


def slide(folder: Path, store: Path, **more: Any) -> Slide:
    result = ingest(folder, store, **more)
    assert result.counts["refused"] == 0, result.files
    (patient,) = (Store(store)[name] for name in Store(store))
    (found,) = patient.slides.values()
    return found


def test_is_a_reader() -> None:
    assert isinstance(SlideReader(), Reader)


def test_a_real_dicom_slide(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    shutil.copy(SLIDES / "sm_image.dcm", tmp_path / "src")
    found = slide(tmp_path / "src", tmp_path / "s.onco")
    dataset = pydicom.dcmread(SLIDES / "sm_image.dcm")
    tiles = dataset.pixel_array
    assert tiles.shape == (25, 10, 10, 3)
    whole = tiles.reshape(5, 5, 10, 10, 3).transpose(0, 2, 1, 3, 4).reshape(50, 50, 3)
    (level,) = found.levels
    assert level.shape == (50, 50)
    assert level.mpp == pytest.approx((0.499, 0.499))
    assert np.array_equal(found.read(0, 0, 0, 50, 50).values, whole)
    assert np.array_equal(found.read(0, 7, 13, 20, 9).values, whole[7:27, 13:22])
    assert np.array_equal(found.thumbnail.values, whole)
    assert found.series_uid == dataset.SeriesInstanceUID
    assert found.storage == "referenced"
    assert not ingest(tmp_path / "src", tmp_path / "s.onco").changed


def test_a_real_svs(tmp_path: Path) -> None:
    folder = tmp_path / "src" / "patient7"
    folder.mkdir(parents=True)
    shutil.copy(SLIDES / "small.svs", folder)
    found = slide(tmp_path / "src", tmp_path / "s.onco")
    expected = tifffile.imread(SLIDES / "small.svs", series=0)
    assert found.levels[0].shape == (16, 16)
    assert found.meta["vendor"] == "svs"
    assert found.meta["magnification"] == 20
    assert np.array_equal(found.read(0, 2, 3, 5, 7).values, expected[2:7, 3:10])


def test_levels_and_regions_of_a_pyramid(tmp_path: Path) -> None:
    whole = pyramid(tmp_path / "src" / "p1" / "biopsy.tif")
    found = slide(tmp_path / "src", tmp_path / "s.onco", patient="p1")
    assert [one.shape for one in found.levels] == [(1024, 1024), (512, 512), (256, 256)]
    assert [one.downsample for one in found.levels] == [1, 2, 4]
    assert [one.mpp for one in found.levels] == [
        pytest.approx((0.25, 0.25)), pytest.approx((0.5, 0.5)), pytest.approx((1, 1)),
    ]  # fmt: skip
    for level, y, x, height, width in ((0, 0, 0, 64, 64), (0, 100, 901, 130, 123), (2, 1, 2, 3, 4)):
        step = 2**level
        expected = whole[::step, ::step][y : y + height, x : x + width]
        assert np.array_equal(found.read(level, y, x, height, width).values, expected)
    assert found.thumbnail.shape == (512, 512, 3)
    assert np.array_equal(found.thumbnail.values, whole[::2, ::2])
    for wrong in ((3, 0, 0, 1, 1), (0, 0, 0, 1025, 1), (0, -1, 0, 1, 1), (0, 0, 0, 0, 1)):
        with pytest.raises(AddressError, match=r"[Ll]evel"):
            found.read(*wrong)


def test_a_source_that_changed_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "src" / "p1" / "biopsy.tif"
    pyramid(path)
    found = slide(tmp_path / "src", tmp_path / "s.onco")
    os.utime(path, ns=(1, 1))  # another time, the same bytes
    assert found.read(0, 0, 0, 2, 2).shape == (2, 2, 3)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(SourceChangedError, match="not the one"):
        found.read(0, 0, 0, 2, 2)
    path.unlink()
    with pytest.raises(SourceChangedError, match="cannot be read"):
        found.read(0, 0, 0, 2, 2)


def test_labels_and_what_is_no_slide_are_left(dicom: Any, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(SLIDES / "sm_image.dcm")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]
    dataset.save_as(tmp_path / "label.dcm")
    with pytest.raises(FileSkippedError, match="may show a name"):
        SlideReader().peek(dicom.source(tmp_path / "label.dcm"))
    tifffile.imwrite(tmp_path / "plain.tif", np.zeros((8, 8), np.uint16))
    assert SlideReader().peek(dicom.source(tmp_path / "plain.tif")) is None
    (tmp_path / "none.svs").write_bytes(b"II*\0" + bytes(99))
    with pytest.raises(FileRefusedError, match="cannot be opened"):
        SlideReader().peek(dicom.source(tmp_path / "none.svs"))
    shutil.copy(SLIDES / "small.svs", tmp_path / "a.svs")
    with pytest.raises(FileRefusedError, match="unpack the archive"):
        SlideReader().peek(dicom.source(tmp_path / "a.svs", referable=False))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sm", "svs"])
def test_flipped_bytes_and_truncations_give_one_status_each(tmp_path: Path, kind: str) -> None:
    """500 of each kind; no crash here, no hang."""
    rng = random.Random(25)
    folder = tmp_path / "src"
    folder.mkdir()
    name = {"sm": "sm_image.dcm", "svs": "small.svs"}[kind]
    valid = (SLIDES / name).read_bytes()
    for k in range(500):
        broken = bytearray(valid)
        if k % 5 == 0:
            del broken[rng.randrange(1, len(broken)) :]
        else:
            broken[rng.randrange(len(broken) if kind == "svs" else 6000)] ^= 1 << rng.randrange(8)
        (folder / f"{k:03}{Path(name).suffix}").write_bytes(broken)
    result = ingest(folder, tmp_path / "s.onco")
    assert len(result.files) == 500
    assert {row["path"] for row in result.files} == {str(p) for p in folder.iterdir()}
    assert all(row["reason"] for row in result.refused)
