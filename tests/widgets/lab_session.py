"""JupyterLab on this machine, driven with Chromium; fixtures for the browser tests."""

from __future__ import annotations

import io
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from playwright.sync_api import BrowserContext, Page, sync_playwright

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
        page.on("pageerror", lambda error: self.faults.append(str(error)))

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
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=120_000)
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
                return prompts.length && prompts.every((p) => /\\[\\d+\\]/.test(p));
            }""",
            timeout=180_000,
        )


def pixels(page: Page, selector: str) -> NDArray[np.uint8]:
    """What the browser shows of an element: ``(row, column, rgb)``, one pixel a CSS pixel."""
    page.locator(selector).first.scroll_into_view_if_needed()
    shot = page.locator(selector).first.screenshot(scale="css")
    return np.asarray(Pillow.open(io.BytesIO(shot)).convert("RGB"))


def settled(page: Page) -> None:
    """Wait until every plane that was asked for is there and painted."""
    page.wait_for_function(
        """() => {
            const panes = [...document.querySelectorAll('.onco-pane')];
            return panes.length && panes.every((p) => p.dataset.state === 'ready');
        }""",
        timeout=60_000,
    )
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab and one browser for all tests of a session."""
    base = tmp_path_factory.mktemp("lab")
    folder = base / "served"
    folder.mkdir()
    token, port = secrets.token_hex(16), _free_port()
    environment: dict[str, Any] = {
        **os.environ,
        **{f"JUPYTER_{kind}_DIR": str(base / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(base / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONPATH": str(REPOSITORY),
    }
    log = base / "lab.log"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/api/status?token={token}", server, log)
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                str(base / "profile"),
                executable_path=chromium,
                headless=True,
                args=FLAGS,
                viewport={"width": 1500, "height": 1050},
            )
            try:
                yield Lab(url, token, folder, context)
            finally:
                context.close()
    finally:
        server.terminate()
        server.wait(20)
