"""Table files: which they are, and their sheets as columns of text."""

from __future__ import annotations

from pathlib import Path

from explorer.errors import FileRefusedError
from explorer.readers.table_book import read_book
from explorer.readers.table_parquet import read_parquet_table
from explorer.readers.table_sheet import Sheet
from explorer.readers.table_text import read_text_table

_TEXT = (".csv", ".tsv", ".tab")
_BOOKS = (".xlsx", ".xlsm")
_PARQUET = (".parquet", ".pq")
_OLD = {".xls": "save it as .xlsx or CSV", ".ods": "save it as .xlsx or CSV"}


def table_kind(name: str, head: bytes) -> str | None:
    """Tell what kind of table a file is.

    Parameters
    ----------
    name : str
        The file's name.
    head : bytes
        Its first bytes, at least 8.

    Returns
    -------
    str or None
        'text', 'packed' (gzipped text), 'book', 'parquet'; None for what is no table.

    Raises
    ------
    FileRefusedError
        It is a table of a kind that is not read, or not what its name says.
    """
    lower = name.lower()
    zipped, gzipped = head[:4] == b"PK\x03\x04", head[:2] == b"\x1f\x8b"
    if lower.endswith(".zip") and not zipped:
        lower = lower[: -len(".zip")]  # real: a text called x.csv.zip inside of an archive
    if lower.endswith(tuple(one + ".gz" for one in _TEXT)):
        if not gzipped:
            raise FileRefusedError("The file is called .gz and is not gzipped")
        return "packed"
    if lower.endswith(_TEXT):
        return "packed" if gzipped else "text"
    if lower.endswith(_BOOKS):
        if not zipped:
            raise FileRefusedError("The file is called a workbook and is none (no zip archive)")
        return "book"
    if lower.endswith(_PARQUET):
        if head[:4] != b"PAR1":
            raise FileRefusedError("The file is called Parquet and does not begin with PAR1")
        return "parquet"
    for suffix, do in _OLD.items():
        if lower.endswith(suffix):
            raise FileRefusedError(f"A table of the kind {suffix} is not read", do=do)
    return None


def read_table_file(
    path: Path, kind: str, *, separator: str | None = None, encoding: str | None = None
) -> list[Sheet]:
    """Read a table's file as columns of text.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        Of `table_kind`.
    separator, encoding : str, optional
        Of a text, where they are known; by default they are found out.

    Returns
    -------
    list of Sheet
        One, or one a sheet of a workbook.

    Raises
    ------
    FileRefusedError
        It cannot be read; one that is cut or broken says where.
    """
    if kind in ("text", "packed"):
        return [read_text_table(path, kind == "packed", separator, encoding)]
    if kind == "book":
        return read_book(path)
    return [read_parquet_table(path, path.name)]
