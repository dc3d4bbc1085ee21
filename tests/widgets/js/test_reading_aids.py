"""Dialogue, alignment and reader form in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\">"
TEXT = f"FINDINGS: Nodule of 12 mm in the right upper lobe. {NASTY}"
CELLS = [
    "import explorer, graphs, numpy as np\n"
    "from graphs.alignment import Alignment\n"
    "from graphs.producer import Producer\n"
    "from widgets.alignment_view import AlignmentView\n"
    "from widgets.dialogue_view import DialogueView\n"
    "from widgets.reader_form import ReaderForm, ReaderPair\n"
    "from widgets.selection import Selection\n"
    "p = explorer.open('made.onco')['made-up']; graphs.extract(p); p = p.store[p.key]\n"
    "s = Selection(); d = DialogueView(p, s); d",
    "made = Alignment('ct', 1, (40, 60), 20, p.reports['r-1'].text, 'r-1', 0,\n"
    "    np.array([[10, 16], [20, 22]]), np.array([4, 0]), np.array([0, 1]),\n"
    "    np.array([.9, .5], np.float32), Producer('test', '1'), 'nothing')\n"
    "a = AlignmentView(made, p, s, width=300); a",
    f"pairs = [ReaderPair(k, {NASTY!r}, 'reference', 'normal') for k in ('p0', 'p1')]\n"
    "r = ReaderForm(pairs, 'Ada', 'votes.jsonl'); r",
    "print(a.token, a.patch, a.lit_patches, a.lit_tokens, s.picked)",
    "a.token = 1",
]


@pytest.fixture(scope="module")
def page(lab: Any, image_draft: Callable[..., Any], make: Callable[..., Any]) -> Iterator[Any]:
    folder = lab.folder / "aids"
    folder.mkdir()
    values = np.full((3, 40, 60), 100, np.int16)
    values[:, :, 30:] = 1000
    patient = make(image_draft("ct", values, np.eye(4)), folder=folder)
    with patient.store.transaction("made up") as t:
        t.add_text(patient.key, "r-1", TEXT, date="2020-01-01", synthetic=True)
    opened = lab.open(lab.write("aids/aids.ipynb", CELLS))
    opened.set_viewport_size({"width": 1300, "height": 1700})
    for cell in range(3):
        lab.run(opened, cell)
    opened.locator(".onco-reader .onco-button").first.wait_for()
    yield opened
    opened.close()


def test_a_conversation_by_keyboard(lab: Any, page: Any) -> None:
    view = page.locator(".onco-dialogue")
    view.get_by_label("Question", exact=True).focus()
    for question in ("Is there a nodule?", NASTY):
        page.keyboard.type(question)
        page.keyboard.press("Enter")
        view.locator(".onco-question", has_text=question).wait_for()
    assert view.locator(".onco-question").last.inner_text() == NASTY
    assert NASTY in TEXT
    assert "no answer" in view.locator(".onco-answer").last.inner_text()
    chip = view.locator(".onco-cite").first
    chip.focus()
    page.keyboard.press("Enter")
    view.locator(".onco-cite[aria-pressed=true]").wait_for()
    lab.printed(page, 3, "/findings/f-")


def test_word_to_patches_and_back(lab: Any, page: Any) -> None:
    view = page.locator(".onco-alignment")
    view.get_by_role("button", name="Nodule").click()
    view.locator("[role=status]", has_text="patches: 1").wait_for()
    lab.printed(page, 3, re.compile(r"^0 -1 \[\[4, "))
    canvas = view.locator("canvas")
    box = canvas.bounding_box()
    assert (box["width"], box["height"]) == (300, 200)
    # the patch in the middle is amber, its neighbour to the left is grey
    script = """(q, at) => [...q.getContext('2d').getImageData(at[0] * devicePixelRatio,
        at[1] * devicePixelRatio, 1, 1).data].slice(0, 3)"""
    red, _, blue = canvas.evaluate(script, [170, 130])
    assert red > blue + 60
    red, green, blue = canvas.evaluate(script, [50, 130])
    assert red == green == blue
    canvas.click(position={"x": 20, "y": 20})
    view.locator(".onco-token.onco-lit").wait_for()
    assert view.locator(".onco-token.onco-lit").inner_text() == "12"
    lab.printed(page, 3, "#box=1:2,0:20,0:20")
    canvas.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    view.locator("[role=status]", has_text="patch 4, words: 1").wait_for()
    lab.printed(page, 3, re.compile(r"^-2 4 \[\] \[\[0, "))
    lab.run(page, 4)
    view.locator("[data-token='1'][aria-pressed=true]").wait_for()


def test_votes_by_keyboard(lab: Any, page: Any) -> None:
    view = page.locator(".onco-reader")
    texts = view.locator(".onco-said-text")
    assert sorted(texts.all_inner_texts())[0].startswith("<img src=x")
    view.get_by_label("Comment").fill(NASTY)
    view.locator("[data-answer=A]").focus()
    page.keyboard.press("Enter")
    view.get_by_text("1 of 2").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    view.locator("[data-answer=equal]").click()
    view.get_by_text("All pairs are done").wait_for()
    rows = [json.loads(line) for line in
            (lab.folder / "aids" / "votes.jsonl").read_text("utf-8").splitlines()]  # fmt: skip
    assert [one["answer"] for one in rows] == ["A", "equal"]
    assert rows[0]["comment"] == NASTY
    assert {one["reader"] for one in rows} == {"Ada"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_and_nothing_ran(lab: Any, page: Any, theme: str) -> None:
    page.evaluate(
        "theme => document.querySelectorAll('.onco').forEach((q) => { q.dataset.theme = theme; })",
        theme,
    )
    found = Axe().run(page, context=".onco").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert page.evaluate("document.body.dataset.pwned") is None
    assert lab.outside == []
    assert lab.faults == []
