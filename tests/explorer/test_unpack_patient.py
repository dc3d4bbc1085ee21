"""A patient in a file: handed over, taken in, the same again; and files that are no such thing."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.draft import PatientHint
from explorer.erase import erase
from explorer.errors import ErasedError, FileRefusedError, SourceChangedError, StoreError
from explorer.ingest import ingest
from explorer.pack import pack
from explorer.pack_format import as_bytes, issuer_of
from explorer.records_draft import RecordsDraft
from explorer.sample import sample_zips
from explorer.unpack_patient import unpack_patient
from explorer.verify import verify


def _voxels(patient: explorer.Patient) -> dict[str, Any]:
    found = {item: image.data.values for item, image in patient.images.items()}
    for item, seg in patient.segmentations.items():
        found |= {f"{item} {name}": seg.mask(name).values for name in seg.labels}
    return found


def _rows(patient: explorer.Patient, table: str) -> list[str]:
    own = ("patient", "commit", "issuer", "uri", "root", "source", "storage", "status")
    rows = [{k: v for k, v in row.items() if k not in own} for row in patient.rows(table)]
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def _same(one: explorer.Patient, other: explorer.Patient) -> None:
    mine, theirs = _voxels(one), _voxels(other)
    assert list(mine) == list(theirs)
    for name, values in mine.items():
        np.testing.assert_array_equal(theirs[name], values, err_msg=name)
        assert theirs[name].dtype == values.dtype
    for table in ("attributes", "items", "segments", "files", "facts", "texts", "events",
                  "observations", "vectors"):  # fmt: skip
        assert _rows(other, table) == _rows(one, table), table
    for item, image in one.images.items():
        mine_at, theirs_at = str(image.address), str(other.images[item].address)
        assert mine_at.partition("@")[0].replace(one.key, other.key) == theirs_at.partition("@")[0]
        assert image.units == other.images[item].units


@pytest.mark.slow
@pytest.mark.parametrize("archive", sample_zips(), ids=lambda path: path.stem)
def test_bundled_patients_travel_voxel_for_voxel(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "in")
    ingest(tmp_path / "in", tmp_path / "a.onco")
    sender = explorer.open(tmp_path / "a.onco")
    (label,) = sender
    pack(sender, label, tmp_path / "one.onco.zip", licence="CC BY 4.0", notes="of the samples")
    receiver = explorer.open(tmp_path / "b.onco", create=True)
    done = unpack_patient(tmp_path / "one.onco.zip", receiver)
    assert (done.patient, done.versions, done.licence) == (label, 1, "CC BY 4.0")
    assert done.key != sender[label].key
    _same(sender[label], receiver[label])
    shutil.rmtree(tmp_path / "in")
    assert verify(receiver).ok
    assert {image.storage for image in receiver[label].images.values()} <= {"copied"}


@pytest.fixture
def rich(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> explorer.Patient:
    """Two versions: by reference, with rows of every kind."""
    put("Anna", drafts.image(slope=np.array([1.0, 2.0])), drafts.segmentation())
    source = drafts.source("sub/clinical.csv", b"a,b")
    draft = RecordsDraft(
        item="rec-1", name="clinical.csv", sources=[source], patient=PatientHint("Anna"),
        facts=[{"name": "stage", "value": "II\u2028x", "row": 1}],
        texts=[{"item": "r-1", "text": "no <lesion>\n", "date": "2019-01-02"}],
        events=[{"kind": "surgery", "name": "resection", "days": 3, "day_from": "diagnosis"}],
        observations=[{"name": "diameter", "number": 12.5, "unit": "mm"}],
        vectors=[{"name": "expression", "features": "f-1", "values": [0.1, float("nan")]}],
        features={"f-1": ("genes", ["TP53", "EGFR"])},
    )  # fmt: skip
    with store.transaction("the table") as t:
        key = t.patient("Anna")
        t.put_records(key, draft)
        plane = drafts.image(np.arange(12, dtype=np.uint8).reshape(3, 4), "cr-2", file="p.raw")
        t.put(key, plane)
        t.put_files(key, [drafts.file_row(plane, "referenced")])
    return store["Anna"]


def test_a_pack_of_a_pack_is_identical(rich: explorer.Patient, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.onco.zip" for n in (1, 2, 3))
    pack(rich.store, "Anna", first)
    kept = explorer.open(tmp_path / "kept.onco", create=True)
    assert unpack_patient(first, kept, keep_key=True).key == rich.key
    _same(rich, kept["Anna"])
    assert kept.records.features(["f-1"]) == {"f-1": ["TP53", "EGFR"]}
    pack(kept, "Anna", second)
    assert second.read_bytes() == first.read_bytes()
    # under a key of its own: the same, but for the key
    other = explorer.open(tmp_path / "other.onco", create=True)
    key = unpack_patient(second, other).key
    pack(other, "Anna", third)
    with zipfile.ZipFile(first) as a, zipfile.ZipFile(third) as b:
        assert a.namelist() == b.namelist()
        differ = [name for name in a.namelist() if a.read(name) != b.read(name)]
        assert differ == ["manifest.json"]
        assert a.read(differ[0]).replace(rich.key.encode(), key.encode()) == b.read(differ[0])
        assert not any(str(tmp_path).encode() in a.read(name) for name in a.namelist())
    assert [pin["kind"] for pin in other.records.read("pins").to_pylist()] == [
        "unpacked file", "pack",
    ]  # fmt: skip


def test_earlier_versions_travel_where_they_are_asked_for(
    rich: explorer.Patient, tmp_path: Path
) -> None:
    pack(rich.store, "Anna", tmp_path / "h.onco.zip", history=True)
    other = explorer.open(tmp_path / "other.onco", create=True)
    assert unpack_patient(tmp_path / "h.onco.zip", other).versions == 2
    anna = other["Anna"]
    assert anna.history()["message"].tolist() == ["the table", "synthetic data"]
    _same(rich, anna)
    _same(rich.at(1), anna.at(1))
    assert "cr-2" not in anna.at(1).images
    pack(other, "Anna", tmp_path / "h2.onco.zip", history=True)
    with (
        zipfile.ZipFile(tmp_path / "h.onco.zip") as a,
        zipfile.ZipFile(tmp_path / "h2.onco.zip") as b,
    ):
        assert a.namelist() == b.namelist()
        assert [n for n in a.namelist() if a.read(n) != b.read(n)] == ["manifest.json"]


def test_nobody_is_joined_with_an_equal_name(
    rich: explorer.Patient, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    file = tmp_path / "a.onco.zip"
    pack(rich.store, "Anna", file)
    done = unpack_patient(file, rich.store)
    assert len(rich.store) == 2
    assert unpack_patient(file, rich.store).versions == 0  # the same pack is the same patient
    assert len(rich.store) == 2
    assert rich.store[done.key].attributes["issuer"].startswith("pack-")
    with pytest.raises(StoreError, match="has this key"):
        unpack_patient(
            file, explorer.open(_copy_without_aliases(rich.store, tmp_path)), keep_key=True
        )


def _copy_without_aliases(store: explorer.Store, tmp_path: Path) -> Path:
    place = Path(shutil.copytree(store.path, tmp_path / "copy.onco"))
    explorer.open(place).records.dataset("aliases").delete("issuer LIKE 'pack-%'")
    return place


def test_who_was_erased_is_asked_about(rich: explorer.Patient, tmp_path: Path) -> None:
    file = tmp_path / "a.onco.zip"
    pack(rich.store, "Anna", file)
    held = erase(rich.store, "Anna").outside.pins
    assert [(pin["kind"], pin["place"]) for pin in held] == [("pack", str(file))]
    unpack_patient(file, rich.store)
    assert [pin["kind"] for pin in erase(rich.store, "Anna").outside.pins] == ["unpacked file"]
    with pytest.raises(ErasedError, match="--again"):
        unpack_patient(file, rich.store)
    assert unpack_patient(file, rich.store, again=True).versions == 1


def test_a_changed_source_makes_no_pack(
    rich: explorer.Patient, drafts: Any, tmp_path: Path
) -> None:
    (drafts.folder / "slices.raw").write_bytes(b"other")
    with pytest.raises(SourceChangedError, match="was changed"):
        pack(rich.store, "Anna", tmp_path / "a.onco.zip")
    assert not list(tmp_path.glob("*.zip*"))
    assert rich.store.records.read("pins").num_rows == 0


def _damage(file: Path, step: Callable[[dict[str, bytes]], Any]) -> Path:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts = step(parts) or parts
    target = file.with_name("damaged.onco.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target


def _manifest(change: Callable[[dict[str, Any]], Any], *, sign: bool = True) -> Callable[..., None]:
    def step(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        change(manifest)
        if sign and isinstance(manifest.get("versions"), list):
            manifest["issuer"] = issuer_of(manifest["versions"])
        parts["manifest.json"] = as_bytes(manifest)

    return step


def _swap(name: str, data: bytes) -> Callable[..., None]:
    """Other content, with the manifest made to fit."""
    import hashlib

    def step(parts: dict[str, bytes]) -> None:
        parts[name] = data

        def change(manifest: dict[str, Any]) -> None:
            about = manifest["versions"][0]["files"][name]
            about |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}

        _manifest(change)(parts)

    return step


PIXELS = "arrays/images/ct-00000001/pixels/zarr.json"


def _node(**more: Any) -> bytes:
    node: dict[str, Any] = {
        "zarr_format": 3, "node_type": "array", "shape": [2, 3, 4], "data_type": "int16",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3, 4]}},
        "codecs": [{"name": "bytes"}], "fill_value": 0,
        "chunk_key_encoding": {"name": "default"}, "attributes": {},
    }  # fmt: skip
    return json.dumps(node | more).encode()


HUGE = {"name": "regular", "configuration": {"chunk_shape": [2**30, 2**30, 4]}}
DAMAGES: dict[str, Callable[..., Any]] = {
    "a flipped byte": lambda p: p.update(
        {"rows/items.jsonl": p["rows/items.jsonl"][:-3] + b"x}\n"}
    ),
    "a part is missing": lambda p: p.pop("rows/items.jsonl") and None,
    "a part more": lambda p: p.update({"arrays/more": b"x"}),
    "no manifest": lambda p: p.pop("manifest.json") and None,
    "not json": lambda p: p.update({"manifest.json": b"{"}),
    "deep json": lambda p: p.update({"manifest.json": b"[" * 100_000}),
    "a list": lambda p: p.update({"manifest.json": b"[]"}),
    "a newer pack": _manifest(lambda m: m.update(version=2)),
    "a newer store": _manifest(lambda m: m.update(store_format=99)),
    "another issuer": _manifest(lambda m: m.update(issuer="pack-0123456789abcdef"), sign=False),
    "a key that is a path": _manifest(lambda m: m.update(key="../../../etc")),
    "no names": _manifest(lambda m: m.update(identifiers=[])),
    "versions of another kind": _manifest(lambda m: m.update(versions={"a": 1})),
    "a name that leads out": lambda p: p.update({"../../evil": b"x"}),
    "an absolute name": lambda p: p.update({"/etc/evil": b"x"}),
    "a backslash": lambda p: p.update({"arrays\\..\\evil": b"x"}),
    "a codec that unpickles": _swap(PIXELS, _node(codecs=[{"name": "numcodecs.pickle"}])),
    "a chunk that is huge": _swap(PIXELS, _node(chunk_grid=HUGE)),
    "another shape": _swap(PIXELS, _node(shape=[9, 9, 9])),
    "rows with a field more": _swap("rows/items.jsonl", b'{"patient_name":"x"}\n'),
    "rows of another type": _swap("rows/items.jsonl", b'{"item":{"a":1}}\n'),
    "rows that are none": _swap("rows/items.jsonl", b"\xff\xfe\n"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_no_pack_is_refused_and_nothing_is_written(
    name: str, rich: explorer.Patient, tmp_path: Path
) -> None:
    pack(rich.store, "Anna", tmp_path / "a.onco.zip")
    file = _damage(tmp_path / "a.onco.zip", DAMAGES[name])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileRefusedError, match=r"Where: .*damaged"):
        unpack_patient(file, rich.store)
    outside = [path for path in tmp_path.rglob("*") if rich.store.path not in path.parents]
    assert [path for path in outside if path not in before] == []
    assert list(rich.store) == ["Anna"]
    assert rich.store.records.read("pins").num_rows == 1


def test_a_bomb_and_a_link_are_refused(store: explorer.Store, tmp_path: Path) -> None:
    bomb, link = tmp_path / "bomb.zip", tmp_path / "link.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows/items.jsonl", bytes(2**24))
        archive.writestr("manifest.json", bytes(2**24))
    with zipfile.ZipFile(link, "w") as archive:
        entry = zipfile.ZipInfo("rows/items.jsonl")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    for file in (bomb, link, tmp_path / "none.zip"):
        with pytest.raises(FileRefusedError):
            unpack_patient(file, store)
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(FileRefusedError, match="cannot be read"):
        unpack_patient(tmp_path / "text.zip", store)
