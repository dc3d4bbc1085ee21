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
def test_the_command_opens_a_patient(demo: Store, xvfb: str, tmp_path: Path) -> None:
    read, write = os.pipe()
    screen = [xvfb, "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    quiet = {"stderr": subprocess.DEVNULL}
    with subprocess.Popen(screen, pass_fds=[write], stdout=subprocess.DEVNULL, **quiet) as server:
        os.close(write)
        with os.fdopen(read) as said:
            display = f":{said.readline().strip()}"
        env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "NAPARI_CONFIG": ""}
        words = [*_COMMAND, str(demo.path), "STS_002", "--image", "PT", "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=env, cwd=tmp_path, **quiet) as run:
            assert run.stdout is not None
            document = json.loads(run.stdout.readline())
            run.kill()  # it runs until its window is closed
        server.terminate()
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
