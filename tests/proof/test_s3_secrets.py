"""Credentials of S3 are in the environment and nowhere else: canaries, looked for everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import traceback
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from explorer.arrays import PatientArrays
from explorer.cli import main
from explorer.errors import OncographError
from explorer.place import Place
from explorer.records import Records
from explorer.s3_place import S3Place
from explorer.store import Store

BUNDLED = Path(__file__).resolve().parents[2] / "notebooks" / "data"
TOKEN = "canary-session-token-0123456789"


@pytest.mark.slow
def test_commands_work_on_s3_and_leave_no_credentials_anywhere(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home, files = tmp_path / "home", tmp_path / "files"
    home.mkdir(mode=0o700)
    for name in ("HOME", "TMPDIR", "ONCOGRAPH_CONFIG"):
        monkeypatch.setenv(name, str(home))
    with zipfile.ZipFile(BUNDLED / "PCAMPMRI-00001.zip") as archive:
        archive.extractall(files)
    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]

    def oncograph(*words: str, status: int = 0, **env: str) -> str:
        with monkeypatch.context() as changed:
            changed.setattr(sys, "argv", ["oncograph", *words])
            for name, value in env.items():
                changed.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        text = "".join(capfd.readouterr())
        assert (ended.value.code or 0) == status, text[-2000:]
        return text

    # once in a process of its own, where the engines say all that they do
    done = subprocess.run(
        [sys.executable, "-m", "explorer.cli", "ingest", str(files), "--store", s3],
        capture_output=True, encoding="utf-8", check=True, timeout=800,
        env={**os.environ, "RUST_LOG": "debug", "LANCE_LOG": "debug"},
    )  # fmt: skip
    said = [done.stdout + done.stderr]
    said += [oncograph("info", s3), oncograph("verify", s3), oncograph("compact", s3)]
    said += [oncograph("ingest", str(files), "--store", s3, "--json")]
    assert "PCAMPMRI-00001" in said[1]
    counted = Store(s3).sql("select count(*) as n from items where storage = 'copied'")
    assert counted["n"][0] == len(Store(s3).sql("select * from items")) > 1

    wrong = "canary-wrong-secret"
    said += [
        oncograph("info", s3, status=2, AWS_SECRET_ACCESS_KEY=wrong),
        oncograph("ingest", str(files), "--store", s3, status=2, AWS_SECRET_ACCESS_KEY=wrong),
        oncograph("info", f"s3://{key}:{secret}@oncograph-tests/x", status=2),
        oncograph("info", s3, status=2, AWS_ENDPOINT_URL=f"http://{key}:{secret}@127.0.0.1:1"),
        oncograph("info", f"{s3}/nothing", status=2),
        oncograph("info", s3, status=2, AWS_SECRET_ACCESS_KEY="", AWS_ACCESS_KEY_ID=""),
        oncograph("info", "s3://oncograph-no-such-bucket/x", status=2),
    ]
    assert "AWS_ACCESS_KEY_ID and" in said[-2]
    assert "There is no bucket" in said[-1]

    kept = [one.read_bytes() for one in _objects(S3Place(s3))]
    kept += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 30
    for text in said:
        assert "Traceback" not in text
        assert not any(canary in text for canary in (key, secret, wrong))
    for data in kept:
        assert not any(canary.encode() in data for canary in (key, secret, wrong))


def _objects(place: S3Place) -> Iterator[Place]:
    for one in place._objects():
        yield S3Place(f"s3://{place.bucket}/{one['path']}")


class Echo(BaseHTTPRequestHandler):
    """A server that says no, and repeats what it was sent, as some do."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        told = "".join(f"<H>{name}: {value}</H>" for name, value in self.headers.items())
        body = f"<Error><Code>{self.server.code}</Code>{told}</Error>".encode()  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("status", "code"), [(400, "InvalidToken"), (403, "AccessDenied"), (400, "Odd"), (404, "Odd")]
)
def test_a_server_that_repeats_credentials_is_not_quoted(
    status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "CANARYKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.status, server.code = status, code  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    place = S3Place("s3://bucket/store")
    tries = {
        "read": lambda: (place / "oncograph.json").read_bytes(),
        "list": place.children,
        "write": lambda: place.write_bytes(b"x"),
        "open": lambda: Store(place),
        "rows": lambda: Records(place).read("roots"),
        "append": lambda: Records(place).insert_new(
            "roots", [{"root": "r", "issuer": "i", "time": "t"}]
        ),
        "arrays": lambda: PatientArrays(place / "patients" / "a").write(None),
    }
    try:
        for name, step in tries.items():
            try:
                step()
            except (FileNotFoundError, OncographError):
                text = traceback.format_exc()
                assert not any(c in text for c in ("CANARYKEY", "canary-secret", TOKEN)), name
            else:
                assert (status, name) == (404, "list"), name
    finally:
        server.shutdown()
        server.server_close()
