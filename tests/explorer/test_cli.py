"""Exit statuses and the shape of what each command prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer import cli


@pytest.fixture
def oncograph(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run the command in this process: exit status, stdout, stderr."""
    umask = os.umask(0o022)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["oncograph", *map(str, words)])
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        else:
            status = 0
        said = capsys.readouterr()
        return status, said.out, said.err

    yield run
    os.umask(umask)


@pytest.fixture
def series(ct_slices: Callable[..., Path], tmp_path: Path) -> Path:
    """Three CT slices of one patient; synthetic."""
    return ct_slices(tmp_path / "My Patients")


def test_ingest_info_verify_compact(
    oncograph: Callable[..., tuple[int, str, str]], series: Path, tmp_path: Path
) -> None:
    place = tmp_path / "patients.onco"
    (series / "notes.txt").write_text("x")
    status, out, _ = oncograph("ingest", series, "--store", place, "--json")
    assert status == 0
    document = json.loads(out)
    assert set(document) == {"files", "patients", "faults", "shown", "joined"}
    assert {tuple(sorted(row)) for row in document["files"]} == {
        ("item", "path", "patient", "reason", "status")
    }
    counted = sorted((Path(row["path"]).name, row["status"]) for row in document["files"])
    assert counted == [
        ("0.dcm", "referenced"),
        ("1.dcm", "referenced"),
        ("2.dcm", "referenced"),
        ("notes.txt", "skipped"),
    ]
    assert [patient["id"] for patient in document["patients"]] == ["SYN-1"]

    status, out, _ = oncograph("info", place, "--json")
    assert status == 0
    (patient,) = json.loads(out)["patients"]
    (item,) = patient["items"]
    assert patient["id"] == "SYN-1"
    wanted = {
        "kind": "image", "modality": "CT", "shape": [3, 4, 5], "dims": ["z", "y", "x"],
        "spacing_mm": [3.0, 2.0, 1.0], "units": "HU", "day": 0, "storage": "referenced",
        "labels": [],
    }  # fmt: skip
    assert {name: item[name] for name in wanted} == wanted
    assert item["id"].startswith("ct-")
    image = explorer.open(place)["SYN-1"].images[item["id"]]
    assert image.data[:, 1, 1].values.tolist() == [0, 1, 2]

    status, out, _ = oncograph("verify", place, "--json")
    assert status == 0
    verified = json.loads(out)
    assert (verified["ok"], verified["references"], verified["faults"]) == (True, 3, [])
    status, out, _ = oncograph("compact", place, "--grace", 0, "--json")
    assert status == 0
    assert json.loads(out)["rows_swept"] == 0


def test_a_second_ingest_changes_nothing_and_says_so(
    oncograph: Callable[..., tuple[int, str, str]], series: Path, tmp_path: Path
) -> None:
    place = tmp_path / "patients.onco"
    assert oncograph("ingest", series, "--store", place)[0] == 0
    status, out, _ = oncograph("ingest", series, "--store", place)
    assert status == 0
    assert "nothing changed" in out
    status, out, _ = oncograph("ingest", series, "--store", place, "--json")
    document = json.loads(out)
    assert {row["status"] for row in document["files"]} == {"skipped"}
    assert {row["reason"] for row in document["files"]} == {"unchanged since an earlier ingest"}
    assert explorer.open(place)["SYN-1"].version == 1


def test_a_refused_file_is_status_one(
    oncograph: Callable[..., tuple[int, str, str]], series: Path, tmp_path: Path
) -> None:
    (series / "empty.dcm").touch()
    (series / "broken.zip").write_bytes(b"PK\x03\x04 but no archive")
    status, out, _ = oncograph("ingest", series, "--store", tmp_path / "s")
    assert status == 1
    assert "the file is empty" in out
    assert "not a readable zip archive" in out
    assert "3 referenced, 2 refused" in out
    assert list(explorer.open(tmp_path / "s")) == ["SYN-1"]


def test_a_fault_is_status_one(
    oncograph: Callable[..., tuple[int, str, str]], series: Path, tmp_path: Path
) -> None:
    oncograph("ingest", series, "--store", tmp_path / "s")
    (series / "1.dcm").unlink()
    status, out, _ = oncograph("verify", tmp_path / "s")
    assert status == 1
    assert "SYN-1" in out
    assert "the source file is gone" in out
    status, out, _ = oncograph("verify", tmp_path / "s", "--json")
    assert status == 1
    (fault,) = json.loads(out)["faults"]
    assert fault["file"] == str(series / "1.dcm")
    assert set(fault) == {"patient", "item", "file", "found", "do"}


def test_one_patient(
    oncograph: Callable[..., tuple[int, str, str]],
    store: explorer.Store,
    put: Callable[..., Any],
    drafts: Any,
) -> None:
    for name in ("Anna", "Berta"):
        put(name, drafts.image(), drafts.segmentation())
    _, out, _ = oncograph("info", store.path, "--patient", "Berta", "--json")
    (patient,) = json.loads(out)["patients"]
    assert patient["id"] == "Berta"
    assert [(item["kind"], item["labels"]) for item in patient["items"]] == [
        ("image", []),
        ("segmentation", ["lesion"]),
    ]
    status, out, _ = oncograph("info", store.path)
    assert status == 0
    assert "2 patients" in out
    assert "lesion" in out


@pytest.mark.parametrize(
    "words",
    [
        ("ingest",),
        ("ingest", "{place}"),
        ("ingest", "{place}", "--store", "{place}/s", "--pair", "no equals sign"),
        ("ingest", "{place}", "--store", "{place}/s", "--workers", "0"),
        ("ingest", "{place}/none", "--store", "{place}/s"),
        ("ingest", "{place}", "--store", "{place}"),
        ("info", "{place}"),
        ("info", "{place}/none"),
        ("verify", "{place}"),
        ("compact", "{place}", "--grace", "-1"),
        ("info", "{store}", "--patient", "nobody"),
        ("no-such-command",),
    ],
)
def test_usage_is_status_two_and_one_message(
    oncograph: Callable[..., tuple[int, str, str]],
    store: explorer.Store,
    tmp_path: Path,
    words: tuple[str, ...],
) -> None:
    (tmp_path / "file.txt").write_text("x")
    status, out, err = oncograph(*(w.format(place=tmp_path, store=store.path) for w in words))
    assert status == 2
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


def test_json_alone_stands_on_stdout(series: Path, tmp_path: Path) -> None:
    """As another program sees it: in a process of its own, with logs on stderr."""
    command = [sys.executable, "-m", "explorer.cli", "ingest", str(series), "--json", "--store"]
    done = subprocess.run(
        [*command, str(tmp_path / "s")], capture_output=True, text=True, timeout=600, check=True
    )
    assert len(json.loads(done.stdout)["files"]) == 3
    assert done.stdout.count("\n") == 1
