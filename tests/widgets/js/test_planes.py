"""Oblique, projection and compare views in a browser: pixels, keys, requests, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

SHAPE = (40, 40, 40)
NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
RED = (240, 40, 40)
WIDE = {"width": 1500, "height": 3000}


@pytest.fixture(scope="module")
def page(
    lab: Any,
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
    make: Callable[..., Any],
) -> Iterator[Any]:
    values = np.full(SHAPE, -1000, np.int16)
    values[10:30, 10:30, 10:30] = 0
    block = np.zeros(SHAPE, bool)
    block[15:25, 15:25, 10:20] = True
    seg = seg_draft("seg", {NASTY: block}, np.eye(4), "planes-a", name=NASTY)
    seg.segments[0].color = RED
    moved = np.eye(4)
    moved[:3, 3] = 5, 0, 0
    folder = lab.folder / "planes"
    folder.mkdir()
    make(
        image_draft("planes-a", values, np.eye(4), name=NASTY),
        seg,
        image_draft("planes-b", values, moved, frame_of_reference="7.7"),
        folder=folder,
    )
    notebook = lab.write(
        "planes.ipynb",
        [
            "import explorer, numpy as np; from widgets.oblique_view import ObliqueView\n"
            "from widgets.projection_view import ProjectionView\n"
            "from widgets.compare_view import CompareView\n"
            "from graphs.registration import Registration\n"
            "p = explorer.open('planes/made.onco')['made-up']; a = p.images['planes-a']\n"
            "s = list(p.segmentations.values()); look = dict(window=1000, level=-500)",
            "o = ObliqueView(a, s, height=420, **look); o",
            "x = ProjectionView(p, o.selection, height=380); x",
            "m = np.eye(4); m[0, 3] = 5\n"
            "r = Registration('images/planes-a', 'images/planes-b', m, 'correlation', 0, 1, 1, 0,"
            " True, 'made up')\n"
            "c = CompareView(p, 'planes-a', 'planes-b', r); c",
            "print('SAID', o.angles, o.selection.by, len(o.selection.picked), x.azimuth,"
            " [k['path'] for k in x.along], c.right.crosshair)",
        ],
    )
    opened = lab.open(notebook)
    opened.set_viewport_size(WIDE)
    for cell in range(4):
        lab.run(opened, cell)
    lab.settled(opened)
    _ready(opened)
    yield opened
    opened.close()


def _ready(page: Any, canvas: str = "") -> None:
    page.wait_for_function(
        """(name) => [...document.querySelectorAll('.onco-flat')]
            .filter((one) => !name || one.dataset.pane === name)
            .every((one) => one.dataset.state === 'ready')""",
        arg=canvas,
        timeout=120_000,
    )
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def _canvas(page: Any, name: str) -> Any:
    return page.locator(f".onco-flat canvas[data-pane={name}]")


def _grey(page: Any, name: str, right: float, down: float) -> list[int]:
    """Colour of a canvas at a place in CSS pixels from its middle."""
    found: list[int] = _canvas(page, name).evaluate(
        """(canvas, [x, y]) => {
            const ratio = canvas.width / canvas.clientWidth;
            return [...canvas.getContext('2d').getImageData(
                Math.round((canvas.clientWidth / 2 + x) * ratio),
                Math.round((canvas.clientHeight / 2 + y) * ratio), 1, 1).data].slice(0, 3);
        }""",
        [right, down],
    )
    return found


def _scale(page: Any, name: str, wide: float, high: float) -> float:
    """CSS pixels a mm of a picture that just fits."""
    box = _canvas(page, name).bounding_box()
    return float(min((box["width"] - 12) / wide, (box["height"] - 12) / high))


def test_planes_lie_where_they_should_and_turn_by_mouse_and_key(lab: Any, page: Any) -> None:
    scale = _scale(page, "axial", 40, 40)
    for right, inside in ((-7, True), (9, True), (-11.5, False), (11.5, False)):
        grey = _grey(page, "axial", right * scale, 8 * scale)
        assert grey == ([255] * 3 if inside else [0] * 3)
    # the segment's left edge, at x = 10 of 40
    row = [_grey(page, "axial", -10 * scale + k, 3 * scale) for k in (-1, 0, 1)]
    assert any(abs(np.array(one) - RED).max() < 60 for one in row)
    canvas = _canvas(page, "oblique")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("]")
    _ready(page, "oblique")
    lab.printed(page, 4, "SAID", "[5.0, -1.0, 5.0]")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 170, box["y"] + 200, steps=5)
    page.mouse.up()
    _ready(page, "oblique")
    lab.printed(page, 4, "SAID", "[15.0, -1.0, 5.0]")
    canvas.focus()
    page.keyboard.press("m")  # a projection
    page.keyboard.press("r")
    _ready(page, "oblique")
    page.keyboard.press("Enter")
    lab.printed(page, 4, "SAID", "[0.0, 0.0, 0.0] ObliqueView 1")


def test_a_ray_is_listed_and_selected_in_both_views(lab: Any, page: Any) -> None:
    scale = _scale(page, "projection", 40, 40)
    canvas = _canvas(page, "projection")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.click(
        box["x"] + box["width"] / 2 - 5 * scale, box["y"] + box["height"] / 2 - 1 * scale
    )
    row = page.locator(".onco-list button[data-lit=true]", has_text=NASTY).first
    row.wait_for()
    lab.printed(page, 4, "SAID", "ProjectionView 1 0.0 [10.0]")
    # lit in the other view too
    expect(page.locator(".onco-flatview").first.locator("[data-lit=true]")).to_have_count(1)
    canvas.focus()
    page.keyboard.press("ArrowRight")
    _ready(page, "projection")
    lab.printed(page, 4, "SAID", "ProjectionView 1 5.0")
    page.get_by_label("Named view").select_option("90")
    _ready(page, "projection")
    lab.printed(page, 4, "SAID", " 90.0 ")


def test_two_studies_have_one_crosshair(lab: Any, page: Any) -> None:
    left = page.locator(".onco-compare .onco-slices").nth(0).locator("canvas[data-pane=axial]")
    left.focus()
    page.keyboard.press("ArrowDown")
    lab.settled(page)
    # from the largest slice of the segment, one towards the feet; both arrays are alike
    lab.printed(page, 4, "SAID", "[14, 19, 14]")
    page.get_by_label("How the two are shown").select_option("checkerboard")
    pair = _canvas(page, "pair")
    pair.wait_for()
    _ready(page, "pair")
    scale = _scale(page, "pair", 40, 40)
    # both images are alike, and lie on each other: water in a soft tissue window
    assert {tuple(_grey(page, "pair", k * scale, 8.5 * scale)) for k in (-8, -3, 3, 8)} == {
        (102, 102, 102)
    }
    bar = page.locator(".onco-comparebar")
    assert "Registered: made up" in bar.inner_text()
    assert NASTY in bar.inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_left_out_and_nothing_leaves(lab: Any, page: Any, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(
        "(theme) => document.querySelectorAll('.onco-flatview').forEach("
        "(one) => { one.dataset.theme = theme; })",
        theme,
    )
    if theme == "dark":
        page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    found = Axe().run(page, context={"include": [[".onco-flatview"]]}).response["violations"]
    assert [(one["id"], [n["html"][:120] for n in one["nodes"]]) for one in found] == []
    assert page.evaluate("() => document.body.dataset.pwned") is None
    assert lab.outside == []
    assert lab.faults == []
