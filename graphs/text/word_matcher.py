"""WordMatcher: finds phrases word by word, in scripts that put spaces between words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphs.text.folded import folded
from graphs.text.term import Term, TermMatch

# a word with the accents that stand as signs of their own
_WORD = re.compile(r"[^\W_][\w\u0300-\u036f]*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")  # the same in ASCII, quicker
# what may stand between the words of a phrase: 'ground-glass', a line's end, never a comma
_JOINT = re.compile(r"[^\S\n]*(?:[-\u00ad\u2010-\u2013/'\u2019]?[^\S\n]*\n?[^\S\n]*)?")
_MOST_KNOWN = 1 << 16


class _Node:
    """A word of a phrase: what it means if the phrase ends here, and what may follow."""

    __slots__ = ("following", "open", "said")

    def __init__(self) -> None:
        self.said: tuple[Term, ...] = ()
        self.following: dict[str, _Node] = {}
        # beginnings of the last word, the longest first
        self.open: list[tuple[str, tuple[Term, ...]]] = []

    def close(self) -> None:
        self.open.sort(key=lambda one: len(one[0]), reverse=True)
        for node in self.following.values():
            node.close()


class WordMatcher:
    """Phrases as a tree of words, the longest found first; a phrase may end in ``*``.

    Parameters
    ----------
    terms : iterable of Term
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        phrases: dict[tuple[tuple[str, ...], bool], list[Term]] = {}
        for term in terms:
            words = tuple(folded(one.group()) for one in _WORD.finditer(term.text))
            if words:
                phrases.setdefault((words, term.text.endswith("*")), []).append(term)
        self._root = _Node()
        for (words, is_open), said in phrases.items():
            node = self._root
            for word in words[:-1] if is_open else words:
                node = node.following.setdefault(word, _Node())
            if is_open:
                node.open.append((words[-1], tuple(said)))
            else:
                node.said = tuple(said)
        self._root.close()
        self._known: dict[str, tuple[str, _Node | None]] = {}

    def find(self, text: str, start: int, end: int) -> list[TermMatch]:
        """The phrases from left to right, the longest at each place, none over another."""
        known = self._known
        pattern = _PLAIN_WORD if text.isascii() else _WORD
        places = list(pattern.finditer(text, start, end))
        nodes = [known.get(one[0]) or self._learn(one[0]) for one in places]
        found: list[TermMatch] = []
        here = 0
        for at, (_, node) in enumerate(nodes):
            if node is None or at < here:
                continue
            if node.following or node.open:
                last, said = _longest(node, nodes, places, at, text)
            else:
                last, said = at, node.said
            if said:
                found.append(TermMatch(places[at].start(), places[last].end(), said))
            here = last + 1
        return found

    def _learn(self, raw: str) -> tuple[str, _Node | None]:
        """The phrases that a word may begin, remembered by the word as it is written."""
        word = folded(raw)
        node = self._root.following.get(word)
        said = next((terms for head, terms in self._root.open if word.startswith(head)), ())
        if said and (node is None or not node.said):
            made = _Node()
            if node:
                made.following, made.open = node.following, node.open
            made.said, node = said, made
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[raw] = (word, node)
        return word, node


def _longest(
    node: _Node,
    words: list[tuple[str, _Node | None]],
    places: list[re.Match[str]],
    here: int,
    text: str,
) -> tuple[int, tuple[Term, ...]]:
    """Where the longest phrase from here ends, and what it means; nothing where none does."""
    best = (here, node.said)
    last, many = here, len(words)
    while last + 1 < many:
        word = words[last + 1][0]
        following = node.following.get(word)
        said = following.said if following else ()
        if not said and node.open:
            said = next((terms for head, terms in node.open if word.startswith(head)), ())
        if following is None and not said:
            break
        first, stop = places[last].end(), places[last + 1].start()
        if stop - first != 1 or text[first] != " ":
            joint = _JOINT.match(text, first, stop)
            if joint is None or joint.end() != stop:
                break
        last += 1
        if said:
            best = (last, said)
        if following is None:
            break
        node = following
    return best
