"""Words that name no person: of anatomy, findings and technique.

``words.txt`` has them: those of the context groups of DICOM PS3.16 on anatomy, findings and
imaging, without surnames, and what file names and series are called.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_PARTS = re.compile(r"([a-z]*)(\d*)([a-z]*)")


@cache
def vocabulary() -> frozenset[str]:
    """The words, in lower case."""
    return frozenset((Path(__file__).parent / "words.txt").read_text("utf-8").split())


def is_known(word: str, alone: int = 2) -> bool:
    """Whether a word names no person.

    Parameters
    ----------
    word : str
        Letters and digits.
    alone : int
        A number of this many digits is known where it stands alone. A known word may carry one of
        up to four (``T1``, ``b1000``), or of up to two where `alone` is 0.
    """
    bare = word.lower()
    if bare in vocabulary():
        return True
    parts = _PARTS.fullmatch(bare)
    if parts is None:
        return False
    lone = not (parts[1] or parts[3])
    most = alone if lone else 4 if alone else 2
    if not 0 < len(parts[2]) <= most:
        return False
    return all(not part or part in vocabulary() for part in (parts[1], parts[3]))
