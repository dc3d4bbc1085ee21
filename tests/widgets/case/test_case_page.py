"""The page of a case in a browser: hostile strings of everybody, paper, keyboard, both themes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

import graphs
from explorer.patient import Patient
from explorer.printable import printable
from widgets.to_html import to_html

SHAPE = (4, 40, 40)
AT_MOST = 60  # names a store takes for one patient's segments; the report has all strings


def _strings(shared_data: Path) -> list[str]:
    file = shared_data / "injection" / "blns.json"
    found: list[str] = [one for one in json.loads(file.read_text("utf-8")) if one.strip()]
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def hostile(
    shared_data: Path,
    image_draft: Callable[..., Any],
    seg_draft: Callable[..., Any],
    make: Callable[..., Patient],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Patient, list[str]]:
    """A patient all of whose texts are hostile."""
    strings = _strings(shared_data)
    nasty = [one for one in strings if "<" in one or "script" in one.lower()]
    rng = np.random.default_rng(4)
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 10:20, 10:24] = True
    names = list(dict.fromkeys(one.strip()[:60] for one in nasty))[:AT_MOST]
    patient = make(
        image_draft("ct", rng.integers(-100, 100, SHAPE).astype(np.int16), np.eye(4),
                    name=nasty[0], problems=nasty[:5]),
        seg_draft("seg", dict.fromkeys(names, mask), np.eye(4), "ct", name=nasty[1]),
        folder=tmp_path_factory.mktemp("hostile"),
    )  # fmt: skip
    with patient.store.transaction("hostile") as t:
        text = "There is a 8 mm nodule in the right lung.\n" + "\n".join(strings)
        t.add_text(patient.key, "r-1", text, name=nasty[2], language='en"><script>')
        t.add_facts(
            patient.key,
            [{"name": f"{k} {one}", "value": one, "state": "present"} for k, one in
             enumerate(strings[:390])],
        )  # fmt: skip
    graphs.extract(patient.store["made-up"])
    return patient.store["made-up"], strings


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            headless=True,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            timeout=180_000,
        )
        try:
            yield opened
        finally:
            opened.close()


class Watched:
    """A page, and everything that it did beyond being shown."""

    def __init__(self, browser: Browser, file: Path, theme: Any) -> None:
        self.seen: list[str] = []
        context = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 900})
        self.page = context.new_page()
        self.page.on("dialog", lambda one: (self.seen.append(one.message), one.dismiss()))
        self.page.on("pageerror", lambda error: self.seen.append(str(error)))
        self.page.on("console", lambda one: self.seen.append(one.text))
        self.page.on("request", lambda one: self._asked(one.url))
        self.page.goto(file.as_uri())

    def _asked(self, url: str) -> None:
        if not url.startswith("data:image/png") and not url.endswith("/case.html"):
            self.seen.append(url[:200])

    def close(self) -> None:
        self.page.context.close()


def _as_shown(text: str) -> str:
    kept = "\n\t"
    return "".join(c if c in kept or ord(c) > 0x9F else printable(c) for c in text)


@pytest.mark.slow
@pytest.mark.parametrize("identified", [True, False], ids=["identified", "de-identified"])
def test_hostile_strings_are_text(
    identified: bool, hostile: tuple[Patient, list[str]], browser: Browser, tmp_path: Path
) -> None:
    patient, strings = hostile
    file = to_html(patient, tmp_path / "case.html", identified=identified, names=["Quux"]).path
    watched = Watched(browser, file, "light")
    page = watched.page
    page.wait_for_timeout(300)
    assert page.locator("script, iframe, object, embed, form, link, base").count() == 0
    handlers = """() => [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes])
        .filter((a) => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).length"""
    assert page.evaluate(handlers) == 0
    assert page.locator("img").evaluate_all("all => all.every((i) => i.naturalWidth > 0)")
    if identified:
        report = page.locator(".report").first.evaluate(
            "e => { const c = e.cloneNode(true);"
            " c.querySelectorAll('.to').forEach((a) => a.remove()); return c.textContent; }"
        )
        lines = report.split("\n")
        missed = [one for one in strings if "\r" not in one and _as_shown(one) not in lines
                  and "\n" not in one]  # fmt: skip
        assert missed == []
        cells = page.locator("#values td.said").all_text_contents()
        assert all(_as_shown(one) in cells for one in strings[:390] if "\r" not in one)
    assert watched.seen == []
    watched.close()


@pytest.mark.slow
def test_paper_keyboard_and_both_themes(
    hostile: tuple[Patient, list[str]], browser: Browser, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    file = to_html(hostile[0], tmp_path / "case.html", names=["Quux"], pictures=3).path
    grounds = []
    for theme in ("light", "dark"):
        watched = Watched(browser, file, theme)
        page = watched.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        page.locator("a[href='#finding-1']").first.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.querySelector(':target').id") == "finding-1"
        levels = page.locator("h1, h2, h3").evaluate_all("all => all.map((h) => +h.tagName[1])")
        assert levels[0] == 1
        assert max(np.diff(levels)) <= 1
        assert page.locator("img:not([alt]), img[alt='']").count() == 0
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        if theme == "light":
            pdf = page.pdf(prefer_css_page_size=True, print_background=True)
            assert pdf.startswith(b"%PDF")
            # A4 in points, more than one sheet
            assert b"595" in pdf
            assert pdf.count(b"/Type /Page\n") > 1
        page.evaluate("document.querySelector('.report').textContent = ''")  # axe reads all of it
        found = axe.run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
        watched.close()
    assert grounds[0] != grounds[1]
