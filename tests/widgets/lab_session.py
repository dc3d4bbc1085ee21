"""JupyterLab on this machine, driven with Chromium; fixtures for the browser tests."""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from pathlib import Path

import nbformat
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

import explorer
from explorer.demo import make_demo
from explorer.store import Store

expect.set_options(timeout=90_000)  # a busy machine is no fault

# a module that took two seconds to load; the view is heard all the same (widgets/js/heard.js)
LATE = "[anywidget] Failed to initialize model."

REPOSITORY = Path(__file__).resolve().parents[2]
# software WebGL2, and none of the browser's own calls home
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
]

# V8 keeps ten calls of a stack, and ours may be further down. anywidget gives a view up that has
# not come to the page in 2 s, which it may not have where many tests share a machine.
PATIENT = """
    {
        Error.stackTraceLimit = 60;
        const within = AbortSignal.timeout.bind(AbortSignal);
        AbortSignal.timeout = (ms) => within(ms === 2000 ? 300000 : ms);
    }
"""


@dataclass
class Lab:
    """A running JupyterLab and a browser window on it."""

    url: str
    token: str
    folder: Path
    context: BrowserContext
    outside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Write down every request that leaves this machine, and every fault of a script."""

        def request(url: str) -> None:
            local = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
            if not url.startswith(local):
                self.outside.append(url)

        page.on("request", lambda made: request(made.url))
        page.on("websocket", lambda made: request(made.url))
        page.on("pageerror", self._fault)

    def _fault(self, error: Error) -> None:
        """A fault of a script; JupyterLab's own, where none of ours was at work, is no matter."""
        told = error.stack or str(error)
        if LATE in told:
            return
        frames = re.findall(r"(?:https?|blob):[^\s)]+", told)
        if not frames or any("/static/lab/" not in one for one in frames):
            self.faults.append(told)

    def open(self, notebook: Path) -> Page:
        """Open a notebook (a copy below the served folder) in a fresh page."""
        page = self.context.new_page()
        self.watch(page)
        relative = notebook.relative_to(self.folder).as_posix()
        workspace = secrets.token_hex(4)
        page.goto(
            f"{self.url}/lab/workspaces/{workspace}/tree/{relative}?token={self.token}&reset",
            timeout=120_000,
        )
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        # asked to run before its kernel is there, JupyterLab would ask which one to take
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
        return page

    def write(self, name: str, cells: list[str]) -> Path:
        """A notebook of code cells in the served folder."""
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3",
                    "language": "python",
                }
            },
        )
        path = self.folder / name
        nbformat.write(book, path)
        return path

    @staticmethod
    def run_all(page: Page) -> None:
        """Run every cell through the menu, as a person does, and wait for the last one."""
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll(
                    '.jp-CodeCell .jp-InputPrompt')].map((p) => p.textContent);
                const failed = document.querySelector(
                    '.jp-RenderedText[data-mime-type*=error]');  // the cells after it do not run
                return failed || prompts.length && prompts.every((p) => /\\[\\d+\\]/.test(p));
            }""",
            timeout=600_000,
        )

    @staticmethod
    def run(page: Page, cell: int) -> None:
        """Run one code cell with the keyboard and wait until it is done."""
        found = page.locator(".jp-CodeCell").nth(cell)
        found.locator(".jp-InputArea-editor").click()
        before = found.locator(".jp-InputPrompt").inner_text()
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            """([cell, before]) => {
                const prompt = document.querySelectorAll('.jp-CodeCell')[cell]
                    .querySelector('.jp-InputPrompt').textContent;
                return /\\[\\d+\\]/.test(prompt) && prompt !== before;
            }""",
            arg=[cell, before],
            timeout=180_000,
        )

    def printed(self, page: Page, cell: int, *wanted: str | re.Pattern[str]) -> str:
        """Run a cell that prints until it prints what is wanted; all that it printed.

        What is done on a page the kernel takes in a thread of its own, beside the cells (so
        JupyterLab asks for it): a cell that is run afterwards may be done before it.
        """
        found = page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")
        end = time.monotonic() + 90
        while True:
            self.run(page, cell)
            # the prompt has its number before the output is on the page
            expect(found.first).to_have_text(re.compile(r"\S"), timeout=60_000)
            text = "\n".join(found.all_inner_texts()).strip()
            missing = [
                one for one in wanted
                if not (one in text if isinstance(one, str) else one.search(text))
            ]  # fmt: skip
            if not missing:
                return text
            assert time.monotonic() < end, f"{missing} not in {text!r}"

    @staticmethod
    def theme(page: Page, name: str) -> None:
        """Choose one of JupyterLab's themes and wait until the page has its colours."""
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.get_by_text("Theme", exact=True).hover()
        page.get_by_text(name, exact=True).first.click()
        light = str(name.endswith("Light")).lower()
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        page.wait_for_timeout(500)
        page.wait_for_function(
            "() => document.getAnimations().every((one) => one.playState !== 'running')"
        )

    @staticmethod
    def settled(page: Page) -> None:
        """Wait until every plane that was asked for is there and painted."""
        page.wait_for_function(
            """() => {
                const panes = [...document.querySelectorAll('.onco-pane')];
                return panes.length && panes.every((p) => p.dataset.state === 'ready');
            }""",
            timeout=120_000,
        )
        page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def canvas(self, page: Page, pane: str, view: int = 0) -> Canvas:
        """A plane's canvas of the n-th view, as it is on the screen now."""
        self.settled(page)
        found = page.locator(".onco-slices").nth(view).locator(f"canvas[data-pane={pane}]")
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box is not None
        shot = Pillow.open(io.BytesIO(page.screenshot(scale="css"))).convert("RGB")
        return Canvas(box["x"], box["y"], box["width"], box["height"], np.asarray(shot))


