"""Archives that mean harm: refused, with a reason, and nothing written outside."""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import random
import re
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.archive import MOST_MEMBERS, archive_kind, without_suffix
from explorer.ingest import ingest

Slices = dict[str, bytes]
Maker = Callable[[Path, Slices], None]

# the makers by name, with what they are refused for
HOSTILE: dict[str, tuple[Maker, str]] = {}


def hostile(reason: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        HOSTILE[maker.__name__] = (maker, reason)
        return maker

    return keep


def add(tar: tarfile.TarFile, name: str, data: bytes = b"x", **fields: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    tar.addfile(info, io.BytesIO(data))


@contextlib.contextmanager
def tar_of(path: Path, slices: Slices, mode: str = "w", **more: Any) -> Iterator[tarfile.TarFile]:
    with tarfile.open(path, mode, **more) as tar:
        for name, data in slices.items():
            add(tar, name, data)
        yield tar


def zip_of(path: Path | io.BytesIO, members: Slices) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@hostile("leads out")
def traversal_zip(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices | {"../../evil.dcm": b"x", "s/../../../evil.dcm": b"x"})


@hostile("leads out")
def traversal_tar(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices) as tar:
        add(tar, "../../evil.dcm")
        add(tar, "s/../../../evil.dcm")


@hostile("leads out")
def absolute_tar(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tgz", slices, "w:gz") as tar:
        add(tar, str(folder.parent / "evil.dcm"))


@hostile("leads out")
def windows_paths(folder: Path, slices: Slices) -> None:
    names = ("C:\\evil.dcm", "c:evil.dcm", "..\\..\\evil.dcm", "\\\\host\\share\\evil.dcm")
    zip_of(folder / "a.zip", slices | dict.fromkeys(names, b"x"))


@hostile("a symbolic link")
def symlink_then_write(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar.gz", slices, "w:gz") as tar:
        add(tar, "out", b"", type=tarfile.SYMTYPE, linkname=str(folder.parent))
        add(tar, "out/evil.dcm", b"not DICOM")


@hostile("a symbolic link")
def symlink_zip(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices)
    with zipfile.ZipFile(folder / "a.zip", "a") as archive:
        link = zipfile.ZipInfo("out")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(folder.parent))


@hostile("a hard link")
def hard_link(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices) as tar:
        add(tar, "passwd.dcm", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")


@hostile("a device")
def device(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices) as tar:
        add(tar, "null.dcm", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
        add(tar, "pipe.dcm", b"", type=tarfile.FIFOTYPE)


@hostile("it claims to unpack to")
def bomb_zip(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices)
    with zipfile.ZipFile(folder / "a.zip", "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("bomb.dcm", bytes(64 << 20))


@hostile("it claims|there is no room")
def bomb_tar_xz(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar.xz", slices, "w:xz", preset=0) as tar:
        add(tar, "bomb.dcm", bytes(64 << 20))


@hostile("there is no room for .* bytes more")
def nested_bomb(folder: Path, slices: Slices) -> None:
    leaf, middle = io.BytesIO(), io.BytesIO()
    zip_of(leaf, {"0.dcm": bytes(8 << 20)})
    zip_of(middle, {f"{n}.zip": leaf.getvalue() for n in range(16)})
    zip_of(folder / "a.zip", slices | {f"{n}.zip": middle.getvalue() for n in range(16)})


@hostile("an archive within 3 others")
def deep_nesting(folder: Path, slices: Slices) -> None:
    data = b"x"
    for level in range(40):
        packed = io.BytesIO()
        zip_of(packed, {f"{level}.zip" if level else "x.dcm": data})
        data = packed.getvalue()
    zip_of(folder / "a.zip", slices | {"deep.zip": data})


@hostile("an archive within 3 others")
def quine_like(folder: Path, slices: Slices) -> None:
    # a gzip quine is a tar of itself for ever; four levels stand for it
    data = b"x"
    for _ in range(4):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            add(tar, "r.tar.gz", data)
        data = packed.getvalue()
    with tar_of(folder / "a.tar.gz", slices, "w:gz") as tar:
        add(tar, "r.tar.gz", data)


@hostile("its bytes are another member's too")
def overlapping_entries(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices | {"one.dcm": b"kernel" * 100})
    data = (folder / "a.zip").read_bytes()
    end = data.rindex(b"PK\5\6")
    count, length, start = struct.unpack_from("<HLL", data, end + 10)
    last = data.rindex(b"PK\1\2", 0, end)
    entry = data[last:end]
    more = b"".join(entry.replace(b"one.dcm", b"n%02d.dcm" % n) for n in range(50))
    tail = bytearray(data[end:])
    struct.pack_into("<HHLL", tail, 8, count + 50, count + 50, length + len(more), start)
    (folder / "a.zip").write_bytes(data[:end] + more + tail)


@hostile("cannot be unpacked")
def wrong_sizes(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", {"liar.dcm": bytes(1 << 20)} | slices)
    data = bytearray((folder / "a.zip").read_bytes())
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 1000)
    (folder / "a.zip").write_bytes(data)


@hostile("files of this name; which is meant is not known")
def same_name_twice(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices) as tar:
        add(tar, "twice.dcm", b"one")
        add(tar, "twice.dcm", b"two")


@hostile("NUL")
def nul_in_a_name(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices | {"harmless.dcmX.exe": b"x"})
    data = (folder / "a.zip").read_bytes()
    (folder / "a.zip").write_bytes(data.replace(b"harmless.dcmX", b"harmless.dcm\0"))


@hostile("longer than file systems hold")
def very_long_names(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices, format=tarfile.GNU_FORMAT) as tar:
        add(tar, "n" * 5000 + ".dcm")
        add(tar, "/".join(["d" * 100] * 20) + "/x.dcm")


@hostile("folders, more than 64")
def deep_folders(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", slices | {"d/" * 300 + "x.dcm": b"x"})


@hostile("it claims -512 bytes|lead backwards")
def negative_size(folder: Path, slices: Slices) -> None:
    path = folder / "a.tar"
    with tar_of(path, slices):
        pass
    data = path.read_bytes().rstrip(b"\0")
    data += bytes(-len(data) % 512)
    info = tarfile.TarInfo("back.dcm")
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + struct.pack(">h", -1024)
    header[148:156] = b" " * 8
    header[148:155] = b"%06o\0" % sum(header)
    path.write_bytes(data + bytes(header) + bytes(1024))


@hostile("a header is longer than any real one")
def pax_bomb(folder: Path, slices: Slices) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in slices.items():
            add(tar, name, data)
        add(tar, "x.dcm", pax_headers={"comment": "A" * (32 << 20)})
    with gzip.open(folder / "a.tar.gz", "wb") as out:
        out.write(packed.getvalue())


@hostile("lead backwards|it claims|damaged")
def pax_size_backwards(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar", slices, format=tarfile.PAX_FORMAT) as tar:
        add(tar, "x.dcm", pax_headers={"size": "-4096"})


@hostile("a sparse file")
def sparse_by_pax(folder: Path, slices: Slices) -> None:
    sparse = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "99999999999", "GNU.sparse.name": "x"}
    with tar_of(folder / "a.tar", slices, format=tarfile.PAX_FORMAT) as tar:
        add(tar, "x.dcm", pax_headers=sparse)


@hostile("encrypted")
def encrypted(folder: Path, slices: Slices) -> None:
    zip_of(folder / "a.zip", {"secret.dcm": b"x"} | slices)
    data = bytearray((folder / "a.zip").read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    (folder / "a.zip").write_bytes(data)


@hostile("the compressed stream breaks off|damaged")
def cut_off(folder: Path, slices: Slices) -> None:
    with tar_of(folder / "a.tar.gz", slices, "w:gz") as tar:
        add(tar, "rest.dcm", random.Random(1).randbytes(1 << 20))
    data = (folder / "a.tar.gz").read_bytes()
    (folder / "a.tar.gz").write_bytes(data[:-800])


@hostile("damaged")
def xz_that_wants_memory(folder: Path, slices: Slices) -> None:
    del slices  # nothing of it can be read
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1536 << 20}]
    head = lzma.compress(b"x" * 10, format=lzma.FORMAT_XZ, filters=filters[:0] or None)
    data = bytearray(head)
    data[16] = 39  # LZMA2's dictionary: 3 GiB
    struct.pack_into("<I", data, 20, zlib.crc32(bytes(data[12:20])))
    (folder / "a.tar.xz").write_bytes(data)


@hostile("damaged|no tar archive")
def no_tar(folder: Path, slices: Slices) -> None:
    zip_of(folder / "good.zip", slices)
    (folder / "a.tar").write_bytes(b"MZ" + bytes(range(256)) * 8)


def _tree(place: Path) -> dict[str, tuple[int, int]]:
    """Everything below a folder: name, size and time of each."""
    return {
        str(path.relative_to(place)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in sorted(place.rglob("*"))
    }


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_archive_is_refused_alone_and_writes_nothing_outside(
    name: str, tmp_path: Path, ct_slices: Callable[..., Path]
) -> None:
    maker, reason = HOSTILE[name]
    made = ct_slices(tmp_path / "made")
    slices = {f"ct/{path.name}": path.read_bytes() for path in sorted(made.iterdir())}
    folder = tmp_path / "around" / "source"
    folder.mkdir(parents=True)
    maker(folder, slices)
    ct_slices(folder / "beside", patient="SYN-2")
    store = explorer.open(tmp_path / "patients.onco", create=True)
    before = _tree(tmp_path / "around")

    result = ingest(folder, store)

    assert _tree(tmp_path / "around") == before
    assert not list(tmp_path.rglob("*evil*"))
    assert not Path("/evil.dcm").exists()
    assert not list((store.path / "scratch").iterdir())
    refused = [row for row in result.refused if re.search(reason, row["reason"])]
    assert refused, result.files
    assert len({row["path"] for row in result.files}) == len(result.files)
    assert store["SYN-2"].images
    if name != "xz_that_wants_memory":
        (image,) = store["SYN-1"].images.values()
        assert image.data.shape == (3, 4, 5)


def test_there_are_more_than_twenty_of_them() -> None:
    assert len(HOSTILE) >= 20


def test_suffixes() -> None:
    assert archive_kind("A.TAR.GZ") == "gzip"
    assert archive_kind("a.nii.gz") is None
    assert without_suffix("scan.tar.bz2") == "scan"
    assert without_suffix("scan.dcm") == "scan.dcm"


_MANY = """
import re, sys
from pathlib import Path
from explorer.walk import walk
found = list(walk(Path(sys.argv[1])))
print(len(found), found[0].refused)
status = Path('/proc/self/status').read_text()
print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_one_million_tiny_members_are_refused_in_bounded_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        _zip_of_many(path, 1_000_000)
    else:
        with tarfile.open(path, "w:gz", compresslevel=1) as tar:
            info = tarfile.TarInfo("0")
            info.size = 1
            block = info.tobuf(tarfile.GNU_FORMAT) + b"x" + bytes(511)
            for _ in range(1000):
                tar.fileobj.write(block * 1000)  # type: ignore[union-attr]
    done = subprocess.run(
        [sys.executable, "-c", _MANY, str(path)], capture_output=True, text=True, check=True
    )
    said, peak = done.stdout.splitlines()
    assert said.startswith("1 it holds")
    assert said.endswith("unpack it first")
    assert str(MOST_MEMBERS) in said
    assert int(peak) < 400, "MiB"


def _zip_of_many(path: Path, count: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("0000000", b"x")
    data = packed.getvalue()
    start, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entry = data[start:end]
    directory = b"".join(entry.replace(b"0000000", b"%07d" % n) for n in range(count))
    length = len(directory)
    tail = data[end : end + 8] + b"\xff\xff\xff\xff"
    tail += length.to_bytes(4, "little") + start.to_bytes(4, "little") + b"\0\0"
    path.write_bytes(data[:start] + directory + tail)
