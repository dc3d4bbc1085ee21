"""The report view in a browser: what is shown, clicked, typed and written, both ways."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import explorer
from explorer.derived import text_sha256
from explorer.run_draft import RunDraft
from graphs.finding import Finding
from graphs.grounding.grounding import Alternative, Evidence, Grounding
from graphs.verdict import Verdict

NASTY = "<img src=x onerror=\"document.body.dataset.pwned='1'\"><script>alert(1)</script>"
TEXT = (
    "FINDINGS:\r\n😀 A large left renal mass of 6.2 cm (previously 5 cm) is new.\r\n"
    "الكتلة في الرئة اليمنى 12 مم واضحة.\r\n右肺に結節。 cafe\u0301 man\u0303ana nodule.\r\n"
    f"{NASTY}\r\nIMPRESSION:\r\nNo effusion." + "\r\nLine." * 60 + "\r\nPossible metastasis.\r\n"
)
BOX = "images/ct#box=1:3,2:4,2:4"
# mention, entity, assertion; the first three overlap or lie in each other
SAID = [
    ("left renal mass", "renal mass", "present"),
    ("renal", "kidney", "uncertain"),
    ("renal mass of 6.2 cm", "sized mass", "absent"),
    ("الكتلة", "mass", "present"),
    ("結節", "nodule", "present"),
    ("nodule", "nodule", "uncertain"),
    (NASTY, NASTY, "present"),
    ("effusion", "effusion", "absent"),
    ("metastasis", "metastasis", "uncertain"),
]


def _span(words: str) -> list[int]:
    return [TEXT.index(words), TEXT.index(words) + len(words)]


def _findings() -> list[Finding]:
    detail = {"laterality": _span("left"), "change": _span("is new")}
    return [
        Finding(*_span(words), words, entity, assertion=how, item="t", id=f"f-{k}",  # type: ignore[arg-type]
                section="findings", detail=detail if k == 0 else {})
        for k, (words, entity, how) in enumerate(SAID)
    ]  # fmt: skip


def _fill(folder: Path, naughty: str) -> str:
    store = explorer.open(folder / "report.onco", create=True)
    places = [
        Grounding("f-0", "proposed", "measurement", "lesion", "box3d", BOX, 0.71,
                  (Evidence("size", 62.0, 60.4, 1.6, True),),
                  (Alternative("images/ct#box=5:7,2:4,2:4", 0.5, NASTY),), NASTY),
        Grounding("f-3", "abstained", reason="no outline is there"),
    ]  # fmt: skip
    size = f"reports/t#chars={_span('6.2 cm')[0]}:{_span('6.2 cm')[1]}"
    verdict = Verdict("f-0", "size", "contradicts", "62 mm", "30 mm", (size, BOX), NASTY)
    with store.transaction("made for a test") as t:
        key = t.patient("made-up", synthetic=True)
        t.add_text(key, "t", TEXT, date="2021-01-01", name=NASTY, synthetic=True)
        t.add_text(key, "n", naughty, date="2020-01-01", synthetic=True)
        for draft in (
            RunDraft("findings", "test", "1", input="reports/t", input_sha256=text_sha256(TEXT),
                     findings=[one.row() for one in _findings()]),
            RunDraft("grounding", "test", "1", groundings=[one.row() for one in places]),
            RunDraft("check", "test", "1", verdicts=[verdict.row()]),
        ):  # fmt: skip
            t.put_run(key, draft)
    return str(key)


@pytest.fixture(scope="module")
def naughty(shared_data: Path) -> str:
    """The Big List of Naughty Strings, a line each."""
    found = json.loads((shared_data / "injection" / "blns.json").read_text("utf-8"))
    return "\n".join([*found, "FINDINGS: Nodule of 5 mm in the left lung."])


@pytest.fixture(scope="module")
def page(lab: Any, naughty: str) -> Iterator[Any]:
    _fill(lab.folder, naughty)
    notebook = lab.write(
        "report.ipynb",
        [
            "import explorer; from widgets.report_view import ReportView; import graphs\n"
            "p = explorer.open('report.onco')['made-up']\n"
            "v = ReportView(p, report='t', height=300); v",
            "w = ReportView(p, report='n', height=120); w",
            "print(v.selection.picked, v.current)",
            "v.selection.pick(f'onco:{p.key}/findings/f-8', by='test')",
            "print([(g.status, g.detail.get('reviewer')) for g in graphs.groundings(v.patient)])",
            "w.find(wait=True); print(w._work['state'], w._content['read'])",
        ],
    )
    opened = lab.open(notebook)
    opened.set_viewport_size({"width": 1400, "height": 1500})
    for cell in range(2):
        lab.run(opened, cell)
    opened.locator(".onco-badge").first.wait_for()
    yield opened
    opened.close()


def _view(page: Any, k: int = 0) -> Any:
    return page.locator(".onco-report").nth(k)


def _shown(page: Any, k: int) -> str:
    """The words on the screen, character by character."""
    words = (
        "q => [...q.querySelectorAll('.onco-report-scroll .onco-words')].map(w => w.textContent)"
    )
    return "".join(_view(page, k).evaluate(words))


def test_every_character_is_shown_and_nothing_runs(lab: Any, page: Any, naughty: str) -> None:
    assert _shown(page, 0) == TEXT
    assert _shown(page, 1) == naughty
    assert page.evaluate("document.body.dataset.pwned") is None
    assert _view(page).locator("img, script, iframe, object").count() == 0
    assert lab.outside == []
    assert lab.faults == []


def test_each_mention_is_marked_where_it_stands(page: Any) -> None:
    """In UTF-16, with emoji, combining marks, Arabic, Chinese characters and CRLF around."""
    script = """q => Object.fromEntries([...q.querySelectorAll('.onco-badge')].map((b) => {
        const k = b.dataset.findings;
        const runs = [...q.querySelectorAll('.onco-run[data-findings]')]
            .filter((r) => r.dataset.findings.split(' ').includes(k));
        return [k, [runs.map((r) => r.textContent).join(''), b.dataset.assertion]];
    }))"""
    found = _view(page).evaluate(script)
    assert {k: tuple(one) for k, one in found.items()} == {
        str(k): (words, how) for k, (words, _, how) in enumerate(SAID)
    }
    nested = _view(page).locator(".onco-run", has_text="renal").first
    assert nested.get_attribute("data-findings") == "1 0 2"
    assert nested.get_attribute("data-assertion") == "uncertain"


def test_a_click_picks_and_its_parts_are_shown(lab: Any, page: Any) -> None:
    run = _view(page).locator(".onco-run", has_text="left").first
    run.hover()
    parts = _view(page).locator(".onco-part[data-kind]")
    expect(parts).to_have_count(2)
    kinds = parts.evaluate_all("n => n.map(q => q.dataset.kind)")
    assert sorted(kinds) == ["change", "side"]
    run.click()
    start, end = _span("left renal mass")
    lab.printed(page, 2, f"/reports/t#chars={start}:{end}'", re.compile("f-0$"))
    nested = _view(page).locator(".onco-run", has_text="renal").first
    nested.click()  # already current: on to the next one out
    lab.printed(page, 2, re.compile("f-2$"))


def test_a_pick_from_python_is_scrolled_to(lab: Any, page: Any) -> None:
    lab.run(page, 3)
    lit = _view(page).locator(".onco-run.onco-lit", has_text="metastasis")
    lit.wait_for()
    page.wait_for_function(
        """() => {
            const q = document.querySelector('.onco-report-scroll');
            const at = q.querySelector('.onco-run.onco-lit').getBoundingClientRect();
            const frame = q.getBoundingClientRect();
            return q.scrollTop > 0 && at.top > frame.top && at.bottom < frame.bottom;
        }"""
    )
    expect(_view(page).locator(".onco-badge[aria-pressed=true]")).to_have_count(1)


def test_keyboard_alone(lab: Any, page: Any) -> None:
    """Tab to the text and the badges, arrows between them, Enter picks; search; the table."""
    view = _view(page)
    view.locator(".onco-report-scroll").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.dataset.finding") == "f-1"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    view.locator(".onco-details table").first.wait_for()
    lab.printed(page, 2, re.compile("f-0$"))
    page.keyboard.press("Escape")
    search = view.get_by_label("Search in the text")
    search.focus()
    page.keyboard.type("line.")
    assert view.locator(".onco-hit").count() == 60
    page.keyboard.press("Enter")
    assert view.locator(".onco-report-tools [role=status]").inner_text() == "2 of 60"
    search.fill("")
    view.locator("[data-mode=table]").focus()
    page.keyboard.press("Space")
    view.get_by_role("button", name="Sort by assertion").focus()
    page.keyboard.press("Enter")
    rows = view.locator(".onco-findings tbody tr")
    assert rows.first.locator("td").nth(2).inner_text() == "absent"
    assert page.evaluate("document.activeElement.textContent") == "assertion"
    rows.nth(1).locator("button").focus()
    page.keyboard.press("Enter")
    view.locator("tr[aria-current=true]").wait_for()
    view.locator("[data-mode=text]").focus()
    page.keyboard.press("Enter")


def test_filters(page: Any) -> None:
    view = _view(page)
    view.locator(".onco-filter[data-assertion=absent]").click()
    assert view.locator(".onco-badge[data-assertion=absent]").count() == 0
    assert _shown(page, 0) == TEXT
    view.get_by_label("Verdict").select_option("contradicts")
    assert view.locator(".onco-badge").count() == 1
    view.get_by_label("Verdict").select_option("")
    view.locator(".onco-filter[data-assertion=absent]").click()
    assert view.locator(".onco-badge").count() == len(SAID)


def test_a_place_is_rejected_with_a_name_and_a_reason(lab: Any, page: Any) -> None:
    view = _view(page)
    view.locator(".onco-chip[data-state=proposed]").click()
    form = view.get_by_role("group", name="Accept or reject this place")
    form.get_by_role("button", name="Reject").click()
    assert "Write your name" in view.locator(".onco-notice").inner_text()
    form.get_by_label("Reviewer").fill("Ada")
    form.get_by_label("Reason").fill(NASTY)
    form.get_by_role("button", name="Reject").click()
    view.locator(".onco-history li").wait_for()
    assert f"Ada: rejected, {NASTY}" in view.locator(".onco-history").inner_text()
    assert view.locator(".onco-chip[data-state=rejected]").count() == 1
    lab.printed(page, 4, "('rejected', 'Ada')")


def test_find_findings(lab: Any, page: Any, naughty: str) -> None:
    view = _view(page, 1)
    view.get_by_role("button", name="Read the reports").click()
    view.locator(".onco-work").wait_for(state="hidden", timeout=180_000)
    assert view.locator(".onco-report-scroll .onco-badge").count() == 1
    assert _shown(page, 1) == naughty
    lab.printed(page, 5, re.compile("^done"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault(page: Any, theme: str) -> None:
    page.evaluate(
        "theme => document.querySelectorAll('.onco').forEach((q) => { q.dataset.theme = theme; })",
        theme,
    )
    page.evaluate("document.querySelector('.onco-report').id = 'looked-at'")
    for mode in ("compare", "table", "text") if theme == "light" else ("text",):
        _view(page).locator(f"[data-mode={mode}]").click()
        found = Axe().run(page, context="#looked-at").response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
