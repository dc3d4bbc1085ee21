from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow

from widgets.case.plane_picture import Layout, Outline, plane_picture
from widgets.planes import planes
from widgets.presets import Preset


def test_pixels_outline_frame_and_bar() -> None:
    pane = planes(np.eye(4), (3, 60, 60))[0]
    values = np.full((60, 60), 100, np.int16)
    values[:, 30:] = 0
    mask = np.zeros((60, 60), bool)
    mask[20:40, 35:45] = True
    layout = Layout((0, 0, 60, 60), 600, (34, 19, 46, 41), "#ffb000")
    png, size = plane_picture(
        pane, values, Preset("all", 100, 50), layout, [Outline(mask, "#56b4e9")]
    )
    assert size == (600, 600)
    pixels = np.asarray(Pillow.open(io.BytesIO(png)).convert("RGB")).astype(int)
    assert tuple(pixels[200, 100]) == (255, 255, 255)
    assert tuple(pixels[100, 500]) == (0, 0, 0)
    blue = np.argwhere((pixels == (0x56, 0xB4, 0xE9)).all(-1))
    assert np.abs(blue.min(0) - (200, 350)).max() <= 2
    assert np.abs(blue.max(0) - (399, 449)).max() <= 2
    gold = np.argwhere((pixels == (0xFF, 0xB0, 0)).all(-1))
    assert np.abs(gold.min(0) - (187, 337)).max() <= 1
    bar = np.argwhere(pixels[587, :300].sum(-1) == 765).ravel()
    # 10 mm of 60 are 100 of 600 pixels, with a black edge
    assert {10, 50, 110} <= set(bar)
    assert tuple(pixels[587, 9]) == (0, 0, 0)
    assert tuple(pixels[587, 111]) == (0, 0, 0)
