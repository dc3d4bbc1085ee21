from __future__ import annotations

from pathlib import Path

import pytest

import explorer
from explorer.errors import NotFoundError, StoreError
from explorer.source_tree import source_tree


def _folder(tmp_path: Path, name: str) -> Path:
    place = tmp_path / name
    place.mkdir(parents=True)
    return place


def test_a_folder_is_its_own_issuer_and_stays_it(store: explorer.Store, tmp_path: Path) -> None:
    a, b = _folder(tmp_path, "a"), _folder(tmp_path, "b")
    one = source_tree(store, a).issuer(f"{a}/x.dcm")
    assert one == source_tree(store, a).issuer(f"{a}/sub/y.dcm")
    assert one != source_tree(store, b).issuer(f"{b}/x.dcm")
    assert sorted(store.roots()) == [str(a), str(b)]
    assert str(tmp_path) not in one


def test_a_folder_inside_is_the_same_tree(store: explorer.Store, tmp_path: Path) -> None:
    outer, inner = _folder(tmp_path, "a"), _folder(tmp_path, "a/b")
    one = source_tree(store, outer).issuer(f"{outer}/x.dcm")
    assert source_tree(store, inner).issuer(f"{inner}/x.dcm") == one
    assert store.roots() == [str(outer)]


def test_a_folder_around_several_trees_joins_none_of_them(
    store: explorer.Store, tmp_path: Path
) -> None:
    a, b = _folder(tmp_path, "all/a"), _folder(tmp_path, "all/b")
    issuers = [source_tree(store, place).issuer(f"{place}/x.dcm") for place in (a, b)]
    tree = source_tree(store, tmp_path / "all")
    assert [tree.issuer(f"{place}/x.dcm") for place in (a, b)] == issuers
    assert tree.issuer(f"{tmp_path}/all/x.dcm") not in issuers


def test_a_name_that_begins_alike_is_another_tree(store: explorer.Store, tmp_path: Path) -> None:
    a, b = _folder(tmp_path, "scan"), _folder(tmp_path, "scan2")
    source_tree(store, a)
    source_tree(store, b)
    assert len(store.roots()) == 2


def test_a_declared_issuer_wins(store: explorer.Store, tmp_path: Path) -> None:
    a = _folder(tmp_path, "a")
    assert source_tree(store, a, "Mercy").issuer(f"{a}/x.dcm") == "Mercy"


def test_a_file_stands_for_its_folder(store: explorer.Store, tmp_path: Path) -> None:
    a = _folder(tmp_path, "a")
    (a / "x.nii").write_bytes(b"x")
    source_tree(store, a / "x.nii")
    assert store.roots() == [str(a)]


def test_no_such_folder(store: explorer.Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="check the path"):
        source_tree(store, tmp_path / "none")


def test_another_handle_sees_a_new_root(store: explorer.Store, tmp_path: Path) -> None:
    other = explorer.open(store.path)
    assert other.roots() == []
    source_tree(store, _folder(tmp_path, "a"))
    assert other.roots() == [str(tmp_path / "a")]


def test_a_path_of_another_machine_is_not_taken_for_the_same_folder(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = explorer.open(s3, create=True)
    monkeypatch.setattr("platform.node", lambda: "ward-1")
    one = source_tree(store, tmp_path)
    assert source_tree(store, tmp_path) == one
    (tmp_path / "inside").mkdir()
    monkeypatch.setattr("platform.node", lambda: "ward-2")
    for folder in (tmp_path, tmp_path / "inside", tmp_path.parent):
        with pytest.raises(StoreError, match="ingested on another machine") as caught:
            source_tree(store, folder, issuer="declared")
    name = str(caught.value).partition("ONCOGRAPH_MACHINE=")[2].split()[0]
    monkeypatch.setenv("ONCOGRAPH_MACHINE", name)
    assert source_tree(store, tmp_path) == one
    monkeypatch.setenv("ONCOGRAPH_MACHINE", "no name")
    with pytest.raises(StoreError, match="is not a name"):
        source_tree(store, tmp_path)
