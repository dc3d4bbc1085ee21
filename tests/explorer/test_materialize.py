"""A store that stands alone: values as they were, sources checked first."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.compact import compact
from explorer.ingest import ingest
from explorer.materialize import materialize
from explorer.verify import verify

RNG = np.random.default_rng(1)
SHAPES = [(70, 5, 6), (2, 3, 4, 5), (7, 9)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["<i2", ">u2", "<f4"])
def test_values_stay_and_sources_are_needed_no_more(
    shape: tuple[int, ...], kind: str, store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    stored = RNG.integers(0, 4000, shape).astype(kind)
    put("Anna", drafts.image(stored, slope=2.0, intercept=-1.0))
    before = store["Anna"].images["CT"].data.values
    done = materialize(store)
    assert (done.patients, done.items, done.bytes, done.left) == (1, 1, stored.nbytes, [])
    shutil.rmtree(drafts.folder)
    anna = explorer.open(store.path)["Anna"]
    image = anna.images["CT"]
    np.testing.assert_array_equal(image.data.values, before)
    assert image.data.values.dtype == before.dtype
    assert (image.storage, anna.files["status"].tolist()) == ("copied", ["ingested"])
    assert "frames" not in image.group
    assert anna.history()["message"].tolist() == ["materialize", "synthetic data"]
    assert verify(store).ok
    assert materialize(store).items == 0
    assert store["Anna"].version == 2


def test_a_changed_source_is_refused_and_the_rest_goes_on(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    first, second = drafts.image(item="ct-1"), drafts.image(item="ct-2", file="other.raw")
    put("Anna", first, second)
    put("Berta", drafts.image(item="ct-3", file="third.raw"))
    path = drafts.folder / "slices.raw"
    path.write_bytes(path.read_bytes()[::-1])
    done = materialize(store)
    assert [(one["patient"], one["item"]) for one in done.left] == [("Anna", "ct-1")]
    assert "was changed since it was ingested" in done.left[0]["reason"]
    assert (done.patients, done.items) == (2, 2)
    storage = {item: image.storage for item, image in store["Anna"].images.items()}
    assert storage == {"ct-1": "referenced", "ct-2": "copied"}
    (drafts.folder / "third.raw").unlink()
    assert verify(store, "Berta").ok


def test_many_changed_sources_of_one_patient_keep_no_other_image_out(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    names = [f"ct-{number}" for number in range(8)]
    put("Anna", *(drafts.image(item=name, file=f"{name}.raw") for name in names))
    for name in names[:7]:
        path = drafts.folder / f"{name}.raw"
        path.write_bytes(path.read_bytes()[::-1])
    done = materialize(store)
    assert [one["item"] for one in done.left] == names[:7]
    assert (done.patients, done.items) == (1, 1)
    assert store["Anna"].images["ct-7"].storage == "copied"


def test_a_touched_source_of_the_same_bytes_is_taken(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put("Anna", drafts.image())
    path = drafts.folder / "slices.raw"
    os.utime(path, (2e9, 2e9))
    assert not verify(store).ok
    assert materialize(store).left == []
    assert verify(store).ok
    assert store["Anna"].images["CT"].data.values.ravel().tolist() == list(range(24))


def test_a_stranger_is_not_read(
    store: explorer.Store, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    put("Anna", drafts.image())
    given = Path(shutil.copytree(store.path, tmp_path / "given.onco"))
    run = CliRunner()
    refused = run.invoke(app, ["materialize", str(given), "--json"])
    assert refused.exit_code == 1
    assert "not trusted" in json.loads(refused.stdout)["left"][0]["reason"]
    trusted = run.invoke(app, ["materialize", str(given), "--trust-root", str(drafts.folder)])
    assert trusted.exit_code == 0
    assert verify(explorer.open(given)).ok


def test_frames_that_name_a_file_without_a_hash_are_not_copied(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    other = drafts.source("other.raw", bytes(64))
    key = put("Anna", drafts.image()).key
    with store.transaction("tamper") as t:
        frames = zarr.open_group(t.session(key).store, mode="a")["images/ct-00000001/frames"]
        frames.attrs["files"] = [[other.uri, other.size, other.mtime_ns]]  # type: ignore[index]
    assert "no hash" in materialize(store).left[0]["reason"]
    assert store["Anna"].images["CT"].storage == "referenced"


def test_after_it_the_same_folder_is_unchanged(
    ct_slices: Callable[..., Path], tmp_path: Path
) -> None:
    folder = ct_slices(tmp_path / "in")
    ingest(folder, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    materialize(store, ["SYN-1"])
    assert not ingest(folder, store).changed
    assert store["SYN-1"].at(1).images["CT"].storage == "referenced"
    compact(store, grace_s=0)
    assert verify(store).ok
