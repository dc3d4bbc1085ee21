"""The doctor says what is there, and how to mend what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from explorer import doctor as room
from explorer.doctor import Check, doctor


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def named(checks: list[Check], name: str) -> Check:
    (found,) = [check for check in checks if check.name == name]
    return found


def test_this_machine_can_do_the_main_job(tmp_path: Path) -> None:
    checks = doctor(tmp_path)
    assert not [check for check in checks if check.ok is False and check.name != "disk"]
    for name in ("zarr", "icechunk", "pydicom", "anywidget", "jupyterlab"):
        assert named(checks, name) == Check(name, True, version(name))
    assert len({check.name for check in checks}) == len(checks)
    assert not list(tmp_path.iterdir())


def test_what_is_not_right_has_a_command(programs: Path, tmp_path: Path) -> None:
    checks = doctor(tmp_path)
    for name in ("Chromium", "Xvfb"):
        check = named(checks, name)
        assert check.ok is None
        if sys.platform.startswith("linux"):
            assert check.do is not None
            assert "apt install" in check.do
    assert named(checks, "GPU").ok is None


def test_a_package_that_is_missing_or_too_old() -> None:
    missing = room._package(Requirement("no-such-package-here>=1"))
    assert (missing.ok, missing.found) == (False, "not installed")
    old = room._package(Requirement("numpy>=999"))
    assert old.ok is False
    assert old.found == f"{version('numpy')}, but >=999 is needed"
    assert old.do is not None
    assert "pip install -c constraints.txt" in old.do


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for nvidia-smi is a shell script")
def test_gpu_is_what_the_drivers_tool_says(programs: Path) -> None:
    program(programs, "nvidia-smi", "echo 'NVIDIA H100 80GB HBM3, 81559 MiB, 570.86'")
    assert room._gpu() == Check("GPU", True, "NVIDIA H100 80GB HBM3, 81559 MiB, 570.86")
    program(programs, "nvidia-smi", "echo broken >&2; exit 9")
    broken = room._gpu()
    assert broken.ok is None
    assert "status 9" in broken.found


@pytest.mark.skipif(os.name == "nt", reason="permissions are another thing there")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "a file"
    folder.write_text("")
    check = room._writing(folder)
    assert check.ok is False
    assert "cannot be written" in check.found
    assert check.do


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_ROOM_GB", 1e9)
    check = room._disk(tmp_path / "not" / "yet")
    assert check.ok is False
    assert check.do is not None
    assert "make room" in check.do


def test_doctor_loads_no_deep_learning(tmp_path: Path) -> None:
    code = (
        "import sys, json; from explorer.doctor import doctor; doctor(); "
        "print(json.dumps(sorted(set(sys.modules) & {'torch', 'napari', 'networkx'})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
