"""JupyterLab on this machine through headless Chromium: bytes, and when a picture is there."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

# software WebGL2, and none of the browser's own calls home
_FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-dev-shm-usage",
]  # fmt: skip
# Of the cell's output: a picture of the body is grey, frames and letters are not so large.
_GREY_SHARE = 0.02


@dataclass(frozen=True)
class Seen:
    """What a run of a cell came to: seconds until a picture, bytes that the browser received."""

    seconds: float
    received: int


@dataclass
class Lab:
    """A running JupyterLab and a browser."""

    url: str
    token: str
    folder: Path
    context: BrowserContext

    def show(self, name: str, prepare: str, show: str, limit_s: float, shot: Path) -> Seen:
        """Run `prepare` in a fresh kernel, then `show`, and wait for a picture below it.

        Raises
        ------
        TimeoutError
            There is none after `limit_s`.
        """
        page = self.open(name, [prepare, show])
        try:
            run(page, 0)
            done(page, 0, 120)
            received = _count(self.context, page)
            began = time.perf_counter()
            run(page, 1)
            while not _picture(page, shot):
                if time.perf_counter() - began > limit_s:
                    raise TimeoutError(f"{name}: no picture after {limit_s:.0f} s")
            took = time.perf_counter() - began
            time.sleep(2)  # what still comes belongs to the first look
            return Seen(took, sum(received))
        finally:
            page.close()

    def open(self, name: str, cells: list[str]) -> Page:
        """A notebook of these cells in a fresh page, its kernel waiting."""
        made: Any = nbformat.v4
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = made.new_notebook(
            cells=[made.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
        )
        (self.folder / f"{name}.ipynb").write_text(made.writes(book), "utf-8")
        page = self.context.new_page()
        workspace = secrets.token_hex(4)
        page.goto(
            f"{self.url}/lab/workspaces/{workspace}/tree/{name}.ipynb?token={self.token}&reset",
            timeout=120_000,
        )
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=120_000)
        return page


def run(page: Page, cell: int) -> None:
    """Run one cell; it does not wait."""
    page.locator(".jp-CodeCell").nth(cell).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")


def done(page: Page, cell: int, limit_s: float) -> None:
    """Wait until a cell is done."""
    page.wait_for_function(
        """(cell) => /\\[\\d+\\]/.test(document.querySelectorAll('.jp-CodeCell')[cell]
            .querySelector('.jp-InputPrompt').textContent)""",
        arg=cell,
        timeout=limit_s * 1000,
    )


def _count(context: BrowserContext, page: Page) -> list[int]:
    """A list that grows by the bytes of each frame and response from now on."""
    received: list[int] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")

    def frame(event: dict[str, Any]) -> None:
        response = event["response"]
        size = len(response["payloadData"])
        received.append(size * 3 // 4 if response["opcode"] == 2 else size)  # binary is in base64

    session.on("Network.webSocketFrameReceived", frame)
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    return received


def _picture(page: Page, shot: Path) -> bool:
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output").first
    box = output.bounding_box() if output.count() else None
    if box is None or box["height"] < 50:
        page.wait_for_timeout(20)
        return False
    raw = page.screenshot(timeout=300_000)
    whole = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB")).astype(int)
    top, left = max(0, int(box["y"])), max(0, int(box["x"]))
    part = whole[top : int(box["y"] + box["height"]), left : int(box["x"] + box["width"])]
    grey = (np.ptp(part, axis=2) < 12) & (part.mean(axis=2) > 50) & (part.mean(axis=2) < 220)
    flat = np.unique(part[grey].mean(axis=1).astype(int), return_counts=True)[1]
    # one grey alone may be a button or a border; a slice has many
    seen = bool(grey.size and (grey.sum() - sum(sorted(flat)[-3:])) / grey.size > _GREY_SHARE)
    if seen:
        shot.write_bytes(raw)
    return seen


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _chromium(playwright: Any) -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return str(playwright.chromium.executable_path)


@contextmanager
def lab(place: Path) -> Iterator[Lab]:
    """JupyterLab and a browser, until the end of the block."""
    folder, token, port = place / "served", secrets.token_hex(16), _free_port()
    folder.mkdir(parents=True)
    environment = {
        **os.environ,
        **{f"JUPYTER_{kind}_DIR": str(place / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(place / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # a volume that travels whole needs these; the same for both viewers
        '--ServerApp.tornado_settings={"websocket_max_message_size":2000000000}',
        "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=1e10",
    ]
    log = place / "lab.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/api/status?token={token}", server, log)
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                str(place / "profile"), executable_path=_chromium(playwright), headless=True,
                args=_FLAGS, viewport={"width": 1400, "height": 1000},
                env={**os.environ, "HOME": str(place), "XDG_CACHE_HOME": str(place / "cache")},
            )  # fmt: skip
            try:
                yield Lab(url, token, folder, context)
            finally:
                context.close()
    finally:
        server.terminate()
        server.wait(30)


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
    raise RuntimeError(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")
