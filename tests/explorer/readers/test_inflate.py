from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from explorer.errors import FileRefusedError
from explorer.readers.inflate import inflate


def deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def test_inflates(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = bytes(range(256)) * 9000
    path.write_bytes(b"head" + deflate(data))
    assert inflate(path, 4).read() == data


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(deflate(bytes(50_000_000)))
    assert path.stat().st_size < 100_000
    with pytest.raises(FileRefusedError, match="larger than 4 MiB"):
        inflate(path, 0, limit=4 << 20)


def test_garbage(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xff" * 1000)
    with pytest.raises(FileRefusedError, match="corrupt"):
        inflate(path, 0)
