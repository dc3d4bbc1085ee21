"""The head of a table of text, by which layouts know their own."""

from __future__ import annotations

import csv
import gzip
import zlib
from pathlib import Path

_BYTES = 1 << 16


def csv_head(path: Path) -> list[str]:
    """Names of the columns of a CSV or TSV file, gzipped or not; none where it is no such file."""
    lower = path.name.lower()
    if not lower.endswith((".csv", ".csv.gz", ".tsv")):
        return []
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as opened:
            line = opened.readline(_BYTES)
        text = line.decode("utf-8-sig").rstrip("\r\n")
        return next(csv.reader([text], delimiter="\t" if lower.endswith(".tsv") else ","), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error):
        return []
