"""The bundled JavaScript is what its sources give, and says whose it is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[3] / "widgets" / "js" / "vendor"
SOURCES = ("package.json", "package-lock.json", "entry.js")


def test_the_lock_names_no_host() -> None:
    lock = json.loads((VENDOR / "package-lock.json").read_text("utf-8"))
    assert not any("resolved" in one for one in lock["packages"].values())
    bundled = [name for name, one in lock["packages"].items() if name and not one.get("dev")]
    licences = (VENDOR / "LICENSES.txt").read_text("utf-8")
    for name in bundled:
        one = lock["packages"][name]
        assert one["license"] == "MIT"
        assert f"== {name.removeprefix('node_modules/')} {one['version']} ==" in licences


def test_nothing_is_fetched() -> None:
    text = (VENDOR / "cytoscape.js").read_text("utf-8")
    for forbidden in ("innerHTML", "eval(", "fetch(", "XMLHttpRequest", "import(", "http"):
        assert forbidden not in text, forbidden
    assert re.search(r"export\s*\{[^{}]*\bas cytoscape\b[^{}]*\};?\s*\Z", text)


@pytest.mark.slow
def test_it_is_built_the_same_to_the_byte(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    for name in SOURCES:
        shutil.copy2(VENDOR / name, tmp_path)
    try:
        got = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=tmp_path, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("needs npm's registry; it did not answer within two minutes")
    if got.returncode:
        # a package whose hash is not the lock's is a fault, not a missing registry
        assert "EINTEGRITY" not in got.stderr, got.stderr
        pytest.skip(f"needs npm's registry: {got.stderr.strip()[:300]}")
    done = subprocess.run(
        [npm, "run", "build"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cytoscape.js").read_bytes() == (VENDOR / "cytoscape.js").read_bytes()
