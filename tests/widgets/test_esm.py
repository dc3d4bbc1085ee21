from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from widgets.esm import _enclosed, css, esm


def test_one_module_that_imports_nothing() -> None:
    text = esm("slices.js")
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == [
        "export default heard(oncographEntry);"
    ]
    for name in (
        "heard",
        "geometry",
        "renderer",
        "feed",
        "pane_view",
        "controls",
        "marks",
        "mouse",
    ):
        assert text.count(f"// {name}.js\n") == 1


def test_a_bundle_has_a_scope_of_its_own() -> None:
    text = esm("graph_view.js")
    assert text.count("// vendor/cytoscape.js\nvar { cytoscape } = (() => {") == 1
    assert re.findall(r"^export .*", text, re.MULTILINE) == [
        "export default heard(oncographEntry);"
    ]
    with pytest.raises(ValueError, match="a bundle ends with"):
        _enclosed("const a = 1;")
    assert "return { second: b, first: a };" in _enclosed("export{b as second,a as first};\n")


@pytest.mark.parametrize("view", ["slices", "graph_view", "timeline_view"])
def test_text_is_never_markup_and_nothing_is_fetched(view: str) -> None:
    # the namespace of SVG is a name, and nothing is fetched by it
    everything = (esm(f"{view}.js") + css(f"{view}.css")).replace("http://www.w3.org/2000/svg", "")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                      "fetch(", "XMLHttpRequest", "@import", "url(", "http"):  # fmt: skip
        assert forbidden not in everything, forbidden


@pytest.mark.parametrize("view", ["slices", "graph_view", "timeline_view"])
def test_it_is_javascript(view: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    # names that are declared twice would be an error too
    (tmp_path / "all.mjs").write_text(esm(f"{view}.js"), "utf-8")
    done = subprocess.run(
        [node, "--check", tmp_path / "all.mjs"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
