"""What is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from filelock import FileLock, Timeout
from packaging.requirements import Requirement

_OLDEST = (3, 11)
_ROOM_GB = 5.0  # the demo takes 0.3 GB; a study of a few patients takes more
_INSTALL = "pip install -c constraints.txt -e ."
_SEARCHED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    ok : bool or None
        None where it is missing and not needed for the main job.
    found : str
    do : str or None
        The command, or the step, that mends it.
    """

    name: str
    ok: bool | None
    found: str
    do: str | None = None


def doctor(folder: Path | None = None) -> list[Check]:
    """Examine this machine.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Where a store would lie; the current folder by default.

    Returns
    -------
    list of Check
    """
    place = (folder or Path.cwd()).absolute()
    return [_python(), *_packages(), *_system(), _gpu(), _disk(place), _writing(place)]


def _python() -> Check:
    found = f"{sys.version.split()[0]} at {sys.executable}"
    if sys.version_info >= _OLDEST:
        return Check("Python", True, found)
    return Check("Python", False, found, "install Python 3.11 or newer, then make demo")


def _packages() -> list[Check]:
    """One check for each package that oncograph itself asks for."""
    try:
        asked = [Requirement(line) for line in requires("oncograph") or []]
    except PackageNotFoundError:
        return [Check("oncograph", False, "not installed", f"in the project's folder: {_INSTALL}")]
    core = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [Check("oncograph", True, version("oncograph")), *map(_package, core)]


def _package(asked: Requirement) -> Check:
    do = f"in the project's folder: {_INSTALL}"
    try:
        found = version(asked.name)
    except PackageNotFoundError:
        return Check(asked.name, False, "not installed", do)
    if asked.specifier.contains(found, prereleases=True):
        return Check(asked.name, True, found)
    return Check(asked.name, False, f"{found}, but {asked.specifier} is needed", do)


def _system() -> list[Check]:
    """What the tests and desktop views need; the main job runs without."""
    browser = next((path for name in _SEARCHED if (path := shutil.which(name))), None)
    xvfb = shutil.which("Xvfb")
    gl = ctypes.util.find_library("GL")
    return [
        _optional("Chromium", browser, "not found; only the browser tests need it", "chromium"),
        _optional("Xvfb", xvfb, "not found; only tests of desktop windows need it", "xvfb"),
        _optional("libGL", gl, "not found; only desktop windows need it", "libgl1"),
    ]


def _optional(name: str, found: str | None, absent: str, package: str) -> Check:
    if found:
        return Check(name, True, found)
    if sys.platform.startswith("linux"):
        return Check(name, None, absent, f"on Debian and Ubuntu: sudo apt install {package}")
    return Check(name, None, absent)


def _gpu() -> Check:
    """Ask NVIDIA's own tool; no deep-learning package is loaded for it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("GPU", None, "no nvidia-smi, so no NVIDIA GPU; nothing here needs one")
    query = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("GPU", None, f"nvidia-smi gave no answer: {type(error).__name__}")
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if done.returncode != 0 or not lines:
        do = "check the driver: nvidia-smi"
        return Check("GPU", None, f"nvidia-smi failed with status {done.returncode}", do)
    return Check("GPU", True, "; ".join(lines))


def _disk(place: Path) -> Check:
    there = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    found = f"{free:.1f} GB free at {there}"
    if free >= _ROOM_GB:
        return Check("disk", True, found)
    do = f"make room: less than {_ROOM_GB:.0f} GB is tight; images kept by reference take least"
    return Check("disk", False, found, do)


def _writing(place: Path) -> Check:
    """Write, lock and rename as a store does."""
    name = "writing"
    try:
        with tempfile.TemporaryDirectory(prefix=".oncograph-doctor-", dir=place) as scratch:
            first, second = Path(scratch, "a"), Path(scratch, "b")
            first.write_bytes(b"oncograph")
            os.replace(first, second)  # noqa: PTH105 - the call that a store makes
            lock = FileLock(Path(scratch, "lock"))
            lock.acquire(timeout=5)
            lock.release()
    except (Timeout, NotImplementedError):
        do = "keep the store on a local disk; without locks two writers would lose data"
        return Check(name, False, f"files in {place} cannot be locked", do)
    except OSError as error:
        do = "choose a folder of your own: oncograph ingest SRC --store ~/patients.onco"
        return Check(name, False, f"{place} cannot be written: {error.strerror or error}", do)
    return Check(name, True, f"{place} can be written and locked")
