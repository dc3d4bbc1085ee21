"""Members of archives, and of archives within them, as files."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from explorer.errors import FileRefusedError
from explorer.found import Found
from explorer.unpack import unpack
from explorer.walk import walk


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def zip_of(path: Path | io.BytesIO, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def _walk(place: Path, scratch: Path | None = None) -> dict[str, Found]:
    return {found.relative: found for found in walk(place, scratch)}


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [("tar", "w"), ("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")],
)
def test_members_of_tars_are_their_bytes(tmp_path: Path, suffix: str, mode: str) -> None:
    content = {f"s/{n}.dcm": bytes([n]) * (300 * n + 1) for n in range(1, 6)}
    with tarfile.open(tmp_path / f"a.{suffix}", mode) as tar:  # type: ignore[call-overload]
        for name, data in content.items():
            add(tar, name, data)
    found = _walk(tmp_path)
    assert list(found) == [f"a.{suffix}!{name}" for name in content]
    for name, data in content.items():
        one = found[f"a.{suffix}!{name}"]
        assert one.size == len(data)
        assert unpack(one, tmp_path / "scratch").read_bytes() == data


@pytest.mark.parametrize("keep", [True, False], ids=["scratch kept", "scratch gone"])
def test_archives_within_archives(tmp_path: Path, keep: bool) -> None:
    tar, inner = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as opened:
        add(opened, "deep/c.dcm", b"three down")
    zip_of(inner, {"b.tar.gz": tar.getvalue(), "c.dcm": b"two down"})
    (tmp_path / "src").mkdir()
    zip_of(tmp_path / "src" / "a.zip", {"a.zip": inner.getvalue(), "c.dcm": b"one down"})
    scratch = tmp_path / "scratch"
    found = _walk(tmp_path / "src", scratch if keep else None)
    assert {name: unpack(one, scratch).read_bytes() for name, one in found.items()} == {
        "a.zip!a.zip!b.tar.gz!deep/c.dcm": b"three down",
        "a.zip!a.zip!c.dcm": b"two down",
        "a.zip!c.dcm": b"one down",
    }
    assert found["a.zip!a.zip!c.dcm"].archive == tmp_path / "src" / "a.zip"


def test_names_that_differ_by_case_or_normal_form_do_not_overwrite_each_other(
    tmp_path: Path,
) -> None:
    content = {"a.dcm": b"1", "A.DCM": b"2", "caf\u00e9.dcm": b"3", "cafe\u0301.dcm": b"4"}
    zip_of(tmp_path / "a.zip", content)
    paths = {one.member: unpack(one, tmp_path / "scratch") for one in walk(tmp_path)}
    assert {name: path.read_bytes() for name, path in paths.items()} == content
    assert len({str(path.parent) for path in paths.values()}) == 2


def test_an_archive_of_nothing_is_said(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {"folder/": b""})
    tarfile.open(tmp_path / "b.tar.gz", "w:gz").close()
    assert {n: f.skipped for n, f in _walk(tmp_path).items()} == {
        "a.zip": "an archive without a file",
        "b.tar.gz": "an archive without a file",
    }


def test_what_lies_before_the_damage_is_taken(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        add(tar, "1.dcm", b"one")
        add(tar, "2.dcm", b"two")
        add(tar, "3.dcm", b"three")
    data = bytearray((tmp_path / "a.tar").read_bytes())
    data[2048:2560] = b"?" * 512
    (tmp_path / "a.tar").write_bytes(data)
    found = _walk(tmp_path)
    assert {name: one.refused for name, one in found.items()} == {
        "a.tar!1.dcm": None,
        "a.tar!2.dcm": None,
        "a.tar": "it is damaged; what follows is not read (after 2 members)",
    }
    assert unpack(found["a.tar!2.dcm"], tmp_path / "scratch").read_bytes() == b"two"


def test_an_archive_that_changed_since_it_was_listed(tmp_path: Path) -> None:
    zip_of(tmp_path / "a.zip", {"1.dcm": b"one", "2.dcm": b"two"})
    two = _walk(tmp_path)["a.zip!2.dcm"]
    zip_of(tmp_path / "a.zip", {"other.dcm": b"a longer content than before"})
    with pytest.raises(FileRefusedError, match="has changed since"):
        unpack(two, tmp_path / "scratch")
