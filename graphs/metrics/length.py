"""Length: how long a text is beside what it is compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A word, or one sign of a script that has no spaces.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


def count_words(text: str) -> int:
    """Words of a text; of scripts without spaces, their signs."""
    return len(_WORD.findall(text))


def length_ratio(texts: Sequence[str], references: Sequence[str]) -> float:
    """Words of all texts over words of all references.

    Parameters
    ----------
    texts, references : sequences of str
        In the same order.

    Returns
    -------
    float
        NaN where the references have no words.
    """
    total = sum(count_words(text) for text in references)
    return sum(count_words(text) for text in texts) / total if total else float("nan")
