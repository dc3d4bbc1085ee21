"""Whose a text or a document is that does not say it: the name of its folder."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from explorer.draft import PatientHint, Source
from explorer.name_rules import tcga_case
from explorer.readers.volume_names import only_sorts, source_parts

_DOCUMENTS = {
    *("report", "reports", "text", "texts", "txt", "pdf", "pdfs", "md", "note", "notes"),
    *("document", "documents", "docs", "pathology", "radiology", "clinical", "letters", "letter"),
    *("befund", "befunde", "verslag", "verslagen", "rad", "path", "discharge", "ocr"),
}
_BIDS = re.compile(r"sub-[0-9A-Za-z]+(?=_|$)")
_NUMBER = re.compile(r"(?<!\d)\d{3,}(?!\d)")
_DAY = re.compile(r"(?:19|20)\d\d(?:[-_.]?\d\d){0,2}")


def folder_hint(source: Source) -> PatientHint:
    """Tell whose a report's file is.

    1. ``sub-<label>`` of BIDS, in the file's name or a folder's; the case of a TCGA barcode that
       the file's name begins with.
    2. The folder's name, passing over folders that only sort (``reports``, ``pathology``, ``CT``).
    3. The file's own name, where the folder has no number of its own and its texts carry
       different ones (``patient_001.txt``, ``patient_002.txt``): files of two patients are not put
       together by a folder's name, though those of one may so come apart.

    Returns
    -------
    PatientHint
        Its issuer is the folder that the identifier was found in. Without an identifier where no
        folder has a name.
    """
    *folders, name = source_parts(source)
    for depth, part in enumerate([*folders, name]):
        if found := _BIDS.match(part):
            return _hint(found.group(), folders[:depth], "the BIDS name")
    if case := tcga_case(name):
        return _hint(case, folders, "the TCGA barcode in the file's name")
    kept = list(folders)
    while kept and (only_sorts(kept[-1]) or kept[-1].lower() in _DOCUMENTS):
        kept.pop()
    several = len(_numbers(source.path.parent, source.path.parent.stat().st_mtime_ns)) > 1
    if several and _number(name) and not (kept and _NUMBER.search(kept[-1])):
        return _hint(Path(name).stem, folders, "the file's name: its folder holds several")
    if kept:
        return _hint(kept[-1], kept[:-1], "the folder's name")
    return PatientHint(None, note="neither the file's name nor its folder's says whose it is")


def _hint(identifier: str, folders: list[str], where: str) -> PatientHint:
    return PatientHint(
        identifier[:128],
        issuer="folder " + ("/".join(folders) or "."),
        note=f"the patient is taken from {where}",
    )


def _number(name: str) -> str | None:
    """A number that may be a patient's: of three digits or more, and no date."""
    found = _NUMBER.search(_DAY.sub(" ", Path(name).stem))
    return found.group() if found else None


@lru_cache(maxsize=64)
def _numbers(folder: Path, mtime_ns: int) -> frozenset[str]:
    """Numbers in the names of a folder's documents; `mtime_ns` is the folder's."""
    names = (one.name for one in folder.iterdir() if one.suffix.lower() in (".txt", ".md", ".pdf"))
    return frozenset(number for name in names if (number := _number(name)))
