"""A store may show only what this user has trusted it to read; its own word does not count."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.errors import SourceChangedError, StoreError, UntrustedError
from explorer.info import info
from explorer.ingest import ingest
from explorer.trust import Trust, config_folder, folder_named, is_below, readable
from explorer.verify import verify

VALUES = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONCOGRAPH_CONFIG", str(tmp_path / "config"))
    return config_folder()


def test_who_ingests_a_folder_trusts_it(ct_slices: Callable[..., Path], tmp_path: Path) -> None:
    folder = ct_slices(tmp_path / "in")
    ingest(folder, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    assert store.readable_roots() == [str(folder)]
    assert store.untrusted_roots() == []
    assert store["SYN-1"].images["CT"].data.values[:, 0, 0].tolist() == [0, 1, 2]
    assert verify(store).ok


def test_what_is_trusted_is_kept_outside_of_the_store_for_its_owner_alone(
    store: explorer.Store, drafts: Any, config: Path
) -> None:
    place = config / "trusted.json"
    assert json.loads(place.read_text()) == [
        {"store": store.id, "place": str(store.path), "root": str(drafts.folder)}
    ]
    assert not place.is_relative_to(store.path)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["copied", "moved"])
def test_a_store_from_somebody_else_reads_nothing(
    kind: str, store: explorer.Store, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    """It carries the id of a trusted store, and names the same folder: that makes no trust."""
    put("Anna", drafts.image(VALUES))
    given = tmp_path / "given.onco"
    (shutil.copytree if kind == "copied" else shutil.move)(store.path, given)
    stranger = explorer.open(given)
    assert stranger.id == store.id
    assert stranger.untrusted_roots() == [str(drafts.folder)]
    image = stranger["Anna"].images["CT"]
    for read in (lambda: image.data.values, lambda: image.read((0, 0, 0))):
        with pytest.raises(UntrustedError, match=r"not trusted.*--trust-root.*trust_roots="):
            read()
    # past the message, the storage engine refuses too
    with pytest.raises(Exception, match="virtual chunk"):
        image.stored[...]
    found = verify(stranger)
    assert [fault["do"] for fault in found.faults] == ["--trust-root, if you know it"]
    assert info(stranger)["untrusted_roots"] == [str(drafts.folder)]

    trusting = explorer.open(given, trust_roots=[drafts.folder])
    np.testing.assert_array_equal(trusting["Anna"].images["CT"].data, VALUES)
    assert verify(trusting).ok
    assert explorer.open(given).untrusted_roots() == [str(drafts.folder)]  # that handle alone
    trusting.trust.add([str(drafts.folder)])
    assert explorer.open(given).untrusted_roots() == []


def test_a_store_cannot_widen_what_it_was_trusted_with(
    store: explorer.Store, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    """The table of roots comes back with a root more, and a reference below it."""
    secret = tmp_path / "secret"
    store.add_root(str(secret), "local")
    put("Anna", drafts.image(VALUES))
    with explorer.open(store.path, trust_roots=[secret]).transaction("x") as t:
        key = t.patient("Berta")
        stolen = drafts.image(VALUES, folder=secret)
        t.put(key, stolen)
        t.put_files(key, [drafts.file_row(stolen, "referenced")])
    assert store.untrusted_roots() == [str(secret)]
    np.testing.assert_array_equal(store["Anna"].images["CT"].data, VALUES)
    with pytest.raises(UntrustedError, match="secret"):
        store["Berta"].images["CT"].data.load()
    # without rows that name the file there is no better message, and no pixels either
    with store.transaction("hide") as t:
        t.forget_files(key, [stolen.sources[0].uri])
    with pytest.raises(SourceChangedError):
        store["Berta"].images["CT"].data.load()


def test_trust_reaches_down_and_not_up(tmp_path: Path) -> None:
    assert readable(["/d/a"], ["/d"]) == ["/d/a"]
    assert readable(["/d"], ["/d/a", "/e"]) == ["/d/a"]
    assert readable(["/d/ab"], ["/d/a"]) == []
    assert readable([], ["/"]) == []
    assert readable(["/d", "/d/a"], ["/"]) == ["/d"]
    assert is_below("/d/a/x", ["/d/a"])
    assert not is_below("/d/a/../b", ["/d/a"])
    assert not is_below("d/a/x", ["d/a"])


def test_a_list_that_others_could_have_written_is_not_believed(config: Path) -> None:
    trust = Trust("id", "/s")
    trust.add(["/d"])
    assert trust.folders() == ["/d"]
    place = config / "trusted.json"
    place.chmod(0o666)
    with pytest.raises(StoreError, match="Others could have written"):
        trust.folders()
    place.chmod(0o600)
    place.write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        trust.folders()


def test_trust_can_be_taken_back_and_adding_twice_is_once(config: Path) -> None:
    trust, other = Trust("id", "/s"), Trust("id", "/t")
    trust.add(["/d", "/e"])
    trust.add(["/d"])
    other.add(["/d"])
    assert len(json.loads((config / "trusted.json").read_text())) == 3
    trust.remove(["/d"])
    assert (trust.folders(), other.folders()) == (["/e"], ["/d"])


def test_a_place_that_cannot_be_written_is_told(config: Path) -> None:
    config.write_text("a file is in the way")
    with pytest.raises(StoreError, match="ONCOGRAPH_CONFIG"):
        Trust("id", "/s").add(["/d"])


def test_a_prefix_on_s3_is_a_folder_and_no_beginning_of_a_name() -> None:
    assert is_below("s3://b/p/x", ["s3://b/p"])
    assert is_below("s3://b/p/x", ["s3://b"])
    for other in (
        "s3://b/p2/x",
        "s3://b/p/../x",
        "s3://b/p//x",
        "s3://bb/p/x",
        "/b/p/x",
        "s3:/b/p/x",
    ):
        assert not is_below(other, ["s3://b/p"])
    assert not is_below("s3://b/p/x", ["/b/p", "s3:/b/p", "/"])
    assert readable(["s3://b"], ["s3://b/p", "/b"]) == ["s3://b/p"]
    assert folder_named("s3://b/p/") == "s3://b/p" == folder_named(Path("s3://b/p"))
