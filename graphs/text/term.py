"""Term: one entry of a lexicon, and the place in a text where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Term:
    """What a word or phrase means.

    Attributes
    ----------
    text : str
        As the lexicon's file writes it.
    entity : str
        The observation ('nodule'), the structure in the ontology's spelling
        ('lung_upper_lobe_{side}': ``{side}`` is filled from the words around it), or the value
        of a cue ('absent_before').
    kind : str
        'observation', 'anatomy', 'side', 'modifier', 'state', 'cue', 'change' or 'quantity'.
    code : str or None
        ``SCHEME:value``.
    language : str
        ISO 639-1; empty: any.
    labels : tuple of str
        Classes of published label sets.
    anatomy : str
        Of an observation: the structure that it is always in.
    """

    text: str
    entity: str
    kind: str
    code: str | None = None
    language: str = ""
    labels: tuple[str, ...] = ()
    anatomy: str = ""


class TermMatch(NamedTuple):
    """A phrase of the lexicon in a text: ``text[start:end]``; it may mean several things."""

    start: int
    end: int
    terms: tuple[Term, ...]
