"""`import explorer` stays light: no deep learning, no graphs, no screens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torch_geometric", "networkx", "napari", "ipywidgets", "anywidget", "IPython")


def modules_after(statement: str, folder: Path) -> set[str]:
    """Top-level modules that a fresh interpreter holds after a statement."""
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_explorer_does_not_pull_in_heavy_rooms(tmp_path: Path) -> None:
    found = modules_after("import explorer", tmp_path)
    assert "explorer" in found
    assert found.isdisjoint({*HEAVY, "graphs", "widgets"})


def test_the_check_sees_a_heavy_module(tmp_path: Path) -> None:
    assert "ipywidgets" in modules_after("import ipywidgets", tmp_path)


@pytest.mark.parametrize("room", ["explorer", "graphs", "widgets"])
def test_each_room_imports_away_from_the_repository(room: str, tmp_path: Path) -> None:
    assert room in modules_after(f"import {room}", tmp_path)
