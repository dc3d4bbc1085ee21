"""Layers, measuring, magnifier and play in a browser, against pixels worked out by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from widgets.luts import lut

SHAPE = (20, 40, 50)
NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
GREEN = "#00ff00"


def _requests(context: Any, seen: list[str]) -> None:
    """Write down what asks for planes and what brings them, pane by pane."""

    def frame(sign: str, payload: Any) -> None:
        raw = payload if isinstance(payload, bytes) else payload.encode()
        if re.search(rb'"kind":\s*"plane"', raw):
            pane = re.search(rb'"pane":\s*(\d)', raw)
            comm = re.search(rb'"comm_id":\s*"(\w+)"', raw)
            if pane and comm:
                seen.append(f"{sign}{comm[1].decode()}/{pane[1].decode()}")

    def socket(made: Any) -> None:
        made.on("framesent", lambda payload: frame("+", payload))
        made.on("framereceived", lambda payload: frame("-", payload))

    context.on("page", lambda page: page.on("websocket", socket))


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def page(
    lab: Any,
    asked: list[str],
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
    make: Callable[..., Any],
) -> Iterator[Any]:
    ramp = np.broadcast_to(np.arange(50, dtype=np.int16) * 8 - 160, SHAPE).copy()
    # 2 mm voxels whose edges are those of the first image's: at column c it is 2 c - 1
    pet = np.broadcast_to(np.arange(25, dtype=np.int16) * 4, (10, 20, 25)).copy()
    affine = np.diag([2.0, 2, 2, 1])
    affine[:3, 3] = 0.5
    mask = np.zeros(SHAPE, bool)
    mask[:, 30:36, 40:46] = True
    rng = np.random.default_rng(3)
    folder = lab.folder / "layers"
    folder.mkdir()
    make(
        image_draft("ct", ramp, np.eye(4)),
        image_draft("pet", pet, affine, modality="PT", units="SUVbw", name=NASTY),
        seg_draft("seg", {"node": mask}, np.eye(4), "ct"),
        image_draft("mr", rng.integers(0, 9, (6, 4, 20, 20)).astype(np.int16), np.eye(4),
                    modality="MR", units="1"),
        folder=folder,
    )  # fmt: skip
    notebook = lab.write(
        "layers.ipynb",
        [
            "import explorer, numpy as np; from widgets import SliceView",
            "p = explorer.open('layers/made.onco')['made-up']",
            # that a slow machine asks twice is another matter
            "look = dict(smooth=False, retry_after=300.0)\n"
            "a = SliceView(p.images['ct'], p.segmentations['seg'], height=320, **look); a",
            "b = SliceView(p.images['mr'], height=240, frames_per_second=30, **look); b",
            "a.window, a.level, a.crosshair, a.visible = 800, 0, [3, 38, 48], []\n"
            "a.fuse(p.images['pet'], fused_window=100, fused_level=50, fused_opacity=0.5,\n"
            "       fused_fade=False, fused_lut='viridis')\n"
            f"a.boxes = [{{'box': [[2, 5], [10, 20], [15, 35]], 'color': '{GREEN}',\n"
            f"             'label': {NASTY!r}}}]\n"
            "kept = []; a.on_keep(kept.append)",
            "print(a.measurements, len(kept), a.picked_segment.get('volume_ml'))",
            "a.visible = ['node']; a.emphasis = ['node']; a.fused = None; a.boxes = []\n"
            "a.theme = 'dark'; a.lay_heat(np.full((20, 40, 50), 0.5, np.float32))\n"
            "a.heat_lut, a.heat_opacity = 'viridis', 1.0",
            "shot = await a.screenshot(90); print(shot[:4], len(shot) > 5000)",
        ],
    )
    _requests(lab.context, asked)
    opened = lab.open(notebook)
    opened.set_viewport_size({"width": 1500, "height": 1800})
    for cell in range(5):
        lab.run(opened, cell)
    lab.settled(opened)
    yield opened
    opened.close()


def _grey(col: int) -> float:
    return 255 * ((col * 8 - 160) / 800 + 0.5)


def _press(page: Any, *keys: str, pane: str = "axial", view: int = 0) -> None:
    page.locator(".onco-slices").nth(view).locator(f"canvas[data-pane={pane}]").focus()
    for key in keys:
        page.keyboard.press(key)


def _tap(page: Any, key: str) -> None:
    """A short press, however slow the machine is; `_press` lets go when the press was seen to."""
    page.locator(".onco-slices").first.locator("canvas[data-pane=axial]").evaluate(
        """(canvas, key) => {
            canvas.focus();
            for (const kind of ["keydown", "keyup"]) {
                canvas.dispatchEvent(new KeyboardEvent(kind, { key, bubbles: true }));
            }
        }""",
        key,
    )


def test_two_images_are_mixed_and_both_values_are_said(lab: Any, page: Any) -> None:
    expect(page.locator(".onco-other").first).to_have_text("95 SUVbw")
    expect(page.get_by_label("Colours of the second image").first).to_have_value("viridis")
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    for col in (5, 12, 44):
        entry = lut("viridis")[round(255 * (2 * col - 1) / 100)]
        mixed = (_grey(col) + entry) / 2
        found = canvas.at(left + (col + 0.5) * scale, top + 25.5 * scale)
        assert found == pytest.approx(tuple(mixed), abs=3)
    view = page.locator(".onco-slices").first
    assert view.locator(".onco-value").inner_text() == "224 HU"
    assert view.locator(".onco-other").inner_text() == "95 SUVbw"
    _press(page, "o")
    canvas = lab.canvas(page, "axial")
    found = canvas.at(left + 12.5 * scale, top + 25.5 * scale)
    assert found == pytest.approx((round(_grey(12)),) * 3, abs=2)


def test_a_box_is_drawn_at_its_edges_in_every_plane(lab: Any, page: Any) -> None:
    _press(page, "x")
    for pane, size, edges, row in (
        ("axial", (50, 40), (15, 35), 12.5),
        ("coronal", (50, 20), (15, 35), 20 - 3.5),
        ("sagittal", (40, 20), (10, 20), 20 - 3.5),
    ):
        at = {"axial": [3, 38, 48], "coronal": [8, 15, 48], "sagittal": [8, 38, 20]}[pane]
        _move(page, at)
        canvas = lab.canvas(page, pane)
        scale, left, top = canvas.fit(*size)
        line = np.array([canvas.at(x, top + row * scale) for x in range(int(canvas.width))])
        green = np.flatnonzero((line[:, 1] > 180) & (line[:, 0] < 60) & (line[:, 2] < 60)) + 0.5
        for edge in edges:
            near = green[np.abs(green - left - edge * scale) < 4]
            assert len(near) in (1, 2, 3)
            assert abs(near.mean() - left - edge * scale) <= 1
    _move(page, [9, 38, 48])
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    assert max(canvas.at(left + 15 * scale, top + 12.5 * scale)) < 200, "outside of z 2 to 4"
    _move(page, [3, 38, 48])
    _press(page, "x")


def _move(page: Any, voxel: list[int]) -> None:
    """Move the crosshair with the sliders, as a person would."""
    view = page.locator(".onco-slices").first
    for axis, pane in enumerate(("axial", "coronal", "sagittal")):
        view.locator(f".onco-pane[data-pane={pane}] .onco-scroll").fill(str(voxel[axis]))


def test_a_distance_is_drawn_with_the_mouse_and_an_area_with_the_keys(lab: Any, page: Any) -> None:
    _press(page, "d")
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    x, y = canvas.x + left, canvas.y + top
    page.mouse.move(x + 10.5 * scale, y + 5.5 * scale)
    page.mouse.down()
    page.mouse.move(x + 31 * scale, y + 5.5 * scale, steps=3)
    page.mouse.move(x + 30.5 * scale, y + 5.5 * scale)
    page.mouse.up()
    view = page.locator(".onco-slices").first
    view.locator(".onco-said-measure").nth(0).wait_for()
    told = view.locator(".onco-said-measure").nth(0).inner_text()
    assert float(told.split()[0]) == pytest.approx(20, abs=0.5)
    # from the crosshair at (y 38, x 48), five up and four to the left
    _press(page, "b", "p", *["Shift+ArrowUp"] * 5, *["Shift+ArrowLeft"] * 4, "p")
    view.locator(".onco-said-measure").nth(1).wait_for()
    told = view.locator(".onco-said-measure").nth(1).inner_text()
    assert told.startswith("20 mm² · mean 208 HU")
    assert "30 pixels" in told
    view.get_by_role("button", name="Keep this box").click()
    view.locator(".onco-kept").wait_for()
    view.get_by_role("button", name="Delete this distance").click()
    page.wait_for_function("() => document.querySelectorAll('.onco-said-measure').length === 1")
    _press(page, "v")
    lab.printed(page, 5, "'kind': 'box'")
    view.get_by_role("button", name="Hide this box").click()  # it stays in the store


def test_the_magnifier_shows_three_times_as_much(lab: Any, page: Any) -> None:
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    x, y = left + 30 * scale, top + 30 * scale
    page.mouse.move(canvas.x + x, canvas.y + y)
    _tap(page, "m")
    canvas = lab.canvas(page, "axial")
    for away in (-40, 25, 45):
        col = int(30 + away / 3 / scale)
        found = canvas.at(x + away, y + 5)
        assert found == pytest.approx((round(_grey(col)),) * 3, abs=11), "a column to either side"
    _tap(page, "m")
    assert lab.canvas(page, "axial").at(x + 45, y + 5) != found


def test_play_goes_on_and_stops(lab: Any, page: Any) -> None:
    view = page.locator(".onco-slices").nth(1)
    time = view.locator("input[aria-label='Time point']")
    _press(page, " ", view=1)
    page.wait_for_function(
        """() => Number(document.querySelectorAll('.onco-slices')[1]
            .querySelector("input[aria-label='Time point']").value) >= 3"""
    )
    _press(page, " ", view=1)
    assert view.get_by_role("button", name="Play (space)").get_attribute("aria-pressed") == "false"
    lab.settled(page)
    before = time.input_value()
    page.wait_for_timeout(200)
    assert time.input_value() == before


def test_one_request_a_pane_at_a_time(lab: Any, page: Any, asked: list[str]) -> None:
    _press(page, *["ArrowDown"] * 6, *["ArrowUp"] * 9)
    lab.settled(page)
    open_now: Counter[str] = Counter()
    for one in list(asked):
        open_now[one[1:]] += 1 if one[0] == "+" else -1
        assert open_now[one[1:]] <= 1
    assert sum(one[0] == "+" for one in asked) > 10


def test_a_heat_map_the_dark_theme_and_a_click_on_a_label(lab: Any, page: Any) -> None:
    view = page.locator(".onco-slices").first
    light = Axe().run(page, context=".onco-slices")
    assert light.violations_count == 0, light.generate_report()
    lab.run(page, 6)
    expect(page.get_by_label("Opacity of the heat map").first).to_have_value("1")
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    mixed = (_grey(12) + lut("viridis")[128].astype(float)) / 2
    found = canvas.at(left + 12.5 * scale, top + 25.5 * scale)
    assert found == pytest.approx(tuple(mixed), abs=3)
    # the edge of what stands out is thick, and in the colour of what is selected
    assert canvas.at(left + 40 * scale + 2, top + 33 * scale) == (255, 176, 0)
    page.mouse.click(canvas.x + left + 43 * scale, canvas.y + top + 33 * scale)
    view.locator(".onco-picked", has_text="node").wait_for()
    assert "0.72 ml" in view.locator(".onco-picked").inner_text()
    back = view.evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", back)[:3]) < 60
    dark = Axe().run(page, context=".onco-slices")
    assert dark.violations_count == 0, dark.generate_report()
    lab.printed(page, 7, "b'\\x89PNG' True")


def test_nothing_ran_and_nobody_was_asked(lab: Any, page: Any) -> None:
    assert page.evaluate("document.body.dataset.pwned") is None
    assert page.locator(".onco-slices img").count() == 0
    assert lab.outside == []
    assert lab.faults == []
