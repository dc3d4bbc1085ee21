"""Why a cell holds no value: empty cells, and the words and codes that stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

STATES = ("present", "absent", "not acquired", "not extracted", "withheld", "unknown")

_WORDS = {
    # nothing is said, or it is said that nothing is known
    **dict.fromkeys(
        (
            "", "na", "n/a", "n.a.", "n.a", "nan", "<na>", "#n/a", "#na", "null", "--", "---",
            "'--",
            "missing", "unknown", "unk", "not available", "unavailable", "data not available",
            "not reported", "not recorded", "not documented", "not stated", "not known",
            "not specified", "discrepancy", "no data",
        ),
        "unknown",
    ),
    # such a value cannot be
    "not applicable": "absent",
    # nobody has looked
    **dict.fromkeys(
        (
            "not done", "not performed", "not tested", "not assessed", "not evaluated",
            "not examined", "not acquired", "not collected", "not measured", "not determined",
            "not imaged", "not taken",
        ),
        "not acquired",
    ),
    **dict.fromkeys(("not extracted", "pending", "to be determined", "tbd"), "not extracted"),
    # somebody knows, and does not say
    **dict.fromkeys(
        (
            "withheld", "redacted", "masked", "suppressed", "confidential", "not released",
            "not allowed to collect", "prefer not to answer", "prefer not to say", "declined",
        ),
        "withheld",
    ),
}  # fmt: skip

# In a text these can be a value ('none' of the nodes); where a number or a date is due they are
# not.
_WEAK = {"none", ".", "-", "?", "*", "nil"}


def absence(
    text: str | None, codes: Mapping[str, str] | None = None, *, text_due: bool = True
) -> str | None:
    """Tell why a cell holds no value.

    Parameters
    ----------
    text : str or None
        The cell as it stands in the file.
    codes : mapping, optional
        What a person has said of this table: the cell's text (as it stands, or without blanks at
        its ends) to one of `STATES`; 'present' says that it is a value after all.
    text_due : bool
        False where a number or a date is due, so that 'none' or '.' is no value.

    Returns
    -------
    str or None
        'unknown' for an empty cell, NA or [Not Available]; 'absent' for 'not applicable'; 'not
        acquired' for 'not done'; 'withheld' for 'redacted'; None where the cell holds a value.
    """
    if text is None:
        return "unknown"
    if codes:
        said = codes.get(text, codes.get(text.strip()))
        if said is not None:
            return None if said == "present" else said
    found = _known(text) if len(text) <= 40 else None
    if found is None and not text_due and text.strip().lower() in _WEAK:
        return "unknown"
    return found


@lru_cache(maxsize=4096)
def _known(text: str) -> str | None:
    plain = re.sub(r"[\s_]+", " ", text.strip()).lower()
    if plain.startswith("[") and plain.endswith("]"):
        plain = plain[1:-1].strip()
    return _WORDS.get(plain)


def state_of(text: str | None, state: str) -> str:
    """A state with the text that led to it, where there is one: ``unknown: '[Discrepancy]'``."""
    return state if text is None or not text.strip() else f"{state}: {text!r}"
