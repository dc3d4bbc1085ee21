"""The 3D view in JupyterLab: drawn, lit and clicked."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as Pillow
from playwright.sync_api import Page

SHOW = """
import os, explorer
from widgets.selection import Selection
from widgets.volume_view import VolumeView
patient = explorer.open(os.environ["ONCOGRAPH_STORE"])["STS_002"]
segs = list(patient.segmentations.values())
image = patient.images[segs[0].image]
selection = Selection()
view = VolumeView(image, segs[:1], selection, most=200_000, height=400)
view
"""


def pixels(page: Page) -> Any:
    """The viewer's canvas as ``(rows, cols, 3)``."""
    canvas = page.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    return np.asarray(Pillow.open(io.BytesIO(canvas.screenshot())).convert("RGB"), float)


def test_surface_is_drawn_and_a_click_is_a_pick(lab: Any) -> None:
    page = lab.open(lab.write("volume.ipynb", [SHOW, "print(selection.to_text())"]))
    lab.run(page, 0)
    page.wait_for_function("() => document.querySelector('.jp-OutputArea canvas')?.width > 300")
    red: Any = np.zeros(1)
    for _ in range(240):
        page.wait_for_timeout(500)
        shown = pixels(page)
        red = (shown[..., 0] > 90) & (shown[..., 0] > 1.8 * shown[..., 1])
        if red.sum() > 500:
            break
    assert red.sum() > 500, "the contour's own red is nowhere"
    rows, cols = np.nonzero(red)
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + float(np.median(cols)), box["y"] + float(np.median(rows)))
    page.wait_for_timeout(1500)
    lab.printed(page, 1, "/images/", "#point=")
    assert lab.outside == []
    page.close()
