from __future__ import annotations

import copy
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian

from explorer.errors import FileRefusedError
from explorer.readers.dicom import DicomReader
from explorer.readers.dicom_parse import looks_like_dicom, parse_dicom

# Reads every file below a folder, one JSON line a file. It dies of a file that takes a minute (what
# hangs, hangs for longer; a busy machine is slow) or a gigabyte of addresses. VmHWM: ru_maxrss
# would start with the peak of the parent.
SCRIPT = """
import hashlib, json, resource, signal, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from explorer.draft import Source
from explorer.errors import FileRefusedError
from explorer.readers.dicom import DicomReader
def peak():
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return int(status.split("VmHWM:")[1].split()[0]) >> 10
reader = DicomReader()
for path in sorted(Path(sys.argv[1]).rglob("*.dcm")):
    signal.alarm(60)
    stat = path.stat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(path, str(path), path.name, True, stat.st_size, stat.st_mtime_ns, digest)
    try:
        header = reader.peek(source)
        outcome, reason = "none", None
        if header is not None:
            reading = reader.read([header], [])
            (status,) = reading.statuses
            outcome, reason = status.status, status.reason
            for draft in reading.drafts:
                assert draft.load().shape == draft.shape
    except FileRefusedError as error:
        outcome, reason = "refused", str(error)
    print(json.dumps({
        "path": path.name, "outcome": outcome, "reason": reason, "megabytes": peak(),
    }), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="bounds time and memory by POSIX means")
def test_355_hostile_files(shared_data: Path) -> None:
    """dicom-fuzzing-corpus v2 of pwnlabmx: one outcome each, bounded in time and memory."""
    folder = shared_data / "malformed_dicom" / "fuzz_corpus_v2"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
        # a thread for each of many cores would take the gigabyte for itself
        env=os.environ
        | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == "", "warnings must not reach the screen"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 355
    outcomes = {row["outcome"] for row in rows}
    assert outcomes == {"none", "refused", "referenced", "ingested"}
    assert all(row["reason"] for row in rows if row["outcome"] == "refused")
    assert max(row["megabytes"] for row in rows) < 512
    by_name = {row["path"]: row["outcome"] for row in rows}
    assert by_name["BASELINE_valid_ct.dcm"] == "referenced"


@pytest.mark.parametrize("step", [1, 7])
def test_every_truncation_of_a_file_has_an_outcome(dicom: Any, tmp_path: Path, step: int) -> None:
    whole = Path(str(get_testdata_file("MR_small_RLE.dcm", download=False))).read_bytes()
    path = tmp_path / "cut.dcm"
    end = len(whole) - 150  # padding follows the pixels
    sizes = range(0, end, 97) if step == 1 else range(3, 1500, step)
    for size in sizes:
        path.write_bytes(whole[:size])
        try:
            header = DicomReader().peek(dicom.source(path))
        except FileRefusedError:
            continue
        if header is not None:
            (status,) = DicomReader().read([header], []).statuses
            assert status.status == "refused"


def test_flipped_bytes_have_an_outcome(dicom: Any, tmp_path: Path) -> None:
    whole = Path(str(get_testdata_file("MR_small_jp2klossless.dcm", download=False))).read_bytes()
    path = tmp_path / "flipped.dcm"
    for at in range(128, len(whole), max(1, len(whole) // 150)):
        data = bytearray(whole)
        data[at] ^= 0xFF
        path.write_bytes(data)
        try:
            header = DicomReader().peek(dicom.source(path))
        except FileRefusedError:
            continue
        if header is not None:
            reading = DicomReader().read([header], [])
            assert len(reading.statuses) == 1
            for draft in reading.drafts:
                draft.load()  # type: ignore[call-arg]


def test_a_deflated_bomb(dicom: Any, tmp_path: Path) -> None:
    """A gigabyte of nothing in a megabyte."""
    file = pydicom.dcmread(Path(str(get_testdata_file("CT_small.dcm", download=False))))
    file.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = tmp_path / "bomb.dcm"
    file.save_as(path)
    data = path.read_bytes()
    head = data[: data.index(DeflatedExplicitVRLittleEndian.encode()) + 22]
    meta_end = 144 + int.from_bytes(data[140:144], "little")
    assert len(head) <= meta_end
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = b"".join(stream.compress(bytes(1 << 20)) for _ in range(1000)) + stream.flush()
    path.write_bytes(data[:meta_end] + body)
    with pytest.raises(FileRefusedError, match="128 MiB"):
        DicomReader().peek(dicom.source(path))


def test_claims_of_a_compressed_file(dicom: Any, tmp_path: Path) -> None:
    file = pydicom.dcmread(
        Path(str(get_testdata_file("MR_small_jpeg_ls_lossless.dcm", download=False)))
    )
    path = tmp_path / "claims.dcm"
    for keyword, value, said in (
        ("NumberOfFrames", 99_999_999, "frames are claimed"),
        ("Rows", 60_000, None),
        ("NumberOfFrames", 7, None),
    ):
        changed = copy.deepcopy(file)
        setattr(changed, keyword, value)
        changed.save_as(path)
        if said is not None:
            with pytest.raises(FileRefusedError, match=said):
                DicomReader().peek(dicom.source(path))
            continue
        header = DicomReader().peek(dicom.source(path))
        assert header is not None
        reading = DicomReader().read([header], [])
        assert [one.status for one in reading.statuses] == ["refused"]
        assert reading.drafts == []


def test_a_header_of_a_million_elements(tmp_path: Path) -> None:
    """A few megabytes of tiny private elements within nested sequences take no minutes."""
    head = Path(str(get_testdata_file("MR_small.dcm", download=False))).read_bytes()[:132]
    element = b"\x09\x00\x01\x10LO\x00\x00"
    path = tmp_path / "million.dcm"
    path.write_bytes(head + element * 1_600_000)
    with pytest.raises(FileRefusedError, match="larger than any real one"):
        parse_dicom(path, ["Rows"])


def test_a_sequence_of_a_million_elements(dicom: Any, tmp_path: Path) -> None:
    """pydicom has a sequence as bytes until it is looked into: the count comes first."""
    item = b"\x54\x00\x10\x00LO\x00\x00" * 1_600_000
    head = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(item))
    sequence = b"\x54\x00\x16\x00SQ\x00\x00" + struct.pack("<L", len(item) + 8) + head + item
    start = Path(str(get_testdata_file("MR_small.dcm", download=False))).read_bytes()
    meta_end = 144 + int.from_bytes(start[140:144], "little")
    path = tmp_path / "sequence.dcm"
    path.write_bytes(start[:meta_end] + sequence)
    with pytest.raises(FileRefusedError, match="larger than any real one"):
        DicomReader().peek(dicom.source(path))


def test_what_looks_like_dicom(shared_data: Path) -> None:
    assert looks_like_dicom(bytes(128) + b"DICM" + bytes(8))
    assert not looks_like_dicom(b"")
    assert not looks_like_dicom(b"PK\x03\x04" + bytes(140))
    assert not looks_like_dicom(b"\x5c\x01\x00\x00" + bytes(140))
    assert not looks_like_dicom(b"NRRD0004\n# Complete NRRD file format" + bytes(140))
    assert looks_like_dicom(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100\x08\x00\x08\x00CS")
    for path in (shared_data / "totalsegmentator_ct").glob("*.gz"):
        assert parse_dicom(path, ["Rows"]) is None


def test_a_file_without_its_preamble(sts: Path, dicom: Any, tmp_path: Path) -> None:
    source = next((sts / "STS_002" / "CT" / "image").iterdir())
    data = source.read_bytes()
    start = 144 + int.from_bytes(data[140:144], "little")
    bare, meta = tmp_path / "bare.dcm", tmp_path / "meta.dcm"
    bare.write_bytes(data[start:])  # implicit VR little endian, as ACR-NEMA had it
    meta.write_bytes(data[132:])
    for path in (bare, meta):
        assert dicom.image([path]).shape == (1, 143, 161)
