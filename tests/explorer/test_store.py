from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.errors import NotFoundError, StoreError
from explorer.layout import VERSION


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Files open to all, as on many a cluster."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_an_empty_store(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "new" / "patients.onco", create=True)
    assert len(store) == 0
    assert list(store) == []
    assert repr(store) == "<Store 'patients.onco': 0 patients>"
    assert explorer.open(store.path).id == store.id
    assert explorer.open(str(store.path), create=True).id == store.id


def test_a_store_is_a_mapping(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> None:
    put("Berta", drafts.image())
    put("Anna", drafts.image())
    assert list(store) == ["Anna", "Berta"]
    assert "Anna" in store
    assert [patient.label for patient in store.values()] == ["Anna", "Berta"]
    assert store[store["Anna"].key].label == "Anna"


@pytest.mark.usefixtures("open_umask")
def test_only_the_owner_may_look_inside(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("x") as t:
        t.patient("Anna")
    for place in (store.path, *(store.path / name for name in ("tables", "patients", "locks"))):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place
    marker = store.path / "oncograph.json"
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600


@pytest.mark.usefixtures("open_umask")
def test_a_patients_arrays_are_the_owners(store: explorer.Store, drafts: Any) -> None:
    with store.transaction("x") as t:
        key = t.patient("Anna")
        t.put(key, drafts.image())
    assert stat.S_IMODE((store.path / "patients" / key).stat().st_mode) == 0o700


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="oncograph ingest FOLDER --store"):
        explorer.open(tmp_path)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(StoreError, match=r"not empty.*thesis\.docx"):
        explorer.open(tmp_path, create=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.docx"]


def test_a_newer_format_is_refused(store: explorer.Store) -> None:
    marker = store.path / "oncograph.json"
    about = json.loads(marker.read_text())
    assert about["version"] == VERSION
    marker.write_text(json.dumps({**about, "version": VERSION + 1}))
    with pytest.raises(StoreError, match=rf"format {VERSION + 1}.*at most {VERSION}.*newer onco"):
        explorer.open(store.path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"oncograph"', "{}", '{"format": "other", "version": 1, "id": "x"}',
     '{"format": "oncograph", "version": "1", "id": "x"}', '{"format": "oncograph", "version": 1}'],
)  # fmt: skip
def test_a_marker_that_is_not_ours(store: explorer.Store, text: str) -> None:
    (store.path / "oncograph.json").write_text(text)
    with pytest.raises(StoreError, match=r"oncograph\.json"):
        explorer.open(store.path)


def test_making_a_store_that_was_killed_half_way_goes_on(store: explorer.Store) -> None:
    marker = store.path / "oncograph.json"
    marker.unlink()
    (store.path / "tables" / "items.lance" / "left-over").write_text("x")
    again = explorer.open(store.path, create=True)
    assert len(again) == 0
    with again.transaction("x") as t:
        t.patient("Anna")
    assert list(again) == ["Anna"]


def test_a_status_row_for_every_file(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put("Anna", drafts.image())
    frame = store.files()
    assert frame["status"].tolist() == ["referenced"]
    assert frame["uri"].tolist() == [str(drafts.folder / "slices.raw")]
