"""The language of a text, told offline, with how certain that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

UNKNOWN = "unknown"
_LETTERS = 24
_CERTAIN = 0.5
_LOOK = 20_000


@dataclass(frozen=True)
class Language:
    """A language, and how certain it is.

    Attributes
    ----------
    code : str
        ISO 639-1, or 'unknown' where the text is short or could be several.
    certainty : float
        Between 0 and 1.
    method : str
        What told it.
    """

    code: str
    certainty: float
    method: str


def tell_language(text: str) -> Language:
    """Tell the language of a report.

    py3langid (Lui and Baldwin, ACL 2012) with its bundled model: no request leaves the machine.

    Parameters
    ----------
    text : str
        The first 20,000 characters are looked at.

    Returns
    -------
    Language
        'unknown' for a text of fewer than 24 letters, or a certainty below 0.5.
    """
    look = text[:_LOOK]
    method = f"py3langid {_version()}"
    # a word of Chinese or Japanese says as much as a sentence elsewhere
    weight = sum(6 if "\u2e80" <= c <= "\uffef" else 1 for c in look if c.isalpha())
    if weight < _LETTERS:
        return Language(UNKNOWN, 0.0, method)
    code, certainty = _identifier().classify(look)
    found = min(1.0, max(0.0, float(certainty)))
    return Language(str(code) if found >= _CERTAIN else UNKNOWN, round(found, 4), method)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # takes most of a second, so only where a report is met
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=1)
def _version() -> str:
    from importlib.metadata import version

    return version("py3langid")
