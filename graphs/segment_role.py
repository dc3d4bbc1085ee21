"""SegmentRole: whether a segment is a lesion, an organ, something else, or not known to be any."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from explorer.segmentation import Segmentation
from graphs.anatomy import anatomy

Role = Literal["lesion", "organ", "other", "unknown"]

_VAGUE = ("tumor", "neoplasm", "lesion")  # the first says more than the last
_TABLE = Path(__file__).with_name("data") / "segment_roles.csv"


@dataclass(frozen=True)
class SegmentRole:
    """What a segment is of, and how that is known.

    Attributes
    ----------
    role : {'lesion', 'organ', 'other', 'unknown'}
        'other': tissue without a lesion, oedema, a planning volume, an implant.
    reason : str
    noun : str
        What a report calls a lesion: 'nodule', 'mass', 'metastasis', ...; else empty.
    """

    role: Role
    reason: str
    noun: str = ""


def segment_role(segmentation: Segmentation, label: str, named: str | None = None) -> SegmentRole:
    """Tell lesions from organs by code, category and name; nothing is guessed.

    In this order: the segment's code, words that rule a lesion out, the code's category
    (DICOM CID 7150), words for a lesion, the ontology's names, words for an organ; of
    a file with one segment also the words of the file's name. The table of codes and words is
    ``graphs/data/segment_roles.csv``.

    Parameters
    ----------
    segmentation : Segmentation
    label : str
        One of its labels.
    named : str, optional
        What a person says that it is ('enhancing tumor'), in the place of code and name.

    Returns
    -------
    SegmentRole
        'unknown' where neither code nor name says it ('label 1').
    """
    if named:
        said = _role({"name": named, "code_scheme": None, "code_value": None, "category": None})
        reason = f"a person calls it {named!r}"
        return SegmentRole(said.role, reason, said.noun)
    row = next(one for one in segmentation.segments if one["name"] == label)
    found = _role(row)
    if found.role == "unknown" and len(segmentation.segments) == 1 and segmentation.name:
        word = _word(segmentation.name, "lesion")
        if word:
            reason = f"the file's name has {word!r}"
            return SegmentRole("lesion", reason, _noun(segmentation.name, "lesion"))
    return found


def _role(row: dict[str, Any]) -> SegmentRole:
    table = _table()
    code = f"{row['code_scheme']}:{row['code_value']}"
    name = row["name"] or ""
    category = (row["category"] or "").casefold()
    known = anatomy().find(name)
    if code in table["code"]:
        role, noun = table["code"][code]
        return SegmentRole(role, f"code {code}", _noun(name, noun) if noun else "")
    if out := _word(name, "other"):
        return SegmentRole("other", f"its name has {out!r}")
    if category in table["category"]:
        role, noun = table["category"][category]
        return SegmentRole(role, f"coded as {category}", _noun(name, noun) if noun else "")
    if lesion := _word(name, "lesion"):
        return SegmentRole("lesion", f"its name has {lesion!r}", _noun(name, "lesion"))
    if known is not None:
        is_lesion = known.kind == "lesion"
        reason = f"its name is that of the {known.display}"
        return (
            SegmentRole("lesion", reason, "lesion") if is_lesion else SegmentRole("organ", reason)
        )
    if organ := _word(name, "organ"):
        return SegmentRole("organ", f"its name has {organ!r}")
    return SegmentRole("unknown", "neither its code nor its name says what it is")


def _noun(name: str, coded: str) -> str:
    """The most telling word: 'GTV_Mass' is a mass; a code that tells more than 'lesion' stays."""
    if coded not in _VAGUE:
        return coded
    words = _table()["word"]
    said = [words[word][1] for word in _words(name, "lesion")]
    telling = [noun for noun in said if noun not in _VAGUE]
    return (telling or sorted(said, key=_VAGUE.index) or [coded])[0]


def _word(name: str, role: Role) -> str | None:
    return next(iter(_words(name, role)), None)


def _words(name: str, role: Role) -> list[str]:
    table = _table()["word"]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    folded = apart.casefold()
    found = [one for one in re.findall(r"[^\W\d_]+", folded) if _is(table, one, role)]
    # where there are no spaces between words
    dense = [one for one in table if one[0] >= "\u2e80" and _is(table, one, role)]
    return found + [one for one in dense if one in folded]


def _is(table: dict[str, tuple[Role, str]], word: str, role: Role) -> bool:
    return word in table and table[word][0] == role


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, tuple[Role, str]]]:
    found: dict[str, dict[str, Any]] = {"code": {}, "category": {}, "word": {}}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["kind"]][row["match"]] = (row["role"], row["noun"])
    return found
