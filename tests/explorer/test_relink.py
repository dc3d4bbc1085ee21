"""Sources that were moved: found by place or by name, taken by sha256 alone."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.errors import NotFoundError, UntrustedError
from explorer.ingest import ingest
from explorer.relink import relink
from explorer.verify import verify


@pytest.fixture
def moved(ct_slices: Callable[..., Path], tmp_path: Path) -> Callable[..., Any]:
    """A store of two patients whose folder was moved."""

    def make() -> tuple[explorer.Store, Path, Path]:
        old, new = tmp_path / "old", tmp_path / "disk two" / "new"
        ct_slices(old / "a", "SYN-1")
        ct_slices(old / "b", "SYN-2", value=1100)
        (old / "notes.doc").write_bytes(b"of nobody")
        ingest(old, tmp_path / "s.onco")
        new.parent.mkdir()
        shutil.move(old, new)
        return explorer.open(tmp_path / "s.onco"), old, new

    return make


def test_everything_is_found_at_its_relative_path(moved: Callable[..., Any]) -> None:
    store, old, new = moved()
    issuer = store["SYN-1"].attributes["issuer"]
    assert not verify(store).ok
    done = relink(store, old, new)
    assert (done.patients, done.files, done.items, done.left) == (2, 7, 2, [])
    assert done.roots == [str(new)]
    assert verify(store).ok
    fresh = explorer.open(store.path)
    assert fresh["SYN-2"].images["CT"].data.values[:, 0, 0].tolist() == [76, 77, 78]
    assert {Path(uri).parent.parent for uri in fresh["SYN-1"].files["uri"]} == {new}
    assert set(store.files()["root"]) == {str(new)}
    frames = fresh["SYN-1"].images["CT"].frame_files
    assert frames is not None
    assert all(Path(path).is_file() for path, _, _ in frames.files)
    # the storage engine's own way as well
    np.testing.assert_array_equal(fresh["SYN-1"].images["CT"].stored[:, 0, 0], [1024, 1025, 1026])
    # the folder still gives out the same identifiers: nothing is new, nobody is there twice
    assert not ingest(new, store).changed
    assert len(store) == 2
    assert store["SYN-1"].attributes["issuer"] == issuer
    with pytest.raises(NotFoundError, match="no files from below"):
        relink(store, old, new)


def test_what_is_missing_or_another_file_is_listed_and_left(moved: Callable[..., Any]) -> None:
    store, old, new = moved()
    (new / "a" / "0.dcm").unlink()
    wrong = new / "b" / "1.dcm"
    wrong.write_bytes(wrong.read_bytes()[:-2] + b"\xff\xff")
    done = relink(store, old, new)
    reasons = {Path(one["file"]).parent.name: one["reason"] for one in done.left}
    assert "not found" in reasons["a"]
    assert "another file" in reasons["b"]
    assert done.files == 5
    files = store["SYN-1"].files
    assert sorted(Path(uri).is_file() for uri in files["uri"]) == [False, True, True]
    assert {fault["file"] for fault in verify(store).faults} == {
        str(old / "a" / "0.dcm"), str(old / "b" / "1.dcm"),
    }  # fmt: skip
    # it is brought back later: the command goes on
    shutil.copy(new / "a" / "1.dcm", new / "a" / "0.dcm")
    assert len(relink(store, old, new).left) == 2


def test_files_that_were_sorted_anew_are_found_by_name_and_size(moved: Callable[..., Any]) -> None:
    store, old, new = moved()
    (new / "x" / "y").mkdir(parents=True)
    for place in ("a", "b"):
        for file in (new / place).iterdir():
            file.rename(new / "x" / "y" / file.name) if place == "a" else None
    assert len(relink(store, old, new).left) == 3
    done = relink(store, old, new, search=True)
    assert (done.patients, done.items, done.left) == (1, 1, [])
    assert verify(store).ok


def test_no_link_leads_out_of_the_new_folder(moved: Callable[..., Any], tmp_path: Path) -> None:
    store, old, new = moved()
    shutil.move(new / "a", tmp_path / "elsewhere")
    (new / "a").symlink_to(tmp_path / "elsewhere")
    left = relink(store, old, new).left
    assert {one["patient"] for one in left} == {"SYN-1"}


def test_members_of_an_archive_that_was_moved(
    ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "in")
    (tmp_path / "old").mkdir()
    with zipfile.ZipFile(tmp_path / "old" / "a.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    ingest(tmp_path / "old", tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    shutil.move(tmp_path / "old", tmp_path / "new")
    done = relink(store, tmp_path / "old", tmp_path / "new")
    assert (done.files, done.left) == (3, [])
    assert all(str(tmp_path / "new") in uri for uri in store["SYN-1"].files["uri"])
    assert not ingest(tmp_path / "new", store).changed


def test_older_versions_go_on_pointing_to_the_old_place(moved: Callable[..., Any]) -> None:
    store, old, new = moved()
    relink(store, old, new)
    shutil.copytree(new, old, copy_function=shutil.copy2)
    past = store["SYN-1"].at(1)
    assert str(old) in past.files["uri"][0]
    assert past.images["CT"].data.values[:, 0, 0].tolist() == [0, 1, 2]


def test_naming_the_new_folder_trusts_it_and_nothing_else(
    moved: Callable[..., Any], tmp_path: Path
) -> None:
    store, old, new = moved()
    given = Path(shutil.copytree(store.path, tmp_path / "given.onco"))
    run = CliRunner()
    done = run.invoke(app, ["relink", str(given), str(old), str(new), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["items"] == 2
    stranger = explorer.open(given)
    assert stranger["SYN-1"].images["CT"].data.values[:, 0, 0].tolist() == [0, 1, 2]
    assert stranger.untrusted_roots() == [str(old)]
    with pytest.raises(UntrustedError):
        stranger["SYN-1"].at(1).images["CT"].data.load()
