from __future__ import annotations

import shutil
import socket
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wfdb

import explorer
from explorer.draft import Header, Reading
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.readers.reader import Reader
from explorer.readers.wfdb import WfdbReader
from explorer.verify import verify
from explorer.waveform_draft import WaveformDraft


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever wants to speak to another machine fails the test."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was asked for something")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def record(shared_data: Path, tmp_path: Path) -> Path:
    """The real 15-lead ECG s0010_re of the PTB Diagnostic ECG Database."""
    folder = tmp_path / "patient001"
    folder.mkdir()
    for path in (shared_data / "ptb_ecg").glob("s0010_re.*"):
        shutil.copy(path, folder)
    return folder


def headers(dicom: Any, folder: Path) -> list[Header]:
    found = [WfdbReader().peek(dicom.source(p, folder.parent)) for p in sorted(folder.iterdir())]
    return [one for one in found if one is not None]


def read(dicom: Any, folder: Path) -> Reading:
    found = headers(dicom, folder)
    assert len({one.group for one in found}) == 1
    reading = WfdbReader().read(found, [])
    assert sorted(s.uri for s in reading.statuses) == sorted(h.source.uri for h in found)
    return reading


def test_is_a_reader() -> None:
    assert isinstance(WfdbReader(), Reader)


@pytest.mark.usefixtures("no_network")
def test_three_files_are_one_record_and_equal_wfdb(dicom: Any, record: Path) -> None:
    reading = read(dicom, record)
    assert [one.status for one in reading.statuses] == ["ingested"] * 3
    (draft,) = reading.drafts
    assert isinstance(draft, WaveformDraft)
    assert (draft.modality, draft.shape, draft.dtype) == ("ECG", (15, 38400), np.dtype(np.int16))
    assert draft.sampling_hz == 1000
    assert draft.channels[:4] == ["i", "ii", "iii", "avr"]
    assert set(draft.units) == {"mV"}
    assert draft.meta["comments"][:2] == ["age: 81", "sex: female"]
    expected = wfdb.rdrecord(str(record / "s0010_re")).p_signal.T
    values = draft.load() * draft.slope[:, None] + draft.intercept[:, None]
    assert np.array_equal(values.astype(np.float32), expected.astype(np.float32))
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.usefixtures("no_network")
def test_in_the_store_from_a_folder_and_from_an_archive(record: Path, tmp_path: Path) -> None:
    expected = wfdb.rdrecord(str(record / "s0010_re")).p_signal.T.astype(np.float32)
    ingest(record.parent, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    assert verify(store).ok
    patient = store["patient001"]
    (wave,) = patient.waveforms.values()
    assert np.array_equal(wave.data.values, expected)
    assert len(wave.sources()) == 3
    html = wave._repr_html_()
    assert "mV" in html
    assert "data:image/png" in html
    assert not ingest(record.parent, tmp_path / "s.onco").changed

    with zipfile.ZipFile(tmp_path / "p7.zip", "w") as archive:
        for path in record.iterdir():
            archive.write(path, f"p7/{path.name}")
    result = ingest(tmp_path / "p7.zip", tmp_path / "z.onco")
    assert [row["status"] for row in result.files] == ["ingested"] * 3, result.files
    (wave,) = explorer.open(tmp_path / "z.onco")["p7"].waveforms.values()
    assert np.array_equal(wave.data.values, expected)


def test_a_named_patient_wins_over_the_folder(record: Path, tmp_path: Path) -> None:
    ingest(record.parent, tmp_path / "s.onco", patient="A 1")
    assert len(explorer.open(tmp_path / "s.onco")["A 1"].waveforms) == 1


def write(folder: Path, header: str, data: bytes = b"\0" * 64, name: str = "r.dat") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "r.hea").write_text(header)
    (folder / name).write_bytes(data)
    return folder


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ("../../etc/passwd 16", "as a signal file"),
        ("/etc/passwd 16", "as a signal file"),
        ("http://example.org/x.dat 16", "as a signal file"),
        ("s3://bucket/x.dat 16", "as a signal file"),
        ("scan.dcm 16", "as a signal file"),
        ("other.dat 16", "not among the sources"),
        ("r.dat 16+1000", "end early"),
        ("r.dat 99", "has the format 99"),
        ("r.dat 16x99999999", "has the format 16"),
    ],
)
def test_hostile_headers_are_refused(dicom: Any, tmp_path: Path, signal: str, reason: str) -> None:
    folder = write(tmp_path / "r", f"r 1 250 8\n{signal} 200 16 0 0 0 0 x\n")
    (head,) = (one for one in headers(dicom, folder) if one.source.path.suffix == ".hea")
    mine = [one for one in headers(dicom, folder) if one.group == head.group]
    reading = WfdbReader().read(mine, [])
    assert reading.drafts == []
    assert {one.status for one in reading.statuses} == {"refused"}
    assert reason in str(reading.statuses[0].reason)


