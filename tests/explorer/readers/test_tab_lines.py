"""Tab-separated files: comments, old line ends, rows that do not fit."""

import gzip
from pathlib import Path

import pytest

from explorer.errors import FileRefusedError
from explorer.readers.tab_lines import tab_head, tab_lines


def test_comments_head_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b'#version 2.4\n# by x\na\tb\na\r\n1\t"two\n\n3\t4\t\n5\n')
    lines = tab_lines(path)
    assert lines.comments == ["version 2.4", " by x"]
    assert lines.columns == ["a", "b"]
    assert list(lines.rows()) == [(2, ["1", '"two']), (3, ["3", "4"])]
    assert [(one.row, one.found) for one in lines.faults] == [(1, "a"), (4, "5")]
    assert lines.find("B", "a") == "b"
    assert lines.find("c") is None


def test_gzip_and_the_line_ends_of_old_macs(tmp_path: Path) -> None:
    path = tmp_path / "a.maf.gz"
    path.write_bytes(gzip.compress(b"a\tb\r1\t2\r3\t4"))
    assert tab_head(path) == ["a", "b"]
    assert [cells for _, cells in tab_lines(path).rows()] == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("data", [b"", b"#only\n#comments\n", b"\0\1\2\0" * 2000])
def test_what_has_no_head_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(data)
    with pytest.raises(FileRefusedError):
        tab_lines(path)


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tb\n" + b"1\t2\n" * 100)[:-6])
    with pytest.raises(FileRefusedError, match="gzip"):
        tab_lines(path)
