"""The page of a store: the real command, a real browser, real patients."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from explorer.store import Store

FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage",
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip
LONG = 180_000  # ms; a kernel starts, on a machine that may be busy


@dataclass
class Served:
    """The command that runs, and what a browser did on its page."""

    process: subprocess.Popen[str]
    url: str
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.url.partition("?")[0]

    def asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.outside.append(url)

    def fault(self, told: str) -> None:
        # a module that took long to load is heard all the same (widgets/js/heard.js)
        if "[anywidget] Failed to initialize model." not in told:
            self.faults.append(told)

    def kernels(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("request", lambda made: self.asked(made.url))
        page.on("websocket", lambda made: self.asked(made.url))
        page.on("pageerror", lambda error: self.fault(error.stack or str(error)))
        return page


@pytest.fixture(scope="module")
def served(demo: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    command = [
        sys.executable,
        "-m",
        "explorer.cli",
        "explore",
        str(demo.path),
        "--no-open",
        "--json",
    ]
    # where JupyterLab, and Python itself, are not on the path
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment,
                               cwd=tmp_path_factory.mktemp("page"))  # fmt: skip
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["edit"] is False
    yield Served(process, said["url"])
    if process.poll() is None:
        process.terminate()
        process.wait(60)
    process.stdout.close()


def _status(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=90
        ) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_nothing_without_the_token(served: Served) -> None:
    for url in (served.base, f"{served.base}?token=wrong", f"{served.base}?patient=x"):
        status, text = _status(url)
        assert status == 403
        assert "needs its token" in text
        assert "http" not in re.sub(r"<code>.*?</code>", "", text)
    token = served.url.partition("?")[2]
    assert _status(f"{served.base}voila/files/oncograph.ipynb?{token}")[0] == 403
    assert _status(f"{served.base}voila/api/contents/?{token}")[0] in (403, 404)
    assert _status(served.url, Host="elsewhere.example")[0] == 403
    assert served.kernels() == []


def _colors(page: Page) -> int:
    """Different colours of the largest plane's middle."""
    import io

    from PIL import Image as Pillow

    shot = page.locator("canvas[data-pane=axial]").first.screenshot()
    whole = Pillow.open(io.BytesIO(shot)).convert("RGB")
    w, h = whole.size
    return len(whole.crop((w // 4, h // 4, w * 3 // 4, h * 3 // 4)).getcolors(1 << 20) or [])


@pytest.mark.slow
def test_a_patient_is_found_opened_and_left(
    served: Served, chromium: str, patience: str, demo: Store, tmp_path: Path
) -> None:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path), executable_path=chromium, headless=True, args=FLAGS,
            viewport={"width": 1280, "height": 900}, color_scheme="light", timeout=LONG,
        )  # fmt: skip
        context.set_default_timeout(LONG)
        context.add_init_script(patience)
        page = served.page(context)
        page.goto(served.url, wait_until="commit")
        page.get_by_role("button", name="Open STS_002").wait_for(timeout=LONG)
        assert "token" not in page.url
        assert page.title() == "oncograph"
        assert "show_front" not in page.content()
        assert page.locator(".onco-page-mode").inner_text() == "Read only"
        assert axe.run(page).response["violations"] == []
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")

        page.get_by_role("button", name="Open STS_002").focus()
        page.keyboard.press("Enter")
        page.locator(".onco-pane[data-pane=axial][data-state=ready]").wait_for()
        assert page.url == f"{served.base}?patient={demo['STS_002'].key}"
        expect(page.locator(".onco-page-title")).to_have_text("STS_002", timeout=LONG)
        page.wait_for_timeout(500)  # it is painted in the next frame
        assert _colors(page) > 40
        for width in (1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(
                "(width) => innerWidth === width"
                " && document.documentElement.scrollWidth <= innerWidth",
                arg=width,
            )
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
        assert axe.run(page).response["violations"] == []

        page.go_back()
        page.get_by_role("button", name="Open TCGA-BP-5195").wait_for(timeout=LONG)
        assert "patient" not in page.url
        page.go_forward()
        page.locator(".onco-pane[data-state=ready]").first.wait_for(timeout=LONG)
        page.get_by_role("button", name="Back to all patients").click()
        page.get_by_role("button", name="Open STS_002").wait_for(timeout=LONG)

        assert len(served.kernels()) >= 1
        page.close(run_before_unload=True)
        for _ in range(600):
            if not served.kernels():
                break
            time.sleep(0.2)
        assert served.kernels() == []  # the kernel ends with the tab

        gone = served.page(context)
        gone.goto(f"{served.base}?patient=nobody", wait_until="commit")
        gone.locator(".onco-page-note").wait_for(timeout=LONG)
        assert "nobody" in gone.locator(".onco-page-note").inner_text()
        assert "patient" not in gone.url
        context.close()
    assert served.outside == []
    assert served.faults == []


def test_ctrl_c_leaves_nothing_behind(served: Served) -> None:
    root = psutil.Process(served.process.pid)
    folders = {Path(one.path).parent for one in root.open_files()}
    below = root.children(recursive=True)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in below)
    assert not any(one.name.startswith("oncograph-page-") and one.exists() for one in folders)
