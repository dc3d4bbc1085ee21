"""No canary of PS3.15 table E.1-1 leaves its file: not to the store, nor to what is said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
import zarr
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

import explorer
from explorer.deidentify import deidentify
from explorer.ingest import ingest
from explorer.layout import ALL_TABLES
from explorer.store import Store

# Nothing of a canary is a word, a date or a number that anything else would hold.
_MARK = "QZXCANARY"
_NUMBERS = {"DS": "7731.337", "IS": "773133", "FD": 7731.337, "FL": 7731.5, "US": 57731,
            "SS": 27731, "UL": 3377313377, "SL": 1337731337}  # fmt: skip
_DATE, _TIME, _UID = "18770713", "071377.131313", "1.2.77313.37713.77"


# Random keys are hexadecimal: a few digits within one are no canary. Random names of chunks are
# capitals and digits, among them Q, Z and X: three in a row come up once in some hundred stores.
_WANTED = (
    r"QZXCAN|18770713|1877-07-13|07:13:51|071351\.1313|7731\.3|1\.2\.77313|"
    r"(?<![0-9a-f])(?:773133|57731|27731|3377313377|1337731337)(?![0-9a-f])"
)


def canary(tag: int, vr: str, number: int) -> object:
    text = f"{_MARK}{number:04d}"
    if vr in ("LO", "SH", "ST", "LT", "UT", "UC", "CS", "AE"):
        return text[:16]
    by_vr = {
        "PN": f"{text}^{_MARK}", "UR": f"http://{_MARK}{number}.example", "DA": _DATE,
        "TM": "071351.131313", "DT": f"{_DATE}071351.131313", "UI": f"{_UID}.{number}",
        "AS": "077Y", **_NUMBERS,
        **dict.fromkeys(("OB", "OW", "UN"), text.encode() + b" " * (len(text) % 2)),
    }  # fmt: skip
    return by_vr[vr]


def rows(shared_data: Path) -> list[tuple[int, str]]:
    """Tags of the table that a file can hold, with their VR."""
    found = []
    for row in json.loads((shared_data / "deid" / "ps315_table_e1-1.json").read_text()):
        said = row["tag"].strip("()").replace(",", "").upper()
        if "WHERE" in said:
            continue  # private attributes: placed by their own
        tag = int(said.replace("X", "0"), 16)
        repeated = {0x50000000: "OW", 0x60003000: "OW", 0x60004000: "LT"}.get(tag)
        found.append((tag, repeated or dictionary_VR(tag).split(" or ")[0]))
    return found


def fill(dataset: Dataset, tags: list[tuple[int, str]], placed: set[int]) -> Dataset:
    for number, (tag, vr) in enumerate(tags):
        if tag >> 16 in (0x0000, 0x0002, 0xFFFA, 0xFFFC) or tag in (0x00080016, 0x04000561):
            continue
        if vr == "SQ":
            item = Dataset()
            item.add_new(0x00081050, "PN", f"{_MARK}{number}^{_MARK}")
            item.add_new(0x00080080, "LO", f"{_MARK}{number}")
            dataset.add_new(tag, "SQ", [item])
        else:
            dataset.add_new(tag, vr, canary(tag, vr, number))
        placed.add(tag)
    dataset.add_new(0x00090010, "LO", f"{_MARK} PRIVATE")
    dataset.add_new(0x00091001, "LO", f"{_MARK}P")
    return dataset


def image(template: Path, number: int) -> Dataset:
    dataset = pydicom.dcmread(template)
    dataset.SOPInstanceUID = generate_uid()
    dataset.ImagePositionPatient = [0, 0, 3 * number]
    return dataset


def in_every_byte(store: Path, pattern: str = _WANTED) -> list[str]:
    """Files of the store that hold a canary, in their names or their bytes."""
    wanted = re.compile(pattern.encode())
    return [
        str(path.relative_to(store))
        for path in store.rglob("*")
        if wanted.search(str(path.relative_to(store)).encode())
        or (path.is_file() and wanted.search(path.read_bytes()))
    ]


def in_every_value(store: Store) -> list[str]:
    """Tables, attributes and arrays that hold one once they are decoded."""
    wanted = re.compile(_WANTED)
    found = []
    for table in ALL_TABLES:
        text = repr(store.records.read(table).to_pylist())
        found += [f"{table}: {hit}" for hit in wanted.findall(text)]
    for label in store:
        root = store[label].arrays()
        for name, node in [("", root), *root.members(max_depth=None)]:
            found += [f"{name}: {hit}" for hit in wanted.findall(repr(dict(node.attrs)))]
            if isinstance(node, zarr.Array) and node.dtype.kind in "UO":
                found += [f"{name}: {hit}" for hit in wanted.findall(repr(np.asarray(node[...])))]
    return found


@pytest.fixture(scope="module")
def filled(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[int]]:
    """A folder of two good slices, a radiograph, and malformed files, all full of canaries."""
    folder = tmp_path_factory.mktemp("source") / f"{_MARK}_FOLDER"
    folder.mkdir()
    template = sorted((shared_data / "sts_ct_pet_mr_rtstruct/STS_002/CT/image").glob("*.dcm"))[0]
    tags = rows(shared_data)
    placed: set[int] = set()
    series, study = f"{_UID}.1", f"{_UID}.2"
    for number in range(3):
        dataset = image(template, number)
        fill(dataset, tags, placed)
        # three deep, in sequences that stay: references, and those that are nobody's
        deep = fill(Dataset(), tags, set())
        for _ in range(2):
            around = Dataset()
            around.SourceImageSequence = Sequence([deep])
            deep = around
        dataset.ReferencedImageSequence = Sequence([deep])
        shared = Dataset()
        shared.DerivationImageSequence = Sequence([fill(Dataset(), tags, set())])
        dataset.SharedFunctionalGroupsSequence = Sequence([shared])
        dataset.SOPInstanceUID = f"{_UID}.3.{number}"
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = series, study
        dataset.PatientID = f"{_MARK}ID"
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        meta.SourceApplicationEntityTitle = _MARK
        dataset.file_meta, dataset.preamble = meta, (_MARK * 20).encode()[:128]
        place = folder / f"{_MARK}{number}.dcm"
        dataset.save_as(place, enforce_file_format=True, implicit_vr=False, little_endian=True)
    data = (folder / f"{_MARK}0.dcm").read_bytes()
    for name, broken in {
        "short": data[: len(data) // 3],
        "shorter": data[:900],
        "cut": data[:-5000],
        "twisted": data[:400] + bytes(reversed(data[400:2000])) + data[2000:],
        "text": _MARK.encode() * 400,
        "no-syntax": data.replace(b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.9.9"),
        "modality": data.replace(b"CS\x02\0CT", b"CS\x02\0QZ"),
        "rows": data.replace(b"\x28\0\x10\0US\x02\0", b"\x28\0\x10\0US\xff\xff"),
    }.items():
        (folder / f"{_MARK}-{name}.dcm").write_bytes(broken)
    (folder / f"{_MARK}.bin").write_bytes(_MARK.encode())
    return folder, placed


def test_no_canary_is_left(filled: tuple[Path, set[int]], tmp_path: Path) -> None:
    folder, placed = filled
    assert len(placed) > 600
    store = tmp_path / "store"
    command = [sys.executable, "-m", "explorer.cli", "ingest", str(folder), "--store", str(store)]
    said = []
    for extra in (["--deidentify", "--json"], ["--deidentify"], ["--deidentify", "--workers", "2"]):
        run = subprocess.run([*command, *extra], capture_output=True, encoding="utf-8", timeout=800)
        assert run.returncode in (0, 1), run.stderr
        said.append(run.stdout + run.stderr)
    # the year stands within a random key now and then
    assert not [text for text in said if re.search("QZX|(?<![0-9a-f])1877(?![0-9a-f])", text)]
    assert not [text for text in said if re.search("18770713", text)]
    opened = explorer.open(store)
    (label,) = opened
    assert opened[label].images
    assert in_every_byte(store) == []
    assert in_every_value(opened) == []
    document = json.loads(said[0].splitlines()[-1])
    assert {row["status"] for row in document["files"]} >= {"ingested", "refused"}


def test_a_plain_ingest_would_be_caught(filled: tuple[Path, set[int]], tmp_path: Path) -> None:
    # the search above finds what it looks for
    folder, _ = filled
    store = tmp_path / "store"
    ingest(folder, store, copy=True)
    assert in_every_byte(store)
    assert in_every_value(explorer.open(store))


def test_the_copy_itself_holds_none(filled: tuple[Path, set[int]], tmp_path: Path) -> None:
    """Stronger: what the readers see, before the store takes its part of it."""
    from explorer.deidentify import Deidentification
    from explorer.privacy.secret import Secret

    folder, placed = filled
    how = Deidentification(Secret(b"k" * 32), tmp_path, tmp_path)
    copy = deidentify(folder / f"{_MARK}0.dcm", tmp_path / "copy.dcm", how, {}).path
    data = copy.read_bytes()
    assert b"QZX" not in data
    assert b"18770713" not in data
    assert _UID.encode() not in data
    left = pydicom.dcmread(copy)
    kept = {int(e.tag) for e in left if int(e.tag) in placed}
    # by the options that are taken: patient characteristics, times of day, and emptied ones
    numbers = [
        element.keyword
        for element in left.iterall()
        if element.VR in _NUMBERS and str(element.value) == str(_NUMBERS[element.VR])
    ]
    assert numbers == [], (numbers, len(kept))


def test_files_of_a_fuzzing_corpus_stop_nothing_and_tell_nothing(
    shared_data: Path, tmp_path: Path
) -> None:
    """355 malformed files: one status each, no file's own name or text in what is said."""
    folder = shared_data / "malformed_dicom"
    result = ingest(folder, tmp_path / "store", deidentify=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(result.files) == len(files)
    assert len({row["path"] for row in result.files}) == len(files)
    for row in result.files:
        if str(row["reason"]).startswith("It cannot be de-identified"):
            assert re.fullmatch(r"It cannot be de-identified[\w :,()']*\.?", row["reason"])
    assert not any((tmp_path / "store" / "scratch").iterdir())


def test_no_canary_is_in_a_deidentified_export(
    filled: tuple[Path, set[int]], tmp_path: Path
) -> None:
    from explorer.exports.exporter import formats

    folder, placed = filled
    store = tmp_path / "store"
    ingest(folder, store, copy=True)
    cohort = explorer.open(store).cohort()
    (patient,) = cohort
    image = next(iter(patient.images.values()))
    assert len(placed) > 600
    for name in sorted(set(formats()) - {"nnunet", "monai"}):  # which need masks
        done = cohort.export(tmp_path / name, name, deidentify=True)
        # times of day stay, by the option of modified dates
        assert in_every_byte(done.folder, _WANTED.replace(r"071351\.1313|", "")) == [], name
    slices = list((tmp_path / "dicom").rglob("*.dcm"))
    assert len(slices) == len(image.sources()) > 1
