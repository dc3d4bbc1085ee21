"""What lies below a source, and archives that mean harm."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import FileRefusedError, NotFoundError
from explorer.found import Found
from explorer.unpack import unpack
from explorer.walk import walk


def _walk(place: Path) -> dict[str, Found]:
    return {found.relative: found for found in walk(place)}


def _zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_files_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/1.dcm", "a/3.dcm", "0.dcm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert list(_walk(tmp_path)) == ["0.dcm", "a/3.dcm", "b/1.dcm", "b/2.dcm"]
    found = _walk(tmp_path)["a/3.dcm"]
    assert found.uri == str(tmp_path / "a/3.dcm")
    assert found.path == tmp_path / "a/3.dcm"
    assert found.root == str(tmp_path)
    assert found.size == 1


def test_one_file_as_a_source(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"x")
    (tmp_path / "b.nii").write_bytes(b"x")
    assert list(_walk(tmp_path / "a.nii")) == ["a.nii"]
    with pytest.raises(NotFoundError, match="check the path"):
        list(walk(tmp_path / "c.nii"))


def test_what_is_skipped_and_refused_before_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "empty.dcm").touch()
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "._1.dcm").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    found = _walk(tmp_path)
    assert found["empty.dcm"].refused == "the file is empty"
    assert found[".DS_Store"].skipped == found["._1.dcm"].skipped == "the system's own file"
    assert found["pipe"].skipped == "not a regular file"
    assert (found["broken.zip"].refused or "").startswith("not a readable zip archive")
    assert all(one.path is None for one in found.values())


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.dcm").write_bytes(b"x")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "file.dcm").symlink_to(outside / "secret.dcm")
    (inside / "folder").symlink_to(outside)
    found = _walk(inside)
    assert sorted(found) == ["file.dcm", "folder"]
    assert all("links are not followed" in (one.skipped or "") for one in found.values())


def test_a_name_that_is_not_utf8_is_refused_by_a_name_that_can_be_shown(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller.dcm")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    (found,) = walk(tmp_path)
    assert found.relative.encode("utf-8") == b"M\\xfcller.dcm"
    assert "UTF-8" in (found.refused or "")
    assert found.path is None


def test_a_store_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "1.dcm").write_bytes(b"x")
    store = tmp_path / "patients.onco"
    store.mkdir()
    (store / "oncograph.json").write_text("{}")
    (store / "tables").mkdir()
    (store / "tables" / "x.lance").write_bytes(b"x")
    assert list(_walk(tmp_path)) == ["1.dcm"]


def test_members_of_an_archive(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"s/1.dcm": b"one", "s/2.dcm": b"two", "s/": b""})
    found = _walk(tmp_path)
    assert list(found) == ["a.zip!s/1.dcm", "a.zip!s/2.dcm"]
    one = found["a.zip!s/1.dcm"]
    assert (one.uri, one.archive, one.member) == (f"{path}!s/1.dcm", path, "s/1.dcm")
    scratch = tmp_path / "scratch"
    unpacked = unpack(one, scratch)
    assert unpacked.read_bytes() == b"one"
    assert unpacked.name == "1.dcm"
    assert stat.S_IMODE(unpacked.stat().st_mode) == 0o600


def test_archives_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for folder in ("anna", "berta"):
        (tmp_path / folder).mkdir()
        _zip(tmp_path / folder / "scan.zip", {"1.dcm": folder.encode()})
    found = _walk(tmp_path)
    paths = {name: unpack(one, tmp_path / "scratch") for name, one in found.items()}
    assert paths["anna/scan.zip!1.dcm"].read_bytes() == b"anna"
    assert paths["berta/scan.zip!1.dcm"].read_bytes() == b"berta"


def test_members_whose_names_differ_in_the_kind_of_slash_stay_apart(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"s/1.dcm": b"one", "s\\1.dcm": b"two"})
    paths = {one.member: unpack(one, tmp_path / "scratch") for one in walk(tmp_path)}
    assert {name: path.read_bytes() for name, path in paths.items()} == {
        "s/1.dcm": b"one",
        "s\\1.dcm": b"two",
    }


def test_unpacking_twice_is_no_fault(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"1.dcm": b"one"})
    (found,) = walk(tmp_path)
    first = unpack(found, tmp_path / "scratch")
    assert unpack(found, tmp_path / "scratch") == first


@pytest.mark.parametrize(
    "name",
    [
        "../evil.dcm",
        "a/../../evil.dcm",
        "..\\evil.dcm",
        "a\\..\\..\\evil.dcm",
        "/etc/evil.dcm",
        "\\\\server\\share\\evil.dcm",
        "C:\\evil.dcm",
        "c:evil.dcm",
        "C:/evil.dcm",
    ],
)
def test_members_that_lead_out_are_refused_twice(tmp_path: Path, name: str) -> None:
    _zip(tmp_path / "a.zip", {name: b"x", "good.dcm": b"x"})
    found = {one.member: one for one in walk(tmp_path)}
    assert found.pop("good.dcm").refused is None
    (bad,) = found.values()
    assert bad.refused == "its name leads out of the archive"
    # whoever unpacks it all the same gets nothing outside of the folder
    scratch = tmp_path / "deep" / "scratch"
    forced = replace(bad, refused=None)
    with contextlib.suppress(FileRefusedError):
        assert unpack(forced, scratch).is_relative_to(scratch)
    assert all(path.is_relative_to(scratch) for path in tmp_path.rglob("*evil.dcm"))


def test_a_link_in_an_archive_becomes_no_link(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link.dcm")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("link.dcm/under.dcm", b"x")
    found = list(walk(tmp_path))
    assert [one.refused for one in found] == ["a symbolic link", None]
    scratch = tmp_path / "scratch"
    unpack(found[1], scratch)
    assert not [path for path in scratch.rglob("*") if path.is_symlink()]


def test_a_member_that_is_a_file_and_a_folder(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"a": b"x", "a/b": b"y", "n" * 300: b"z"})
    found = {one.member: one for one in walk(tmp_path)}
    unpack(found["a"], tmp_path / "scratch")
    for name in ("a/b", "n" * 300):
        with pytest.raises(FileRefusedError, match="cannot be unpacked"):
            unpack(found[name], tmp_path / "scratch")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"bomb.dcm": bytes(50 * 2**20)}, zipfile.ZIP_BZIP2)
    assert (tmp_path / "a.zip").stat().st_size < 1000
    (found,) = walk(tmp_path)
    assert (found.refused or "").startswith("it claims to unpack to 52428800 bytes")


def test_an_empty_mask_is_no_bomb(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", {"mask.nii": bytes(2**20)})
    (found,) = walk(tmp_path)
    assert found.refused is None


def test_a_member_longer_than_it_says_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"liar.dcm": bytes(2**20)})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 1000)
    path.write_bytes(data)
    (found,) = walk(tmp_path)
    assert found.size == 1000
    with pytest.raises(FileRefusedError, match="cannot be unpacked"):
        unpack(found, tmp_path / "scratch")
    assert not list((tmp_path / "scratch").rglob("*.dcm"))


def test_an_encrypted_member_is_refused_and_its_neighbour_is_not(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.dcm": b"x", "b.dcm": b"y"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at] |= 1
    path.write_bytes(data)
    found = {one.member: one.refused for one in walk(tmp_path)}
    assert found == {"a.dcm": "encrypted; unpack it first", "b.dcm": None}


def test_a_damaged_member(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.dcm": os.urandom(5000)})
    data = bytearray(path.read_bytes())
    data[1000:1100] = bytes(100)
    path.write_bytes(data)
    (found,) = walk(tmp_path)
    with pytest.raises(FileRefusedError, match="cannot be unpacked"):
        unpack(found, tmp_path / "scratch")
