"""Anatomy: structures of the body, by name, with their parts, sides and codes."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from explorer.errors import NotFoundError

Kind = Literal["class", "lesion", "group", "region"]
Side = Literal["left", "right"]

_DATA = Path(__file__).with_name("data") / "anatomy.csv"
_WORD = re.compile(r"[^\W_]+")
_SIDES = {"left": "left", "right": "right", "lt": "left", "rt": "right"}
_IDLE = frozenset({"the", "a", "an", "of", "in", "both", "bilateral", "bilaterally", "entire"})


@dataclass(frozen=True)
class Structure:
    """One structure.

    Attributes
    ----------
    name : str
        In TotalSegmentator's spelling: 'lung_upper_lobe_right'.
    display : str
        English, for people: 'right upper lobe'.
    kind : {'class', 'lesion', 'group', 'region'}
        'class': TotalSegmentator has a mask of it; 'lesion': it has one, and it is no anatomy;
        'group': what its parts make up; 'region': no mask of its own (lingula, hilum).
    code : str or None
        ``SCHEME:value``; does not tell the side.
    side : {'left', 'right'} or None
    part_of : tuple of str
        What it makes up together with its other parts.
    within : tuple of str
        What it lies in, without making it up.
    synonyms : tuple of str
    """

    name: str
    display: str
    kind: Kind
    code: str | None = None
    side: Side | None = None
    part_of: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every way of calling it."""
        return (self.name, self.display, *self.synonyms)


class Anatomy(Mapping[str, Structure]):
    """An ontology of anatomy; a mapping of names to structures.

    Parameters
    ----------
    structures : iterable of Structure
    """

    def __init__(self, structures: Iterable[Structure]) -> None:
        self._all = {one.name: one for one in structures}
        self._by_term: dict[str, str] = {}
        self._by_words: dict[tuple[str, ...], str | None] = {}
        self._children: dict[str, list[str]] = {}
        for one in self._all.values():
            for whole in one.part_of:
                self._children.setdefault(whole, []).append(one.name)
            for term in one.terms:
                self._by_term.setdefault(_plain(term), one.name)
                words = _words(term)
                same = self._by_words.setdefault(words, one.name) == one.name
                if not same:
                    self._by_words[words] = None  # two structures: words alone do not tell

    def __getitem__(self, name: str) -> Structure:
        try:
            return self._all[name]
        except KeyError as error:
            near = [one.display for one in self.suggest(name)]
            raise NotFoundError(
                f"No structure {name!r}", expected=f"such as {', '.join(near)}" if near else None
            ) from error

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def find(self, term: str) -> Structure | None:
        """Look up a name, an English term or a synonym.

        Parameters
        ----------
        term : str
            Case, hyphens, articles and the order of the words do not count; 'rt' is right.
            Hostile text is only compared.

        Returns
        -------
        Structure or None
            None where it is not known; see `suggest`.
        """
        found = self._by_term.get(_plain(term)) or self._by_words.get(_words(term))
        if found is None:
            # 'nodules of the right kidneys': the last word in the singular
            found = self._by_words.get(_words(re.sub(r"s\s*$", "", term.rstrip())))
        return self._all[found] if found else None

    def suggest(self, term: str, most: int = 5) -> list[Structure]:
        """Structures with terms that look like this one, most like first.

        Parameters
        ----------
        term : str
        most : int
        """
        wanted = _plain(term)[:100]
        near = difflib.get_close_matches(wanted, self._by_term, n=4 * most, cutoff=0.6)
        names = dict.fromkeys(self._by_term[one] for one in near)
        return [self._all[name] for name in names][:most]

    def children(self, name: str) -> list[str]:
        """The parts that make it up, one step down; without regions, which have no mask."""
        found = self._children.get(self[name].name, [])
        return [one for one in found if self._all[one].kind != "region"]

    def parts(self, name: str) -> list[str]:
        """The smallest parts that make it up: of the right lung its three lobes.

        Raises
        ------
        NotFoundError
        """
        leaves: dict[str, None] = {}
        waiting = [self[name].name]
        while waiting:
            one = waiting.pop(0)
            below = self.children(one)
            waiting = below + waiting
            if not below:
                leaves[one] = None
        return list(leaves)

    def parents(self, name: str) -> list[str]:
        """Every structure that it is part of or lies within, nearest first.

        Raises
        ------
        NotFoundError
        """
        above: dict[str, None] = {}
        waiting = [*self[name].part_of, *self[name].within]
        while waiting:
            one = waiting.pop(0)
            if one not in above:
                above[one] = None
                waiting += [*self._all[one].part_of, *self._all[one].within]
        return list(above)

    def side(self, name: str) -> Side | None:
        """'left', 'right', or None where it is on neither side or on both."""
        return self[name].side

    def code(self, name: str) -> str | None:
        """``SCHEME:value``, or None where none is known."""
        return self[name].code

    def of_code(self, code: str, side: str | None = None) -> list[Structure]:
        """Structures with a code, on a side (None: those that have no side).

        Parameters
        ----------
        code : str
            ``SCHEME:value``.
        side : {'left', 'right'} or None
        """
        return [one for one in self._all.values() if one.code == code and one.side == side]

    def extended(self, terms: Mapping[str, str]) -> Anatomy:
        """The same with more terms, in any language.

        Parameters
        ----------
        terms : mapping
            Term to the name of its structure.

        Raises
        ------
        NotFoundError
            There is no such structure.
        """
        added: dict[str, list[str]] = {}
        for term, name in terms.items():
            added.setdefault(self[name].name, []).append(term)
        return Anatomy(
            Structure(**{**vars(one), "synonyms": (*one.synonyms, *added.get(one.name, ()))})
            for one in self._all.values()
        )


@lru_cache(maxsize=1)
def anatomy() -> Anatomy:
    """Our ontology: TotalSegmentator's classes, the groups above and the regions between them."""
    with _DATA.open(encoding="utf-8", newline="") as file:
        return Anatomy([_structure(row) for row in csv.DictReader(file)])


def _structure(row: dict[str, str]) -> Structure:
    lists = {
        name: tuple(row[name].split("|")) if row[name] else ()
        for name in ("part_of", "within", "synonyms")
    }
    plain = {"name": row["name"], "display": row["display"], "kind": row["kind"]}
    return Structure(**plain, code=row["code"] or None, side=row["side"] or None, **lists)  # type: ignore[arg-type]


def _plain(term: str) -> str:
    """Words in their order, without articles; the same for all spellings of one term."""
    words = _WORD.findall(unicodedata.normalize("NFKC", term).casefold())
    kept = [_SIDES.get(word, word) for word in words if word not in ("the", "a", "an")]
    return " ".join(kept)


def _words(term: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in _plain(term).split() if word not in _IDLE))
