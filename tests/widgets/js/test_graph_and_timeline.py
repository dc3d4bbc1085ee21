"""The graph and the timeline of one patient in a browser, both on one selection."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from explorer.patient import Patient

NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
# where a node is on the page, and which classes it has
NODE = """
(label) => {
    const host = document.querySelector(".onco-graph .onco-cy");
    const node = host._cyreg.cy.nodes(":visible").filter((one) => one.data("label") === label)[0];
    const box = host.getBoundingClientRect();
    const at = node.renderedPosition();
    return { x: box.x + at.x, y: box.y + at.y, classes: node.classes(), model: node.position(),
        middle: Math.hypot(at.x - box.width / 2, at.y - box.height / 2) };
}
"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def page(lab: Any, course: Patient) -> Iterator[Any]:
    shutil.copytree(course.store.path, lab.folder / "course.onco")
    notebook = lab.write(
        "course.ipynb",
        [
            "import explorer; from widgets.graph_view import GraphView\n"
            "from widgets.timeline_view import TimelineView\n"
            "from widgets.selection import Selection\n"
            "from graphs.patient_graph import PatientGraph\n"
            "p = explorer.open('course.onco')['a made-up course']; s = Selection()",
            "g = GraphView(p, s, height=520); g",
            "t = TimelineView(p, s); t",
            "print(*s.picked, s.by)",
            "s.pick(f'onco:{p.key}/reports/r-3#chars=0:2', by='Python')",
            "many = PatientGraph(patients={'k': 1})\n"
            "for n in range(5000):\n"
            "    many.add_node(f'onco:k/facts/{n}', kind='fact', name=f'{n}', patient='k', "
            "day=n % 90)\n"
            "    many.add_edge(f'onco:k/facts/{n // 9}', f'onco:k/facts/{n}', 'has', kind='has')\n"
            "m = GraphView(many); m",
        ],
    )
    opened = lab.open(notebook)
    opened.set_viewport_size({"width": 1500, "height": 2400})
    for cell in range(3):
        lab.run(opened, cell)
    opened.locator(".onco-graph .onco-stage[data-state=ready]").wait_for()
    opened.locator(".onco-timeline[data-state=ready]").wait_for()
    opened.locator(".onco-timeline .onco-line").first.wait_for(state="attached")
    opened.evaluate(FRAME)
    yield opened
    opened.close()


def _lit(page: Any, label: str) -> None:
    """Wait until a node and the timeline's mark of it are lit."""
    page.wait_for_function(f"(label) => ({NODE})(label).classes.includes('lit')", arg=label)
    mark = f".onco-timeline .onco-lit[aria-label*='{label}']"
    page.locator(mark).first.wait_for(state="attached")


def test_days_run_to_the_right(page: Any) -> None:
    places = [page.evaluate(NODE, f"CT report {n}") for n in range(4)]
    xs = [one["model"]["x"] for one in places]
    assert xs == sorted(set(xs))
    assert len({one["model"]["y"] for one in places}) == 1
    assert page.evaluate(NODE, "resection")["model"]["x"] > xs[2]


def test_a_click_on_a_node_selects_it_everywhere(lab: Any, page: Any, course: Patient) -> None:
    node = page.evaluate(NODE, "CT report 1")
    page.mouse.click(node["x"], node["y"])
    _lit(page, "CT report 1")
    said = lab.printed(page, 3, "GraphView")
    assert said == f"onco:{course.key}/reports/r-1 GraphView"
    assert "dim" in page.evaluate(NODE, "CT report 2")["classes"]
    assert page.locator(".onco-timeline .onco-lit").count() == 1


def test_a_pick_elsewhere_is_lit_and_centred(lab: Any, page: Any) -> None:
    lab.run(page, 4)
    _lit(page, "CT report 3")
    page.wait_for_function(f"() => ({NODE})('CT report 3').middle < 80")
    assert page.locator(".onco-timeline .onco-lit").count() == 1


def test_a_click_in_the_timeline(lab: Any, page: Any, course: Patient) -> None:
    page.locator(".onco-timeline [aria-label^='FOLFOX, treatments, day 19 to day 181']").click()
    _lit(page, "FOLFOX")
    said = lab.printed(page, 3, "TimelineView")
    assert said == f"onco:{course.key}/events/treatment%3AFOLFOX TimelineView"
    facts = page.locator(".onco-timeline .onco-card")
    facts.get_by_text("2020-01-20").wait_for()


def test_axis_and_zoom(page: Any) -> None:
    timeline = page.locator(".onco-timeline")
    timeline.get_by_label("Axis in").select_option("dates")
    timeline.locator("svg .onco-axis", has_text="2020-03-01").wait_for()
    xs = "() => [...document.querySelectorAll('.onco-timeline [aria-label*=\"CT report\"]')]" \
         ".map((one) => one.getBoundingClientRect().x)"  # fmt: skip
    before = page.evaluate(xs)
    timeline.get_by_role("button", name="Zoom in").click()
    page.wait_for_function(f"(before) => JSON.stringify(({xs})()) !== JSON.stringify(before)",
                           arg=before)  # fmt: skip
    timeline.get_by_role("button", name="Show everything").click()
    page.wait_for_function(f"(before) => JSON.stringify(({xs})()) === JSON.stringify(before)",
                           arg=before)  # fmt: skip
    timeline.get_by_label("Axis in").select_option("days")


