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

_TABLE = Path(__file__).with_name("data") / "segment_roles.csv"


@dataclass(frozen=True)
class SegmentRole:
    """What a segment is of, and how that is known.

    Attributes
    ----------
    role : {'lesion', 'organ', 'other', 'unknown'}
        'other': tissue without a lesion, oedema, a planning volume, an implant.
    reason : str
    """

    role: Role
    reason: str


def segment_role(segmentation: Segmentation, label: str) -> SegmentRole:
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

    Returns
    -------
    SegmentRole
        'unknown' where neither code nor name says it ('label 1').
    """
    row = next(one for one in segmentation.segments if one["name"] == label)
    found = _role(row)
    if found.role == "unknown" and len(segmentation.segments) == 1 and segmentation.name:
        word = _word(segmentation.name, ("lesion",))
        if word:
            return SegmentRole("lesion", f"the file's name has {word[0]!r}")
    return found


def _role(row: dict[str, Any]) -> SegmentRole:
    table = _table()
    code = f"{row['code_scheme']}:{row['code_value']}"
    if code in table["code"]:
        return SegmentRole(table["code"][code], f"code {code}")
    name = row["name"] or ""
    category = (row["category"] or "").casefold()
    if out := _word(name, ("other",)):
        return SegmentRole("other", f"its name has {out[0]!r}")
    if category in table["category"]:
        return SegmentRole(table["category"][category], f"coded as {category}")
    if lesion := _word(name, ("lesion",)):
        return SegmentRole("lesion", f"its name has {lesion[0]!r}")
    known = anatomy().find(name)
    if known is not None:
        role: Role = "lesion" if known.kind == "lesion" else "organ"
        return SegmentRole(role, f"its name is that of the {known.display}")
    if organ := _word(name, ("organ",)):
        return SegmentRole("organ", f"its name has {organ[0]!r}")
    return SegmentRole("unknown", "neither its code nor its name says what it is")


def _word(name: str, roles: tuple[Role, ...]) -> tuple[str, Role] | None:
    table = _table()["word"]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    folded = apart.casefold()
    for word in re.findall(r"[^\W\d_]+", folded):
        if table.get(word) in roles:
            return word, table[word]
    for word, role in table.items():
        # no spaces between words there
        if role in roles and word[0] >= "\u2e80" and word in folded:
            return word, role
    return None


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Role]]:
    found: dict[str, dict[str, Any]] = {"code": {}, "category": {}, "word": {}}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["kind"]][row["match"]] = row["role"]
    return found
