"""Notebook 01 as a clinician runs it: in JupyterLab, with mouse and keys."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.patient import Patient
from explorer.store import Store

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_explore_a_patient.ipynb"

# STS_002's CT: 48 x 143 x 161, x to the left, y to the back, z to the head
DZ, DY, DX = 3.27, 0.9765625, 0.9765625
WIDTH, HEIGHT = 161 * DX, 143 * DY


@pytest.fixture(scope="module")
def page(lab: Any) -> Iterator[Any]:
    copy = lab.folder / NOTEBOOK.name
    shutil.copy(NOTEBOOK, copy)
    opened = lab.open(copy)
    lab.run_all(opened)
    lab.settled(opened)
    yield opened
    opened.close()


@pytest.fixture
def patient(demo: Store) -> Patient:
    return demo["STS_002"]


def _fresh(lab: Any, page: Any) -> None:
    """Axial and large, first window, crosshair on; the picture at its first size."""
    page.locator("canvas[data-pane=axial]").focus()
    page.keyboard.press("r")
    lab.settled(page)


def _place(canvas: Any, row: int, col: int) -> tuple[float, float]:
    """Where an axial pixel's middle must lie on the canvas, by hand."""
    scale, left, top = canvas.fit(WIDTH, HEIGHT)
    return left + (col + 0.5) * DX * scale, top + (row + 0.5) * DY * scale


def _shown(page: Any, name: str) -> str:
    text: str = page.locator(f".onco-{name}").first.inner_text()
    return text


def test_no_cell_fails_and_nobody_is_asked_outside(lab: Any, page: Any) -> None:
    assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
    assert lab.outside == []
    assert lab.faults == []


def test_the_slice_is_the_data_and_the_mask_lies_on_its_pixels(
    lab: Any, page: Any, patient: Patient
) -> None:
    page.locator("canvas[data-pane=axial]").focus()
    smooth = page.get_by_role("button", name="Interpolate between pixels").first
    smooth.click()
    page.locator("canvas[data-pane=axial]").focus()
    page.keyboard.press("x")
    seg = patient.segmentations["RTstruct_CT"]
    mask = seg.mask("GTV_Mass_CT").values
    z = int(mask.sum(axis=(1, 2)).argmax())
    values = patient.images["CT"].data[z].values.astype(float)
    grey = np.clip((values - 40) / 400 + 0.5, 0, 1) * 255
    color = np.array(seg.colors["GTV_Mass_CT"], float)
    canvas = lab.canvas(page, "axial")
    plane = mask[z]
    core = (
        plane
        & np.roll(plane, 1, 0)
        & np.roll(plane, -1, 0)
        & np.roll(plane, 1, 1)
        & np.roll(plane, -1, 1)
    )
    rows, cols = np.nonzero(plane)
    inside = outside = edge = 0
    for row in range(rows.min() - 8, rows.max() + 9):
        for col in range(cols.min() - 8, cols.max() + 9):
            found = np.array(canvas.at(*_place(canvas, row, col)), float)
            plain = np.full(3, grey[row, col])
            if core[row, col]:
                np.testing.assert_allclose(found, plain * 0.65 + color * 0.35, atol=3)
                inside += 1
            elif plane[row, col]:
                assert found[0] - found[1] > 50, "filled, or its outline"
                edge += 1
            else:
                np.testing.assert_allclose(found, plain, atol=3)
                outside += 1
    assert (inside, inside + edge) == (core.sum(), plane.sum())
    assert outside > 1000
    assert len(np.unique(grey[rows, cols].round())) > 50, "not blank"
    page.keyboard.press("x")
    smooth.click()


def test_a_click_moves_the_crosshair_and_reads_the_value(
    lab: Any, page: Any, patient: Patient
) -> None:
    _fresh(lab, page)
    canvas = lab.canvas(page, "axial")
    z = int(re.findall(r"zyx (\d+)", _shown(page, "voxel"))[0])
    right, down = _place(canvas, 40, 60)
    page.mouse.click(canvas.x + right, canvas.y + down)
    page.wait_for_function(
        "() => document.querySelector('.onco-voxel').textContent.endsWith('40, 60')"
    )
    lab.settled(page)
    assert _shown(page, "voxel") == f"voxel zyx {z}, 40, 60"
    value = int(patient.images["CT"].data[z, 40, 60])
    expect(page.locator(".onco-value").first).to_have_text(f"{value} HU")
    x, y, up = 1.95312 + 60 * DX, 59.5703 + 40 * DY, -629.04 + z * DZ
    shown = [float(v) for v in re.findall(r"-?\d+\.\d", _shown(page, "place"))]
    assert shown == pytest.approx([x, y, up], abs=0.06)
    # Python knows
    cell = page.locator(".jp-CodeCell", has_text="view.slices.point_lps").first
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        f"""() => [...document.querySelectorAll('.jp-OutputArea-output')].some(
            (o) => o.textContent.includes("[{z}, 40, 60]"))"""
    )


def test_the_wheel_goes_to_the_feet(lab: Any, page: Any) -> None:
    _fresh(lab, page)
    canvas = lab.canvas(page, "axial")
    z = int(re.findall(r"zyx (\d+)", _shown(page, "voxel"))[0])
    page.mouse.move(canvas.x + 100, canvas.y + 100)
    page.mouse.wheel(0, 100)
    page.wait_for_function(
        f"() => document.querySelector('.onco-voxel').textContent.includes('zyx {z - 1},')"
    )
    lab.settled(page)
    after = lab.canvas(page, "axial")
    assert not np.array_equal(after.page, canvas.page)
    page.locator("canvas[data-pane=axial]").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        f"() => document.querySelector('.onco-voxel').textContent.includes('zyx {z},')"
    )


def test_the_right_button_changes_the_window(lab: Any, page: Any) -> None:
    _fresh(lab, page)
    canvas = lab.canvas(page, "axial")
    x, y = canvas.x + 200, canvas.y + 200
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 64, y - 32, steps=4)
    page.mouse.up(button="right")
    page.wait_for_function(
        "() => document.querySelector('input[aria-label^=\"Window width\"]').value === '500'"
    )
    width = page.locator("input[aria-label^='Window width']").first
    level = page.locator("input[aria-label^='Window level']").first
    _window(width, level, "500", "-10")
    page.locator("canvas[data-pane=axial]").focus()
    page.keyboard.press("2")
    _window(width, level, "1500", "-600")
    page.keyboard.press("1")
    _window(width, level, "400", "40")


def _window(width: Any, level: Any, wide: str, middle: str) -> None:
    expect(width).to_have_value(wide)
    expect(level).to_have_value(middle)


def test_keys_do_not_reach_the_notebook(page: Any) -> None:
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.locator("canvas[data-pane=axial]").focus()
    for key in ("a", "b", "d", "d", "y", "m"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.evaluate("document.activeElement.dataset.pane") == "axial"


def test_choosing_the_pet(lab: Any, page: Any, patient: Patient) -> None:
    chooser = page.locator(".jp-OutputArea-output select").first
    chooser.select_option(index=2)
    page.wait_for_function(
        "() => document.querySelector('.onco-value').textContent.endsWith('SUVbw')"
    )
    lab.settled(page)
    z, y, x = (int(k) for k in re.findall(r"\d+", _shown(page, "voxel")))
    value = float(patient.images["PT"].data[z, y, x])
    assert float(_shown(page, "value").split()[0]) == pytest.approx(value, abs=0.006)
    legend = page.locator(".onco-legend li").first
    expect(legend).to_have_text(re.compile(r"^\s*GTV_Mass_PET"))
    assert lab.outside == []
    assert lab.faults == []
