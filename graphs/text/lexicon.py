"""Lexicon: the words of reports and what they mean, from CSV files that anybody may add to."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from graphs.anatomy import anatomy
from graphs.errors import FormatError
from graphs.finding import Assertion
from graphs.text.combination import Combination
from graphs.text.script_matcher import SPACELESS, ScriptMatcher
from graphs.text.term import Term, TermMatch
from graphs.text.word_matcher import WordMatcher

KINDS = ("observation", "anatomy", "side", "modifier", "state", "cue", "change", "quantity")
FILES = (
    "observations", "anatomy", "assertion_cues", "change_cues", "modifiers",
    "spanish", "japanese", "chinese",
)  # fmt: skip
COMBINATIONS = "combinations"
_NEEDED = ("term", "entity", "kind")
_MOST_BYTES = 64 << 20


class Lexicon:
    """Terms, compiled for finding.

    Parameters
    ----------
    terms : iterable of Term
        The same text may mean several things.
    combinations : iterable of Combination
    sha256 : str
        Of what they were read from.

    Attributes
    ----------
    terms : tuple of Term
    combinations : tuple of Combination
    sha256 : str
    """

    def __init__(
        self, terms: Iterable[Term], combinations: Iterable[Combination] = (), sha256: str = ""
    ) -> None:
        self.terms = tuple(terms)
        self.combinations = tuple(combinations)
        self.sha256 = sha256
        self._codes: dict[str, str | None] = {}
        self._for: dict[str, tuple[WordMatcher, ScriptMatcher]] = {}

    @cached_property
    def observations(self) -> dict[str, Term]:
        """The terms of the observations and quantities, the first of each name."""
        found: dict[str, Term] = {}
        for term in self.terms:
            if term.kind in ("observation", "quantity"):
                found.setdefault(term.entity, term)
        return found

    @cached_property
    def _anatomy_codes(self) -> dict[str, str]:
        terms = (term for term in self.terms if term.kind == "anatomy")
        return {term.entity: term.code for term in terms if term.code}

    def anatomy_code(self, name: str) -> str | None:
        """The code of a structure by its name, from the ontology or else from the lexicon."""
        if name not in self._codes:
            self._codes[name] = self._code(name)
        return self._codes[name]

    def _code(self, name: str) -> str | None:
        code = anatomy().code(name) if name in anatomy() else None
        if code:
            return code
        base = name.replace("_left", "_{side}").replace("_right", "_{side}")
        codes = self._anatomy_codes
        return codes.get(name) or codes.get(base) or codes.get(f"{name}_{{side}}")

    def find(
        self, text: str, start: int = 0, end: int | None = None, language: str | None = None
    ) -> list[TermMatch]:
        """The terms in a part of a text, in the order of their places, none over another.

        Parameters
        ----------
        text : str
        start, end : int
            Unicode code points, half-open.
        language : str or None
            ISO 639-1: terms of other languages are left out; None: of all languages.

        Returns
        -------
        list of TermMatch
        """
        end = len(text) if end is None else end
        words, signs = self._matchers(language or "")
        found = words.find(text, start, end)
        if not text.isascii() and SPACELESS.search(text, start, end):
            spaceless = signs.find(text, start, end)
            taken = [(one.start, one.end) for one in spaceless]
            found = [
                one for one in found
                if not any(one.start < last and first < one.end for first, last in taken)
            ]  # fmt: skip
            found = sorted([*found, *spaceless])
        return found

    def _matchers(self, language: str) -> tuple[WordMatcher, ScriptMatcher]:
        language = language.split("-")[0].lower()
        if language not in self._for:
            # a language that the lexicon does not know is read with all that it has
            known = {term.language for term in self.terms}
            wanted = {"", "en", language} if language and language in known else known
            terms = [term for term in self.terms if term.language in wanted]
            spaceless = [term for term in terms if SPACELESS.search(term.text)]
            spaced = [term for term in terms if not SPACELESS.search(term.text)]
            self._for[language] = (WordMatcher(spaced), ScriptMatcher(spaceless))
        return self._for[language]

    @classmethod
    def default(cls) -> Lexicon:
        """The lexicon that comes with oncograph (compiled once)."""
        return _default()

    def with_terms(self, path: Path | str) -> Lexicon:
        """The lexicon with the terms of a CSV file added; they come before its own.

        Parameters
        ----------
        path : path
            UTF-8, with a head: ``term,entity,kind`` and, where wanted, ``code,language,labels,
            anatomy``. Several terms of one entity may share a row, parted by ``|``; so may
            labels. A term may end in ``*``. An observation that the lexicon knows keeps its code,
            labels and anatomy where the row leaves them empty.

        Returns
        -------
        Lexicon

        Raises
        ------
        FormatError
            The file lacks a column or is not parted by commas, or a row names a kind that there is
            not.
        """
        path = Path(path)
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise FormatError(
                "The lexicon is too large", expected="at most 64 MiB", where=path.name
            )
        own = _read(data, path.name, self.observations)
        digest = hashlib.sha256(f"{self.sha256}:".encode() + data).hexdigest()
        return Lexicon([*own, *self.terms], self.combinations, digest)


@lru_cache(maxsize=1)
def _default() -> Lexicon:
    folder = files("graphs.text") / "data"
    digest, terms = hashlib.sha256(), list[Term]()
    known: dict[str, Term] = {}
    for name in FILES:
        data = (folder / f"{name}.csv").read_bytes()
        digest.update(data)
        read = _read(data, name, known)
        for term in read:
            if term.kind in ("observation", "quantity"):
                known.setdefault(term.entity, term)
        terms += read
    data = (folder / f"{COMBINATIONS}.csv").read_bytes()
    digest.update(data)
    combinations = [
        Combination(
            row["entity"], cast("Assertion", row["assertion"]) or None, _set(row["anatomy"]),
            _set(row["state"]), int(row["window"]),
        )
        for row in csv.DictReader(data.decode("utf-8").splitlines())
    ]  # fmt: skip
    return Lexicon(terms, combinations, digest.hexdigest())


def _set(cell: str) -> frozenset[str]:
    return frozenset(cell.split("|"))


def _read(data: bytes, where: str, known: dict[str, Term]) -> list[Term]:
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError("The lexicon is not UTF-8", where=where) from error
    rows = csv.DictReader(lines)
    _check_head(rows.fieldnames or (), where)
    found: list[Term] = []
    for number, row in enumerate(rows, 2):
        row = {name: (row.get(name) or "").strip() for name in (rows.fieldnames or ())}
        if not row["term"]:
            continue
        if row["kind"] not in KINDS or not row["entity"]:
            raise FormatError(
                f"A term of kind {row['kind']!r} for {row['entity']!r}",
                expected=f"an entity, and one of {', '.join(KINDS)}",
                where=f"{where}, line {number}",
            )
        found += _terms(row, known)
    return found


def _check_head(names: Sequence[str], where: str) -> None:
    """Refuse a table that lacks columns; spreadsheets of many languages write semicolons."""
    missing = [name for name in _NEEDED if name not in names]
    if not missing:
        return
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        parted = [one.strip().strip('"') for one in ",".join(names).split(mark)]
        if all(name in parted for name in _NEEDED):
            raise FormatError(
                f"The lexicon's columns are parted by {called}",
                expected=f"commas: {','.join(_NEEDED)}",
                where=where,
                do="save the table as CSV with commas; a cell that has one stands in quotes",
            )
    raise FormatError(
        f"The lexicon has no column {', '.join(missing)}",
        expected=f"the columns {', '.join(_NEEDED)}, parted by commas",
        where=where,
    )


def _terms(row: dict[str, str], known: dict[str, Term]) -> list[Term]:
    like = known.get(row["entity"]) if row["kind"] in ("observation", "quantity") else None
    code = row.get("code") or (like.code if like else None)
    labels = tuple(filter(None, row.get("labels", "").split("|")))
    anatomy = row.get("anatomy", "")
    if like:
        labels, anatomy = labels or like.labels, anatomy or like.anatomy
    language = row.get("language", "").lower()
    return [
        Term(text, row["entity"], row["kind"], code, language, labels, anatomy)
        for text in dict.fromkeys(one.strip() for one in row["term"].split("|"))
        if text.strip("*")
    ]
