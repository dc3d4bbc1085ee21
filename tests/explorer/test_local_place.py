from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from explorer.local_place import LocalPlace


def test_a_file_is_written_whole_and_for_its_owner(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path) / "about.json"
    assert not place.exists()
    with pytest.raises(FileNotFoundError):
        place.read_bytes()
    place.write_bytes(b"one")
    place.write_bytes(b"two")
    assert place.read_bytes() == b"two"
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
    assert [child.name for child in LocalPlace(tmp_path).children()] == ["about.json"]


def test_folders_are_made_measured_listed_and_deleted(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path / "a" / "b")
    assert place.children() == []
    place.make_folder()
    place.make_folder()
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o700
    (place / "x").write_bytes(b"12345")
    (place / "y").make_folder()
    (place / "y" / "z").write_bytes(b"123")
    os.utime(place.path / "x", (2e9, 2e9))
    assert [child.name for child in place.children()] == ["x", "y"]
    assert place.size() == 8
    assert place.newest() == 2e9
    place.delete_tree()
    place.delete_tree()
    assert not place.exists()
