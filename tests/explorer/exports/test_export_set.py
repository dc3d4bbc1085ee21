"""An export is whole or not there; what it hands over is named, and nothing leads out of it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.deidentify import secret_of
from explorer.errors import NotFoundError, StoreError
from explorer.exports.export_set import ExportedSet
from explorer.exports.exporter import formats
from explorer.exports.nifti_csv import NiftiCsvExporter
from explorer.held_outside import held_outside
from explorer.store import Store

PICTURES = ("bids", "croissant", "dicom", "dicom-seg", "monai", "nifti-csv", "nnunet", "ro-crate",
            "torchio")  # fmt: skip
FACTS = ("bids", "croissant", "nifti-csv", "parquet", "ro-crate")


def facts(patient: Any) -> list[tuple[Any, ...]]:
    names = ("name", "value", "number", "unit", "state", "date")
    return sorted(
        (tuple(row[n] for n in names) for row in patient.rows("facts")
         if row["name"] not in ("sex", "group")), key=repr)  # fmt: skip


@pytest.mark.parametrize("name", sorted(formats()))
def test_what_is_read_back_is_what_was_exported(
    name: str,
    prostate: Store,
    exported: Callable[[str], ExportedSet],
    again: Callable[[ExportedSet], Store],
    same: Callable[..., None],
) -> None:
    done = exported(name)
    (label,) = prostate
    new = again(done)
    assert len(new) == 1
    (found,) = new
    if "dicom" in name:
        assert found == label
    else:
        assert found == done.patients[0]
        assert prostate[label].key in found
    if name in PICTURES:
        same(prostate[label], new[found])
    if name in FACTS:
        assert facts(new[found]) == facts(prostate[label])
    else:
        assert any(one["item"] == "facts" for one in done.left_out)


@pytest.mark.parametrize("name", sorted(formats()))
def test_every_file_is_listed_with_its_hash_and_is_the_owners_alone(
    name: str, prostate: Store, exported: Callable[[str], ExportedSet]
) -> None:
    cohort, done = prostate.cohort(), exported(name)
    said = json.loads((done.folder / "manifest.json").read_text())
    assert said == done.manifest
    assert (said["cohort"]["sha256"], said["licence"][0]["terms"]) == (cohort.digest, "CC BY 4.0")
    listed = {one["file"]: one for one in said["files"]}
    here = {p.relative_to(done.folder).as_posix() for p in done.folder.rglob("*") if p.is_file()}
    assert here == {*listed, "manifest.json"}
    for file, one in listed.items():
        data = (done.folder / file).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (one["sha256"], one["size"])
        if os.name == "posix":
            assert (done.folder / file).stat().st_mode & 0o777 == 0o600
    images = [one for one in said["files"] if one.get("kind") in ("image", "dicom")]
    assert all(one["sources"][0]["sha256"] for one in images)
    assert not list(done.folder.parent.glob(".out*"))
    whole = b"".join(path.read_bytes() for path in done.folder.rglob("*.csv"))
    assert b",=" not in whole


def test_erase_is_told_where_it_went(prostate: Store, tmp_path: Path) -> None:
    prostate.cohort().export(tmp_path / "there", "parquet")
    pins = held_outside(prostate, list(prostate.cohort().keys)).pins
    assert (str(tmp_path / "there"), "export") in {(one["place"], one["kind"]) for one in pins}
    with pytest.raises(StoreError, match="not empty"):
        prostate.cohort().export(tmp_path / "there", "parquet")


def test_a_killed_export_leaves_nothing_whole_and_goes_on(
    overlapping: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = NiftiCsvExporter.write

    def stop(self: Any, run: Any, subject: Any) -> None:
        if written:
            raise KeyboardInterrupt
        write(self, run, subject)
        written.append(subject.called)

    with monkeypatch.context() as patch:
        patch.setattr(NiftiCsvExporter, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            overlapping.cohort().export(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.rglob("manifest.json"))
    done = overlapping.cohort().export(tmp_path / "out")
    assert done.resumed == 1
    assert len(overlapping.records.read("pins")) == 2
    fresh = overlapping.cohort().export(tmp_path / "fresh")
    assert [one["sha256"] for one in done.files] == [one["sha256"] for one in fresh.files]


def test_other_options_begin_anew(
    overlapping: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(NiftiCsvExporter, "finish", stop)
        with pytest.raises(KeyboardInterrupt):
            overlapping.cohort().export(tmp_path / "out")
    assert overlapping.cohort().export(tmp_path / "out", licence="CC0").resumed == 0


def test_hostile_names_stay_in_the_folder(overlapping: Store, tmp_path: Path) -> None:
    for name in PICTURES:
        how: dict[str, Any] = {"overlap": "order"} if name in ("nnunet", "monai") else {}
        done = overlapping.cohort().export(tmp_path / name, name, names="label", **how)
        assert "Bert/../x" in done.patients or name == "bids"
        for file in (tmp_path / name).rglob("*"):
            assert ".." not in file.relative_to(tmp_path).parts
    here = {one.name for one in tmp_path.iterdir()}
    assert {*PICTURES} <= here <= {*PICTURES, "patients.onco", "sources"}


def test_one_bad_item_does_not_stop_the_rest(
    prostate: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("explorer.exports.nifti_csv.image_values", broken)
    done = prostate.cohort().export(tmp_path / "out")
    assert [one["reason"] for one in done.left_out] == ["ValueError: broken"]
    assert sum(one.get("kind") == "segmentation" for one in done.files) == 4


@pytest.mark.parametrize("name", sorted(formats()))
def test_deidentified_tells_nobody_and_shifts_all_dates_alike(
    name: str, prostate: Store, tmp_path: Path, how: dict[str, dict[str, Any]]
) -> None:
    (label,) = prostate
    done = prostate.cohort().export(tmp_path / "out", name, deidentify=True, **how.get(name, {}))
    secret = secret_of(prostate)
    pseudonym = secret.pseudonym(label)
    assert pseudonym in done.patients[0]
    patient = prostate[label]
    acquired = next(iter(patient.images.values())).acquired
    told = (label, patient.key, "Mustermann", acquired, acquired.replace("-", ""), "2009-03-05",
            prostate.id, *[i.series_uid for i in patient.images.values()])  # fmt: skip
    moved = str(np.datetime64("2009-03-05") + secret.shift(pseudonym))
    for path in done.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not [one for one in told if one.encode() in data], path
        assert not [one for one in told if one in str(path.relative_to(tmp_path))], path
    if name in FACTS and name != "parquet":
        table = next(one for one in done.folder.rglob("facts.?sv"))
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t" if table.suffix == ".tsv" else ","))
        assert {row["name"]: row["date"] for row in rows}["seen"] == moved
    day = str(np.datetime64(acquired) + secret.shift(pseudonym))
    dates = {one.get("acquired") for one in done.files} - {None}
    assert dates <= {day}


def test_what_cannot_be_asked_is_said(prostate: Store, tmp_path: Path) -> None:
    cohort = prostate.cohort()
    with pytest.raises(NotFoundError, match="No format"):
        cohort.export(tmp_path / "a", "minc")
    with pytest.raises(StoreError, match="No option"):
        cohort.export(tmp_path / "a", "bids", colour="red")
    with pytest.raises(StoreError, match="pseudonyms"):
        cohort.export(tmp_path / "a", "bids", names="label", deidentify=True)
    with pytest.raises(StoreError, match="overlap"):
        cohort.export(tmp_path / "a", "nnunet", overlap="guess")
    with pytest.raises(StoreError, match="no part"):
        cohort.export(tmp_path / "a", "bids", split={"train": []})
    assert list(tmp_path.iterdir()) == []


def test_it_is_shown_as_a_table(prostate: Store, tmp_path: Path) -> None:
    done = prostate.cohort().export(tmp_path / "out", "nnunet")
    assert "1 patients as nnunet" in done._repr_html_()
    assert "left out" in done._repr_html_()
    assert repr(done).startswith("<Export of 1 patients as nnunet")
