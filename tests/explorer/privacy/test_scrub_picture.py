"""PNG and JPEG: the same pixels, no text, no EXIF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from explorer.errors import FileRefusedError
from explorer.privacy.scrub_picture import scrub_picture


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_pixels_stay_and_texts_go(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (37, 41, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x010E] = "QZX description"
    about = PngImagePlugin.PngInfo()
    about.add_text("Patient", "QZX")
    about.add_itxt("Comment", "QZX", zip=True)
    more = {"pnginfo": about} if suffix == ".png" else {"comment": b"QZX", "progressive": True}
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    Image.fromarray(pixels).save(source, exif=exif, **more)
    with source.open("ab") as file:
        file.write(b"QZX after the end")
    scrub_picture(source, target)
    assert b"QZX" in source.read_bytes()
    assert b"QZX" not in target.read_bytes()
    with Image.open(source) as one, Image.open(target) as two:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
        assert not two.getexif()
        assert "Patient" not in two.info


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0", b"\xff\xd8\xff\xe0", b"QZX"])
def test_broken(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.png").write_bytes(data)
    with pytest.raises(FileRefusedError, match="picture is broken"):
        scrub_picture(tmp_path / "in.png", tmp_path / "out.png")
