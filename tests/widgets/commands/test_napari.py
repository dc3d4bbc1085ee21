from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.store import Store

_COMMAND = [sys.executable, "-m", "explorer.cli", "napari"]


@pytest.mark.slow
def test_the_command_opens_a_patient(demo: Store, display: str, tmp_path: Path) -> None:
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "NAPARI_CONFIG": ""}
    words = [*_COMMAND, str(demo.path), "STS_002", "--image", "PT", "--json"]
    said = tmp_path / "said.txt"
    with said.open("wb") as errors, subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=errors, env=env, cwd=tmp_path
    ) as run:  # fmt: skip
        assert run.stdout is not None
        line = run.stdout.readline()
        run.kill()  # it runs until its window is closed
    assert line, said.read_text("utf-8", "replace")[-2000:]
    document = json.loads(line)
    assert document["patient"] == "STS_002"
    assert [one.split()[0] for one in document["layers"]] == ["PT", "GTV_Mass_PET"]


def test_without_napari_the_message_says_what_to_install(demo: Store, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['napari'] = None; "
        f"sys.argv = ['oncograph', 'napari', {str(demo.path)!r}]; "
        "from explorer.cli import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert run.returncode == 2
    assert "pip install 'oncograph[napari]'" in " ".join(run.stderr.split())
