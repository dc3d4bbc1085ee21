"""Every notebook runs from top to bottom, without a browser, in a store of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.demo import make_demo

REPOSITORY = Path(__file__).resolve().parents[2]
BOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    book = json.loads(path.read_text("utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # six notebooks, one after the other, beside other tests
def test_every_notebook_runs(tmp_path: Path) -> None:
    assert len(BOOKS) >= 4
    folder = tmp_path / "notebooks"
    shutil.copytree(REPOSITORY / "notebooks", folder)
    store = make_demo(tmp_path / "patients.onco").path
    command = [
        sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=900", "-q", "-p",
        "no:cacheprovider", "-n", "0", "-c", os.devnull, "--rootdir", str(folder), str(folder),
    ]  # fmt: skip
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=1700, check=False,
        env={**os.environ, "ONCOGRAPH_STORE": str(store), "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert f"{len(BOOKS)} passed" in ran.stdout
