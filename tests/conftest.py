"""What tests need from outside: real data, a browser, a screen; and what was skipped without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# How a reason to skip begins where something from outside is missing, and what brings it.
NEEDS = {
    "needs Chromium": "apt install chromium, or: playwright install chromium",
    "needs Xvfb": "apt install xvfb",
    "needs the shared data": "set ONCOGRAPH_SHARED to the folder of the public data sets",
}


@pytest.fixture(scope="session", autouse=True)
def own_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a person trusts is kept outside of the stores: the tests' own is not the person's."""
    before = os.environ.get("ONCOGRAPH_CONFIG")
    os.environ["ONCOGRAPH_CONFIG"] = str(tmp_path_factory.mktemp("config"))
    yield
    if before is None:
        del os.environ["ONCOGRAPH_CONFIG"]
    else:
        os.environ["ONCOGRAPH_CONFIG"] = before


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets, one sub-folder each (not part of the repository)."""
    named = os.environ.get("ONCOGRAPH_SHARED")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the shared data: no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that playwright can drive."""
    found = _browser()
    if found is None and os.environ.get("ONCOGRAPH_FETCH_BROWSER"):
        _fetch_browser()
        found = _browser()
    if found is None:
        pytest.skip("needs Chromium: none on the PATH, none of playwright's own")
    return found


@pytest.fixture(scope="session")
def xvfb() -> str:
    """Path of Xvfb, a screen for programs that insist on one."""
    found = shutil.which("Xvfb")
    if found is None:
        pytest.skip("needs Xvfb: none on the PATH")
    return found


def _browser() -> str | None:
    named = os.environ.get("ONCOGRAPH_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def _fetch_browser() -> None:
    """Let playwright download its own browser; where there is no network, nothing happens."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, timeout=600, capture_output=True, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"playwright could not fetch a browser: {error}\n")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Iterator[None]:
    """Say in the last lines which tests did not run for want of something from outside."""
    yield
    missing: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        missing.update(need for need in NEEDS if reason.startswith(need))
    for need, count in sorted(missing.items()):
        terminalreporter.write_line(
            f"NOT RUN: {count} test(s), {need}. What brings it: {NEEDS[need]}.", yellow=True
        )
