"""The slice view in a browser: what the screen shows, against pixels worked out by hand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

SHAPE = (20, 40, 50)
NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
RED, BLUE = (240, 40, 40), (40, 80, 240)


def _blocks() -> dict[str, np.ndarray]:
    """Two boxes that share the columns 20 to 29."""
    one, two = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    one[:, 10:30, 10:30] = True
    two[:, 10:30, 20:40] = True
    return {NASTY: one, "second": two}


@pytest.fixture(scope="module")
def page(
    lab: Any,
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
    make: Callable[..., Any],
) -> Iterator[Any]:
    rng = np.random.default_rng(3)
    ramp = np.broadcast_to(np.arange(50, dtype=np.int16) * 8 - 160, SHAPE).copy()
    heights = np.array([0.0, 2, 4, 20, 22, 24])
    origins = np.stack([0 * heights, 0 * heights, heights], 1)
    seg = seg_draft("seg", _blocks(), np.eye(4), "ct", name=NASTY)
    seg.segments[0].color, seg.segments[1].color = RED, BLUE
    make(
        image_draft("ct", ramp, np.eye(4), name=NASTY, problems=[NASTY]),
        seg,
        image_draft(
            "uneven",
            np.full((6, 20, 30), 240, np.int16),
            np.diag([1.0, 1, 4.8, 1]),
            slice_origins=origins,
        ),
        image_draft(
            "dx",
            np.broadcast_to(np.arange(60, dtype=np.uint16) * 10, (40, 60)).copy(),
            np.diag([0.5, 0.5, 1, 1]),
            modality="DX",
            units="1",
            frame_of_reference=None,
            meta={"photometric": "MONOCHROME1", "window": [[300, 600]]},
        ),
        image_draft("mr", rng.integers(0, 9, (3, 4, 20, 20)).astype(np.int16), np.eye(4),
                    modality="MR", units="1"),
        folder=lab.folder,
    )  # fmt: skip
    view = "SliceView(p.images['{}'], {}, height=300, smooth=False)"
    notebook = lab.write(
        "made.ipynb",
        [
            "import explorer; from widgets import SliceView",
            "p = explorer.open('made.onco')['made-up']",
            f"a = {view.format('ct', 'list(p.segmentations.values())')}; a",
            f"b = {view.format('uneven', '()')}; b",
            f"c = {view.format('dx', '()')}; c",
            f"d = {view.format('mr', '()')}; d",
            "a.window, a.level, a.crosshair, a.opacity = 800, 0, [3, 35, 5], 1.0",
            "print(a.clicked, a.point_lps, a.visible, d.time)",
            "a.point_lps = (12.2, 13.4, 5.1)",
        ],
    )
    opened = lab.open(notebook)
    opened.set_viewport_size({"width": 1500, "height": 2600})
    for cell in range(7):
        lab.run(opened, cell)
    expect(opened.locator(".onco-voxel").first).to_have_text("voxel zyx 3, 35, 5")
    lab.settled(opened)
    yield opened
    opened.close()


def _key(page: Any, pane: str, key: str, view: int = 0) -> None:
    page.locator(".onco-slices").nth(view).locator(f"canvas[data-pane={pane}]").focus()
    page.keyboard.press(key)


def test_what_python_sets_is_shown(lab: Any, page: Any) -> None:
    _key(page, "axial", "s")
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    for col in (3, 10, 30, 47):
        grey = round(255 * (((col * 8 - 160) / 800) + 0.5))
        found = canvas.at(left + (col + 0.5) * scale, top + 8.5 * scale)
        assert found == pytest.approx((grey,) * 3, abs=2)
    _key(page, "axial", "s")


def test_overlap_is_striped_in_both_colours(lab: Any, page: Any) -> None:
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)

    def colors(first: float, last: float) -> set[tuple[int, int, int]]:
        return {
            canvas.at(left + col * scale, top + 20.5 * scale)
            for col in np.arange(first, last, 0.5 / scale)
        }

    assert colors(11, 19) == {RED}
    assert colors(31, 39) == {BLUE}
    assert colors(21, 29) == {RED, BLUE}


def test_outlines_are_lines_at_the_edge(lab: Any, page: Any) -> None:
    _key(page, "axial", "f")
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    row = top + 25.5 * scale
    assert canvas.at(left + 10 * scale + 1, row) == RED
    grey = canvas.at(left + 15.5 * scale, row)
    assert grey == pytest.approx((round(255 * ((15 * 8 - 160) / 800 + 0.5)),) * 3, abs=2)
    _key(page, "axial", "f")


def test_a_segment_can_be_hidden(lab: Any, page: Any) -> None:
    box = page.locator(".onco-slices").first.locator(".onco-legend input").nth(1)
    box.uncheck()
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    grey = canvas.at(left + 35.5 * scale, top + 20.5 * scale)
    assert grey == pytest.approx((round(255 * ((35 * 8 - 160) / 800 + 0.5)),) * 3, abs=2)
    assert canvas.at(left + 25.5 * scale, top + 20.5 * scale) == RED
    box.check()


def test_hostile_names_are_text(page: Any) -> None:
    names = page.locator(".onco-slices").first.locator(".onco-name").all_inner_texts()
    assert names == [NASTY, "second"]
    assert page.locator(".onco-slices img").count() == 0
    assert page.evaluate("document.body.dataset.pwned") is None


def test_gaps_between_slices_stay_empty(lab: Any, page: Any) -> None:
    page.locator(".onco-slices").nth(1).locator("canvas[data-pane=coronal]").dblclick()
    _key(page, "coronal", "x", view=1)
    canvas = lab.canvas(page, "coronal", view=1)
    # 6 slices of 2 mm from 0 to 24 mm, with 16 mm between the third and the fourth
    scale, left, top = canvas.fit(30, 26)
    white = [top + down * scale for down in (1, 3, 5, 21, 23, 25)]
    assert all(canvas.at(left + 9 * scale, y) == (255, 255, 255) for y in white)
    gap = {canvas.at(left + 9 * scale, top + down * scale) for down in (7, 10, 13, 16, 19)}
    assert all(max(color) < 50 for color in gap)


def test_a_radiograph_is_one_plane_and_monochrome1_is_inverted(lab: Any, page: Any) -> None:
    view = page.locator(".onco-slices").nth(2)
    assert view.locator("canvas").count() == 1
    canvas = lab.canvas(page, "plane", view=2)
    scale, left, top = canvas.fit(30, 20)
    for col in (5, 20, 50):
        expected = round(255 * (1 - col * 10 / 600))
        found = canvas.at(left + (col + 0.5) * 0.5 * scale, top + 3 * scale)
        assert found == pytest.approx((expected,) * 3, abs=3)
    assert view.locator(".onco-place").inner_text() == "no patient coordinates"


def test_time_points(lab: Any, page: Any) -> None:
    slider = page.locator(".onco-slices").nth(3).locator("input[aria-label='Time point']")
    before = lab.canvas(page, "axial", view=3).page
    slider.fill("2")
    page.wait_for_function(
        "() => document.querySelectorAll('.onco-slices')[3].textContent.includes('2 / 2')"
    )
    assert not np.array_equal(before, lab.canvas(page, "axial", view=3).page)
    lab.printed(page, 7, re.compile(r"\b2$"))


def test_a_click_after_zoom_and_pan_finds_its_voxel(lab: Any, page: Any) -> None:
    canvas = lab.canvas(page, "axial")
    scale, left, top = canvas.fit(50, 40)
    x, y = canvas.x + left + 30.5 * scale, canvas.y + top + 12.5 * scale
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x + 40, y + 25, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.mouse.click(x + 40, y + 25)
    lab.settled(page)
    voxel = page.locator(".onco-slices").first.locator(".onco-voxel").inner_text()
    assert voxel.endswith(", 12, 30")
    lab.printed(page, 7, "'voxel': [3, 12, 30]", "'pane': 'axial'", "'n': 1")
    _key(page, "axial", "r")


def test_a_point_that_python_sets_moves_the_crosshair(lab: Any, page: Any) -> None:
    lab.run(page, 8)
    page.wait_for_function(
        "() => document.querySelector('.onco-voxel').textContent === 'voxel zyx 5, 13, 12'"
    )


def test_four_fields_and_help(lab: Any, page: Any) -> None:
    first = page.locator(".onco-slices").first
    _key(page, "axial", "l")
    widths = [first.locator(f"canvas[data-pane={p}]").bounding_box()["width"]
              for p in ("axial", "coronal", "sagittal")]  # fmt: skip
    assert max(widths) - min(widths) < 2
    _key(page, "axial", "?")
    assert first.locator(".onco-help").is_visible()
    page.keyboard.press("Escape")
    assert not first.locator(".onco-help").is_visible()
    assert page.evaluate("document.activeElement.dataset.pane") == "axial"
    _key(page, "axial", "l")


def test_nobody_was_asked_outside(lab: Any, page: Any) -> None:
    assert lab.outside == []
    assert lab.faults == []


def test_a_lost_reply_is_asked_for_again(lab: Any, demo: Any) -> None:
    notebook = lab.write(
        "lost.ipynb",
        [
            "import explorer; p = explorer.open(explorer.demo_store())['STS_002']",
            "v = p.view(image='CT', retry_after=0.5, height=300); v",
        ],
    )
    asked: list[bytes] = []
    lost: list[bytes] = []
    losing = [False]

    def between(route: Any) -> None:
        server = route.connect_to_server()

        def upward(message: Any) -> None:
            raw = message if isinstance(message, bytes) else message.encode()
            if re.search(rb'"kind":\s*"plane"', raw):
                asked.append(raw)
            server.send(message)

        def downward(message: Any) -> None:
            raw = message if isinstance(message, bytes) else message.encode()
            if losing[0] and re.search(rb'"kind":\s*"plane"', raw):
                lost.append(raw)
            else:
                route.send(message)

        route.on_message(upward)
        server.on_message(downward)

    lab.context.route_web_socket(re.compile(r"/api/kernels/.*/channels"), between)
    page = lab.open(notebook)
    for cell in range(2):
        lab.run(page, cell)
    lab.settled(page)
    losing[0] = True
    before = len(asked)
    _key(page, "axial", "PageUp")
    # as long as nothing comes, it goes on asking, and says so
    page.wait_for_function(
        """() => document.querySelector('.onco-pane').dataset.state === 'late'
            && document.querySelector('.onco-note').innerText.includes('Asking again')"""
    )
    while len(lost) < 2:
        page.wait_for_timeout(50)
    losing[0] = False
    lab.settled(page)
    # one of the lost may have answered an earlier request, if the machine is busy
    assert len(asked) - before >= 2
    z = int(re.findall(r"zyx (\d+)", page.locator(".onco-voxel").inner_text())[0])
    y, x = 71, 81
    shown = page.locator(".onco-value").inner_text()
    assert shown == f"{int(demo['STS_002'].images['CT'].data[z, y, x])} HU"
    page.close()


def test_an_error_in_python_is_said_in_the_view(lab: Any, demo: Any) -> None:
    files = lab.folder / "gone"
    files.mkdir()
    for file in demo["STS_002"].images["CT"].sources():
        shutil.copy2(file["uri"], files)
    notebook = lab.write(
        "gone.ipynb",
        [
            "import explorer; from explorer.ingest import ingest; from widgets import SliceView",
            "s = explorer.open('gone.onco', create=True); r = ingest(['gone'], s)",
            "v = SliceView(s['STS_002'].images['CT'], height=400); v",
        ],
    )
    page = lab.open(notebook)
    for cell in range(2):
        lab.run(page, cell)
    files.rename(lab.folder / "moved")
    lab.run(page, 2)
    page.locator(".onco-pane[data-state=error]").first.wait_for()
    told = page.locator(".onco-note.onco-error").first.inner_text()
    assert "The pixels cannot be read" in told
    assert "What to do" in told
    (lab.folder / "moved").rename(files)
    page.get_by_role("button", name="Try again").first.click()
    lab.settled(page)
    page.close()
