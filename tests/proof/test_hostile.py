"""Hostile files, hostile names, and files that change under the reader's hands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer.ingest as ingest_module
from explorer.errors import StoreError
from explorer.html import table_html
from explorer.ingest import ingest
from explorer.registry import readers
from explorer.store import Store
from explorer.verify import verify

Start = Callable[..., subprocess.Popen[str]]
MEBIBYTES_A_FILE = 512


def run(start: Start, folder: Path, store: Path, copy: bool) -> dict[str, Any]:
    process = start("hostile_driver.py", sources=[folder], store=store, copy=copy)
    out, err = process.communicate(timeout=800)
    assert process.returncode == 0, err[-4000:]
    document: dict[str, Any] = json.loads(out)
    return document


@pytest.fixture(scope="module")
def fifty(cohort: Callable[..., Path]) -> Path:
    """Fifty valid files of three kinds: 24 CT slices, 24 PET slices, two structure sets."""
    whole = cohort("fifty", ["STS_002"], 0) / "STS_002"
    for folder in (whole / "CT" / "image", whole / "PET" / "image"):
        for file in sorted(folder.iterdir())[24:]:
            file.unlink()
    shutil.rmtree(whole / "MR_T1")
    for other in [file for file in whole.iterdir() if file.is_file()]:
        other.unlink()
    assert sum(path.is_file() for path in whole.rglob("*")) == 50
    return whole


@pytest.mark.slow
@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_malformed_files_among_valid_ones(
    copy: bool, fifty: Path, shared_data: Path, tmp_path: Path, start: Start
) -> None:
    corpus = shared_data / "malformed_dicom" / "fuzz_corpus_v2"
    hostile = sorted(corpus.rglob("*.dcm"))
    assert len(hostile) == 355
    folder = tmp_path / "mixed"
    folder.mkdir()
    good: list[str] = []
    for number, file in enumerate(sorted(p for p in fifty.rglob("*") if p.is_file())):
        target = folder / f"{number * 7:04}-good.dcm"
        shutil.copy(file, target)
        good.append(str(target))
    for number, file in enumerate(hostile):
        shutil.copy(file, folder / f"{number:04}-{file.name}")

    alone = tmp_path / "alone"
    alone.mkdir()
    for path in good:
        shutil.copy(path, alone)
    valid = run(start, alone, tmp_path / "alone.onco", copy)
    mixed = run(start, folder, tmp_path / "mixed.onco", copy)

    counts = Counter(row["path"] for row in mixed["files"])
    assert set(counts) == {str(path) for path in folder.iterdir()}
    assert set(counts.values()) == {1}
    taken = {row["path"]: row for row in mixed["files"]}
    for path in good:
        assert taken[path]["status"] in ("ingested", "referenced"), taken[path]
        assert taken[path]["patient"] == "STS_002"
    for row in mixed["files"]:
        assert row["reason"] or row["status"] in ("ingested", "referenced"), row
    for name in ("self_mib", "children_mib"):
        assert mixed[name] < valid[name] + MEBIBYTES_A_FILE

    store, once = Store(tmp_path / "mixed.onco"), Store(tmp_path / "alone.onco")
    assert len(store.files()) == 405
    assert verify(store).ok
    patient, same = store["STS_002"], once["STS_002"]
    assert set(patient.images) == set(same.images)
    assert set(patient.segmentations) == set(same.segmentations)
    for item in same.images:
        assert patient.images[item].data.equals(same.images[item].data)
    for item, masks in same.segmentations.items():
        for label in masks.labels:
            assert patient.segmentations[item].mask(label).equals(masks.mask(label))
    again = ingest(folder, store, copy=copy, issuer="proof")
    assert not again.changed


NAMES = [
    "plain.dcm", "with space.dcm", "grün_é_漢字_😀.dcm", "quote'd.dcm", 'double"quote.dcm',
    "new\nline.dcm", "tab\tand\rreturn.dcm", "-rf.dcm", "--store=x.dcm", ";rm -rf ~;.dcm",
    "$(touch pwned).dcm", "`touch pwned`.dcm", "'); DROP TABLE patients;--.dcm",
    "<img src=x onerror=alert(1)>.dcm", "[bold red]markup[bold].dcm",
    "%2e%2e%2fup.dcm", "a%20b.dcm",
    "hash#query?.dcm", "=cmd|' !A0.dcm", "{0}{name}.dcm", "back\\slash.dcm", "..dcm", "...",
    "a" * 251 + ".dcm", "\x01\x1b[31mcontrol.dcm", "archive.zip!member.dcm", "cafe\u0301.dcm",
    "caf\u00e9.dcm", "\u202egnp.dcm", "nul", "*",
]  # fmt: skip


@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_hostile_names(copy: bool, cohort: Callable[..., Path], tmp_path: Path) -> None:
    slices = sorted((cohort("names", ["STS_002"], 0) / "STS_002/CT/image").iterdir())
    plain, folder = tmp_path / "plain", tmp_path / "it's; a <b>\nfolder %20 #1"
    plain.mkdir()
    folder.mkdir()
    for slice_, name in zip(slices, NAMES, strict=False):
        shutil.copy(slice_, plain)
        shutil.copy(slice_, folder / name)
    store = Store.create(tmp_path / "store")
    once = Store.create(tmp_path / "once")
    result = ingest(folder, store, copy=copy)
    ingest(plain, once, copy=copy)
    assert {row["path"] for row in result.files} == {str(folder / name) for name in NAMES}
    assert not result.refused
    assert not (Path.cwd() / "pwned").exists()
    (image,), (same,) = store["STS_002"].images.values(), once["STS_002"].images.values()
    assert np.array_equal(image.data.values, same.data.values)
    assert verify(store).ok
    assert len(store.sql("select uri from files")) == len(NAMES)
    assert len(Store(store.path)) == 1
    page = table_html(["path"], [[row["path"]] for row in result.files])
    for shown in (page, result._repr_html_(), store["STS_002"]._repr_html_()):
        assert "<img src=x" not in shown
    assert not ingest(folder, store, copy=copy).changed


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text(cohort: Callable[..., Path], tmp_path: Path) -> None:
    folder = cohort("bytes", ["PCAMPMRI-00001"], 0) / "PCAMPMRI-00001"
    one, other = sorted((folder / "ADC").iterdir())[:2]
    try:
        one.rename(folder / os.fsdecode(b"\xff\xfe.dcm"))
        inside = folder / os.fsdecode(b"\xe9t\xe9")
        inside.mkdir()
        other.rename(inside / "2.dcm")
    except OSError:
        pytest.skip("this file system takes no such names")
    store = Store.create(tmp_path / "store")
    result = ingest(folder, store)
    assert len(result.refused) == 2
    assert all("UTF-8" in row["reason"] for row in result.refused)
    (image,) = store["PCAMPMRI-00001"].images.values()
    assert image.shape[0] == 18
    assert json.dumps(result.document()).isascii()
    with pytest.raises(StoreError, match="UTF-8"):
        ingest(inside, store)
    assert not ingest(folder, store).changed


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def replace(path: Path) -> None:
    """Other pixels, the same size and times: only a hash can tell."""
    about, data = path.stat(), bytearray(path.read_bytes())
    data[-2000:] = bytes(2000)
    path.write_bytes(data)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def rewrite(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-2000:] = bytes(2000)
    path.write_bytes(data)


HANDS: list[Callable[[Path], None]] = [truncate, rewrite, replace, Path.unlink]


@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__)
@pytest.mark.parametrize("moment", ["after the first look", "after the reading"])
def test_files_changed_while_they_are_read(
    copy: bool, hand: Callable[[Path], None], moment: str, cohort: Callable[..., Path],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = cohort("changing", ["STS_002"], 0) / "STS_002"
    victim = sorted((folder / "CT/image").iterdir())[20]
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            hand(victim)

    for reader in readers():
        read = reader.read

        def change(*args: Any, _read: Any = read, **kwargs: Any) -> Any:
            if moment == "after the first look":
                once()
            result = _read(*args, **kwargs)
            once()
            return result

        monkeypatch.setattr(reader, "read", change)
    store = Store.create(tmp_path / "store")
    result = ingest_module.ingest(folder, store, copy=copy)
    assert Counter(Counter(row["path"] for row in result.files).values()) == {1: len(result.files)}
    monkeypatch.undo()

    # either nothing of the changed file is in, or verify tells that the file is another now
    row = next(row for row in result.files if row["path"] == str(victim))
    found = verify(store)
    if row["status"] == "referenced":
        assert {fault["file"] for fault in found.faults} - {None} == {str(victim)}
    else:
        assert found.ok
    # once the file is quiet, the next run has what it says
    if hand is replace:
        victim.touch()  # nothing but a hash can tell otherwise
    if hand is not Path.unlink:
        ingest(folder, store, copy=copy)
        assert verify(store).ok
        once_more = Store.create(tmp_path / "once more")
        ingest(folder, once_more, copy=copy)
        for item, image in once_more["STS_002"].images.items():
            assert store["STS_002"].images[item].data.equals(image.data)