def test_hostile_names_are_text(page: Any) -> None:
    assert page.locator(".onco-timeline .onco-reason").inner_text().startswith("cannot tell: days")
    assert page.locator(f".onco-timeline [aria-label^={NASTY!r}]").count() > 0
    listed = page.locator(".onco-graph .onco-nodes .onco-name").all_inner_texts()
    assert NASTY in listed
    assert page.locator(".onco img").count() == 0
    assert page.evaluate("document.body.dataset.pwned") is None


def test_the_list_is_the_graph_for_the_keyboard(lab: Any, page: Any, course: Patient) -> None:
    graph = page.locator(".onco-graph")
    graph.get_by_label("Find").fill("lesion a")
    options = graph.locator("[role=option]")
    page.wait_for_function(
        "() => document.querySelectorAll('.onco-graph [role=option]').length < 9"
    )
    assert {one.split("\n")[0] for one in options.all_inner_texts()} >= {"lesion a"}
    graph.locator("[role=listbox]").focus()
    page.keyboard.press("ArrowDown")
    head = graph.locator(".onco-cardhead strong")
    assert head.inner_text() == "lesion a"
    page.keyboard.press("ArrowRight")  # along the edge 'lies on'
    assert head.inner_text() == "CT chest"
    page.keyboard.press("ArrowLeft")
    assert head.inner_text() == "lesion a"
    page.keyboard.press("Enter")
    lab.printed(page, 3, f"onco:{course.key}/segmentations/seg-")
    graph.get_by_label("Find").fill("")


def test_the_timeline_by_keyboard(page: Any) -> None:
    marks = page.locator(".onco-timeline svg [role=button]")
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.ariaLabel").startswith("CT chest, CT, day 60")
    page.keyboard.press("ArrowDown")
    assert "outlines (SEG), day 60" in page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.ariaPressed === 'true'")


def test_kinds_and_days_are_filtered(page: Any) -> None:
    graph = page.locator(".onco-graph")
    shown = (
        "() => document.querySelector('.onco-graph .onco-cy')._cyreg.cy.nodes(':visible').length"
    )
    before = page.evaluate(shown)
    graph.get_by_role("checkbox", name="report").uncheck()
    page.wait_for_function(f"(n) => ({shown})() === n - 4", arg=before)
    graph.get_by_role("checkbox", name="report").check()
    page.wait_for_function(f"(n) => ({shown})() === n", arg=before)
    graph.get_by_label("Known on day").fill("60")
    graph.get_by_label("Known on day").press("Enter")
    graph.get_by_text("Known on day 60:").wait_for()
    page.wait_for_function(
        """() => {
            const kept = document.querySelector(".onco-graph .onco-cy")._cyreg.cy.nodes(":visible")
                .map((one) => one.data("label"));
            return ["CT report 0", "CT report 1", "FOLFOX"].every((one) => kept.includes(one))
                && !["CT report 2", "resection", "progression"].some((one) => kept.includes(one));
        }"""
    )
    graph.get_by_label("Known on day").fill("")
    graph.get_by_label("Known on day").press("Enter")
    page.wait_for_function(f"(n) => ({shown})() === n", arg=before)


@pytest.mark.parametrize("light", ["true", "false"])
def test_accessible_in_both_themes(page: Any, light: str) -> None:
    page.evaluate(
        "(light) => { for (const one of document.querySelectorAll('.onco'))"
        " one.dataset.theme = light === 'true' ? 'light' : 'dark'; }", light,
    )  # fmt: skip
    page.evaluate(FRAME)
    for view in (".onco-graph", ".onco-timeline"):
        found = Axe().run(page, context=view)
        assert found.violations_count == 0, found.generate_report()


def test_five_thousand_nodes(lab: Any, page: Any) -> None:
    lab.run(page, 5)
    many = page.locator(".onco-graph").nth(1)
    many.locator(".onco-stage[data-state=ready]").wait_for()
    count = "() => document.querySelectorAll('.onco-graph .onco-cy')[1]._cyreg.cy.nodes().length"
    assert page.evaluate(count) == 5000
    assert "and 4800 more" in many.locator(".onco-more").inner_text()
    stage = many.locator(".onco-stage")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 350, box["y"] + 230, steps=3)
    moved = "() => document.querySelectorAll('.onco-graph .onco-cy')[1].style.transform"
    page.wait_for_function(f"() => ({moved})().includes('translate(50px, 30px)')")
    page.mouse.up()
    page.wait_for_function(f"() => ({moved})() === ''")


def test_nobody_was_asked_outside(lab: Any, page: Any) -> None:
    assert lab.outside == []
    assert lab.faults == []