@dataclass
class Canvas:
    """Where a canvas lies on the page, and the page's pixels, one a CSS pixel."""

    x: float
    y: float
    width: float
    height: float
    page: NDArray[np.uint8]

    def at(self, right: float, down: float) -> tuple[int, int, int]:
        """Colour at a place of the canvas, in CSS pixels from its corner."""
        r, g, b = self.page[int(self.y + down), int(self.x + right)]
        return int(r), int(g), int(b)

    def fit(self, width_mm: float, height_mm: float) -> tuple[float, float, float]:
        """Scale in pixels a mm and the corner of a picture that just fits, 6 pixels left free."""
        scale = min((self.width - 12) / width_mm, (self.height - 12) / height_mm)
        return (
            scale,
            self.width / 2 - scale * width_mm / 2,
            self.height / 2 - scale * height_mm / 2,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Wait for the server's first answer; False where it has ended, or says nothing."""
    end = time.monotonic() + 300
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return True
        except (OSError, HTTPException):  # not there yet; or somebody else, who has its port
            time.sleep(0.2)
    return False


def _end_kernels(url: str, token: str) -> None:
    """Let a module's kernels go with it: each of them holds some hundred MB."""

    def ask(path: str, method: str = "GET") -> bytes:
        header = {"Authorization": f"token {token}"}
        asked = urllib.request.Request(f"{url}/api/{path}", headers=header, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return bytes(answer.read())

    with suppress(OSError, HTTPException):  # what stays ends with the server
        for one in json.loads(ask("sessions")):
            ask(f"sessions/{one['id']}", "DELETE")


_SERVER = pytest.StashKey[tuple[str, str, Path]]()
_DEMO = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store that `oncograph demo` makes, with the bundled real patients."""
    stash = request.config.stash
    if _DEMO not in stash:
        stash[_DEMO] = make_demo(tmp_path_factory.mktemp("demo") / "patients.onco").path
    return explorer.open(stash[_DEMO])


@pytest.fixture(scope="module")
def lab(
    request: pytest.FixtureRequest,
    chromium: str,
    demo: Store,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """A browser on a JupyterLab; the server is one for the whole session.

    Playwright's loop keeps the thread busy while it runs, hence a browser a module.
    """
    stash = request.config.stash
    if _SERVER not in stash:
        stash[_SERVER] = _serve(request.config, tmp_path_factory.mktemp("lab"), demo)
    url, token, folder = stash[_SERVER]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=chromium,
            headless=True,
            timeout=180_000,
            args=FLAGS,
            viewport={"width": 1500, "height": 1050},
        )
        context.set_default_timeout(90_000)
        context.add_init_script(PATIENT)
        try:
            yield Lab(url, token, folder, context)
        finally:
            context.close()
            _end_kernels(url, token)


def _serve(config: pytest.Config, base: Path, demo: Store) -> tuple[str, str, Path]:
    folder = base / "served"
    folder.mkdir()
    environment = {
        **os.environ,
        **{f"JUPYTER_{kind}_DIR": str(base / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(base / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONPATH": str(REPOSITORY),
        "ONCOGRAPH_STORE": str(demo.path),
    }
    token, log = secrets.token_hex(16), base / "lab.log"
    for _ in range(5):  # until the server binds it, a port that is free is anybody's
        port = _free_port()
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
            *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        with log.open("wb") as out:
            server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=folder)
        config.add_cleanup(partial(_stop, server))
        url = f"http://127.0.0.1:{port}"
        if _answers(f"{url}/api/status?token={token}", server):
            return url, token, folder
        if server.poll() is None:
            break
    pytest.fail(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:  # its kernels see that it is gone, and go
        server.kill()
        server.wait()
