"""Made-up patients whose findings change from visit to visit by a script, with the truth."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

_LOBES = (
    "right upper lobe", "right middle lobe", "right lower lobe", "left upper lobe",
    "left lower lobe",
)  # fmt: skip
_NODULE = ("nodule", "pulmonary nodule", "nodular opacity")
_NODE = ("lymph node", "node")
_NODES_AT = ("right hilar", "left hilar", "subcarinal", "right paratracheal")
_EFFUSION = ("pleural effusion", "effusion")
_NEGATIVE = (
    "No pneumothorax.", "The heart is normal in size.", "No focal consolidation.",
    "The visualized bones are unremarkable.", "No pericardial effusion.",
)  # fmt: skip


@dataclass(frozen=True)
class ScriptedVisit:
    """One visit.

    Attributes
    ----------
    date : str
    text : str
        Begins with the word SYNTHETIC.
    mentions : tuple of (str, int, int)
        What each place of the text speaks of: the lesion's name in the script, half-open code
        points.
    """

    date: str
    text: str
    mentions: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class _Lesion:
    name: str
    kind: str
    place: str
    nouns: tuple[str, ...]
    sizes: tuple[float | None, ...]


def scripted_course(seed: int, visits: int | None = None) -> list[ScriptedVisit]:
    """Write the reports of one made-up patient.

    Two to five lesions (nodules in lobes, at times two in one; lymph nodes; an effusion) grow,
    shrink, stay, appear and resolve over three to six visits. Words change from visit to visit;
    sizes are in mm or cm; earlier sizes are quoted at times; the impression repeats some.

    Parameters
    ----------
    seed : int
        The same seed gives the same patient.
    visits : int, optional
        3 to 6 by the seed.

    Returns
    -------
    list of ScriptedVisit
    """
    chance = random.Random(f"course {seed}")
    count = visits or chance.randint(3, 6)
    lesions = _lesions(chance, count)
    day = date(2020, 1, 1) + timedelta(days=chance.randint(0, 300))
    made = []
    for n in range(count):
        made.append(_visit(chance, day.isoformat(), lesions, n))
        day += timedelta(days=chance.randint(40, 130))
    return made


def _lesions(chance: random.Random, count: int) -> list[_Lesion]:
    found = []
    lobes = chance.sample(_LOBES, k=chance.randint(1, 3))
    if chance.random() < 0.3:
        lobes.append(lobes[0])
    for n, lobe in enumerate(lobes):
        first = chance.uniform(6, 12) if n < len(set(lobes)) else chance.uniform(22, 30)
        found.append(_Lesion(f"nodule {n}", "nodule", lobe, _NODULE, _course(chance, count, first)))
    for n, place in enumerate(chance.sample(_NODES_AT, k=chance.randint(0, 2))):
        sizes = _course(chance, count, chance.uniform(10, 22))
        found.append(_Lesion(f"node {n}", "node", place, _NODE, sizes))
    if chance.random() < 0.5:
        side = chance.choice(("left", "right"))
        there = _there(chance, count)
        sizes = tuple(1.0 if one else None for one in there)
        found.append(_Lesion("effusion", "effusion", side, _EFFUSION, sizes))
    return found


def _there(chance: random.Random, count: int) -> list[bool]:
    """First visit to last: from the start or later, to the end or not."""
    start = chance.choice([0, 0, 0, 1])
    end = chance.choice([count, count, count, count - 1])
    return [start <= n < end for n in range(count)]


def _course(chance: random.Random, count: int, size: float) -> tuple[float | None, ...]:
    rate = chance.choice([0.82, 0.9, 1.0, 1.0, 1.12, 1.25])
    sizes: list[float | None] = []
    for there in _there(chance, count):
        sizes.append(round(size) * 1.0 if there else None)
        size = size * rate if there else size
    return tuple(sizes)


def _visit(chance: random.Random, when: str, lesions: list[_Lesion], n: int) -> ScriptedVisit:
    text = "SYNTHETIC REPORT\n\nFINDINGS: "
    mentions: list[tuple[str, int, int]] = []
    told = [one for one in lesions if one.sizes[n] is not None]
    gone = [one for one in lesions if n and one.sizes[n] is None and one.sizes[n - 1] is not None]
    sentences: list[tuple[str, str, _Lesion | None]] = []
    for one in told:
        sentences.append((*_sentence(chance, one, n), one))
    for one in gone:
        sentences.append((*_end(chance, one), one))
    sentences += [(words, "", None) for words in chance.sample(_NEGATIVE, k=2)]
    chance.shuffle(sentences)
    for words, noun, of in sentences:
        text = _add(text, words, noun, of, mentions)
    text += "\n\nIMPRESSION: "
    again = [one for one in told if chance.random() < 0.5]
    for lesion in again:
        noun = chance.choice(lesion.nouns)
        twins = [t for t in told if (t.kind, t.place) == (lesion.kind, lesion.place)]
        # of two in one place only the size tells which is meant
        size = f" of {lesion.sizes[n]:.0f} mm" if len(twins) > 1 else ""
        words = f"{_where(lesion, noun).capitalize()}{size}."
        text = _add(text, words, noun, lesion, mentions)
    if not again:
        text += "See above."
    return ScriptedVisit(when, text, tuple(mentions))


def _add(
    text: str, words: str, noun: str, lesion: _Lesion | None, mentions: list[tuple[str, int, int]]
) -> str:
    text += "" if text.endswith(": ") else " "
    if lesion is not None:
        start = len(text) + words.lower().index(noun)
        mentions.append((lesion.name, start, start + len(noun)))
    return text + words


def _where(lesion: _Lesion, noun: str) -> str:
    if lesion.kind == "nodule":
        return f"{noun} in the {lesion.place}"
    return f"{lesion.place} {noun}"


def _length(chance: random.Random, size: float) -> str:
    return f"{size:.0f} mm" if chance.random() < 0.6 else f"{size / 10:.1f} cm"


def _sentence(chance: random.Random, lesion: _Lesion, n: int) -> tuple[str, str]:
    noun, size = chance.choice(lesion.nouns), lesion.sizes[n]
    before = lesion.sizes[n - 1] if n else None
    if lesion.kind == "effusion":
        word = chance.choice(("Small", "Moderate")) if before is None else "Unchanged small"
        return f"{word} {_where(lesion, noun)}.", noun
    written = _length(chance, size or 0.0)
    if before is None:
        word = "New " if n else "There is a "
        return f"{word}{written} {_where(lesion, noun)}.", noun
    change = "stable" if size == before else "increased" if (size or 0) > before else "decreased"
    quote = f", previously {before:.0f} mm" if chance.random() < 0.5 else ""
    if chance.random() < 0.5:
        return f"{_where(lesion, noun).capitalize()} measures {written}, {change}{quote}.", noun
    return f"A {written} {_where(lesion, noun)} is {change}{quote}.", noun


def _end(chance: random.Random, lesion: _Lesion) -> tuple[str, str]:
    noun = chance.choice(lesion.nouns)
    return f"The {_where(lesion, noun)} has resolved.", noun
