from __future__ import annotations

import io

import pytest

from explorer.errors import FileRefusedError
from explorer.readers.bounded_file import BoundedFile, WholeFileReadError


def test_a_read_is_cut_to_what_is_there() -> None:
    file = BoundedFile(io.BytesIO(b"abcdef"), 6)
    assert file.read(4) == b"abcd"
    assert file.read(1 << 60) == b"ef"
    assert file.read(10) == b""
    file.seek(1 << 40)
    assert file.read(10) == b""
    file.seek(1)
    assert (file.read(1), file.tell()) == (b"b", 2)


def test_bytes_and_calls_are_counted() -> None:
    file = BoundedFile(io.BytesIO(b"abcdef"), 6, max_bytes=10)
    file.read(6)
    file.seek(0)
    with pytest.raises(FileRefusedError, match="larger than any real one"):
        file.read(6)
    file = BoundedFile(io.BytesIO(b"abcdef"), 6, max_reads=2)
    file.read(1)
    file.read(1)
    with pytest.raises(FileRefusedError):
        file.read(1)


def test_the_whole_rest_is_not_handed_out() -> None:
    with pytest.raises(WholeFileReadError):
        BoundedFile(io.BytesIO(b"abcdef"), 6).read()
