"""itk-vtk-viewer from this machine: nobody else is asked, and nobody else is answered."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import sync_playwright

from explorer.errors import NotFoundError
from explorer.patient import Patient
from widgets.serve_itk import serve_itk
from widgets.to_itk import to_itk

VERSION = "14.51.0"


@pytest.fixture
def ball(made: Callable[..., Patient], image_draft: Any, tmp_path: Path) -> Path:
    z, y, x = np.mgrid[:24, :24, :24]
    values = np.where((z - 12) ** 2 + (y - 12) ** 2 + (x - 12) ** 2 < 64, 1000, 0).astype(np.int16)
    image = made(image_draft("ct-1", values, np.eye(4))).images["ct-1"]
    return to_itk(image, tmp_path / "out").parent


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=90) as answer:
        body: bytes = answer.read()
        return body


def test_only_with_the_token_and_only_these_folders(ball: Path, tmp_path: Path) -> None:
    viewer = tmp_path / "dist"
    viewer.mkdir()
    (viewer / "itkVtkViewer.js").write_text("1")
    loader = '<script type="text/javascript" src="https://example.org/x.js"></script>'
    (viewer / "index.html").write_text(f"<p>here</p>{loader}")
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(NotFoundError, match="itkVtkViewer"):
        serve_itk(ball, tmp_path)
    with pytest.raises(NotFoundError, match="to_itk"):
        serve_itk(viewer, viewer)
    with serve_itk(ball, viewer) as server:
        base = server.url.partition("/viewer/")[0]
        assert _get(server.url) == b"<p>here</p>"
        assert b"multiscales" in _get(f"{base}/data/image.ome.zarr/.zattrs")
        wrong = [f"{base[:-3]}abc/viewer/index.html", f"{base}/data/../secret",
                 f"{base}/data/..%2fsecret", f"{base}/other/secret", f"{base}/data"]  # fmt: skip
        for url in wrong:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                _get(url)


@pytest.mark.slow
def test_the_real_viewer_draws_it(
    ball: Path, chromium: str, flags: list[str], tmp_path: Path
) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("itk-vtk-viewer comes from npm, which is not here")
    try:
        asked = subprocess.run(
            [npm, "pack", f"itk-vtk-viewer@{VERSION}"], cwd=tmp_path, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not answer")
    if asked.returncode:
        pytest.skip(f"npm does not give itk-vtk-viewer: {asked.stderr.strip()[-300:]}")
    with tarfile.open(tmp_path / f"itk-vtk-viewer-{VERSION}.tgz") as archive:
        archive.extractall(tmp_path, filter="data")
    asked_for: list[str] = []
    with serve_itk(ball, tmp_path / "package" / "dist") as server, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=chromium, headless=True, args=flags,
            viewport={"width": 420, "height": 360}, timeout=240_000,
        )  # fmt: skip
        page = context.new_page()
        page.on("request", lambda made: asked_for.append(made.url))
        page.goto(f"{server.url}&rotate=false", timeout=240_000)
        contrast = 0.0
        for _ in range(60):
            page.wait_for_timeout(2000)
            shot = Pillow.open(io.BytesIO(page.screenshot(timeout=240_000))).convert("L")
            middle = np.asarray(shot, float)[120:240, 140:280]
            contrast = float(np.ptp(middle))
            if contrast > 40:
                break
        context.close()
    assert contrast > 40, "no ball is drawn"
    assert any("image.ome.zarr/0/0/0/0" in url for url in asked_for)
    assert [
        url for url in asked_for if not url.startswith(("http://127.0.0.1", "blob:", "data:"))
    ] == []
