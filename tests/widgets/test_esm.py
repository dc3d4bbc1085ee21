from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from widgets.esm import css, esm


def test_one_module_that_imports_nothing() -> None:
    text = esm("slices.js")
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export default {"]
    for name in ("geometry", "renderer", "feed", "pane_view", "controls", "marks", "mouse"):
        assert text.count(f"// {name}.js\n") == 1


def test_text_is_never_markup_and_nothing_is_fetched() -> None:
    everything = esm("slices.js") + css("slices.css")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                      "fetch(", "XMLHttpRequest", "@import", "url(", "http"):  # fmt: skip
        assert forbidden not in everything, forbidden


def test_it_is_javascript(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    # names that are declared twice would be an error too
    (tmp_path / "all.mjs").write_text(esm("slices.js"), "utf-8")
    done = subprocess.run(
        [node, "--check", tmp_path / "all.mjs"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