@pytest.mark.parametrize(
    ("header", "status", "reason"),
    [
        ("r 1 250 99999999999\nr.dat 16 200 16 0 0 0 0 x\n", "refused", "end early"),
        ("r/2 1 250 8\nr1 4\nr2 4\n", "skipped", "several segments"),
        ("r 0 250 8\n", "skipped", "no signals"),
        ("r 1 250 8\nr.dat 516 200 16 0 0 0 0 x\n", "skipped", "FLAC"),
    ],
)
def test_other_records(dicom: Any, tmp_path: Path, header: str, status: str, reason: str) -> None:
    folder = write(tmp_path / "r", header)
    found = headers(dicom, folder)
    reading = WfdbReader().read(found, [])
    assert {one.status for one in reading.statuses} == {status}
    assert reason in str(reading.statuses[0].reason)


def test_more_signals_than_lines_is_said(dicom: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "r", "r 4000 250 8\nr.dat 16\n")
    with pytest.raises(FileRefusedError, match="4000 signals and describes 1"):
        WfdbReader().peek(dicom.source(folder / "r.hea"))


def test_samples_without_a_value_are_nan_and_rates_of_their_own(dicom: Any, tmp_path: Path) -> None:
    """Made by hand (synthetic): one signal at 250 Hz, one at 500 Hz, one invalid sample."""
    frames = np.array([[1, 10, 11], [-32768, 20, 21], [3, 30, 31]], "<i2")
    header = "r 2 250 3\nr.dat 16 100(5)/uV 16 0 0 0 0 a b\nr.dat 16x2 200/mV 16 0 0 0 0 a b\n"
    folder = write(tmp_path / "r", header, frames.tobytes())
    slow, fast = read(dicom, folder).drafts
    assert isinstance(slow, WaveformDraft)
    assert isinstance(fast, WaveformDraft)
    assert (slow.sampling_hz, fast.sampling_hz) == (250, 500)
    assert slow.channels == ["a b"]
    assert fast.channels == ["a b 2"]
    values = slow.load() * slow.slope[:, None] + slow.intercept[:, None]
    np.testing.assert_allclose(values[0], [-0.04, np.nan, -0.02], rtol=1e-6)
    assert slow.problems == ["1 samples are marked as invalid: they have no value"]
    values = fast.load() * fast.slope[:, None] + fast.intercept[:, None]
    assert values[0].tolist() == [0.05, 0.055, 0.1, 0.105, 0.15, 0.155]
    assert fast.meta["part_of"] == slow.item


def test_files_without_a_header_are_nobodys(dicom: Any, tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(b"\0" * 64)
    (tmp_path / "notes.hea").write_text("Dear colleague,\nthis is no record.\n")
    for name in ("x.dat", "notes.hea"):
        assert WfdbReader().peek(dicom.source(tmp_path / name)) is None
