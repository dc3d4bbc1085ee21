"""licence: under what terms a patient's data may be used, as far as that is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explorer.patient import Patient
from explorer.privacy.hide import is_hidden

_LINE = re.compile(r"^\W*licen[cs]e\W*:\s*(.+?)\s*$", re.I | re.M)
_FROM = re.compile(r"^\W*(?:collection|taken from)\W*:\s*(.+?)\s*$", re.I | re.M)
#: Names of facts that tell a licence.
FACTS = ("licence", "license", "license_short_name", "license_long_name")
_FILES = ("SOURCE.md", "dataset_description.json")
_MOST_BYTES, _MOST_TEXT, _UP = 1 << 20, 300, 4


@dataclass(frozen=True)
class Licence:
    """Terms of data.

    Attributes
    ----------
    terms : str or None
        'CC BY 4.0'; None where nothing says it. Hostile text.
    source : str or None
        Collection and DOI, where they are said. Hostile text.
    by : str
        What says it.
    """

    terms: str | None
    source: str | None
    by: str

    @property
    def line(self) -> str:
        """One line, to be printed below a figure."""
        if self.terms is None:
            return "Licence of the data: unknown; ask who gave them to you"
        return f"Data: {self.source}. Licence: {self.terms}" if self.source else (
            f"Licence of the data: {self.terms}"
        )  # fmt: skip


def licence(patient: Patient) -> Licence:
    """Look for the licence of a patient's data.

    In the patient's facts (``license_short_name`` of an index of the Imaging Data Commons, say),
    then beside the source files and above them: ``SOURCE.md`` with a line ``Licence:``, as the
    bundled patients have it, and ``License`` of a BIDS ``dataset_description.json``.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    Licence
        With ``terms`` None where nothing says it: a licence is never guessed.
    """
    for row in patient.rows("facts"):
        if str(row["name"]).casefold() in FACTS and row["value"]:
            return Licence(_short(row["value"]), None, "the patient's facts")
    for path in _beside(patient):
        found = _read(path)
        if found is not None:
            return found
    return Licence(None, None, "nothing says it")


def _short(text: str) -> str:
    return " ".join(text.split())[:_MOST_TEXT].rstrip(".")


def _beside(patient: Patient) -> Iterator[Path]:
    """Files about the data: in the folders of the sources, and in those above."""
    seen: set[Path] = set()
    uris = [row["uri"] for row in patient.rows("files")]
    # a table is no file of one patient's; its rows say where they were read
    uris += {row["source"]: None for row in patient.rows("facts") if row["source"]}
    for uri in uris:
        if is_hidden(uri) or "://" in uri:
            continue
        for folder in list(Path(uri.partition("!")[0]).parents)[:_UP]:
            if folder in seen:
                break
            seen.add(folder)
            yield from (folder / name for name in _FILES)


def _read(path: Path) -> Licence | None:
    try:
        if not path.is_file():
            return None
        about = path.stat()
        return _said(path, about.st_mtime_ns) if about.st_size <= _MOST_BYTES else None
    except OSError:
        return None


@lru_cache(maxsize=64)
def _said(path: Path, mtime_ns: int) -> Licence | None:
    """What a file says; many patients lie below one."""
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".json":
        return _of_bids(text, path.name)
    said, of = _LINE.search(text), _FROM.search(text)
    if said is None:
        return None
    terms = re.sub(r",? text in [^;\s]+|;.*$", "", said[1])
    return Licence(_short(terms), _short(of[1]) if of else None, f"{path.name} beside the files")


def _of_bids(text: str, name: str) -> Licence | None:
    try:
        about = json.loads(text)
    except ValueError:
        return None
    terms = about.get("License") if isinstance(about, dict) else None
    if not isinstance(terms, str) or not terms.strip():
        return None
    title = about.get("Name")
    source = _short(title) if isinstance(title, str) and title.strip() else None
    return Licence(_short(terms), source, f"{name} beside the files")
