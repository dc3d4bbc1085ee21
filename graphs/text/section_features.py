"""section_features: what the wording and the place of a sentence say about its section."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+|\?")  # noqa: RUF001
_ITEM = re.compile(r"\(?\d{1,2}[.)]\s")
# What a report goes through once in its findings; a second time it is summing up.
_TOPICS = {
    "heart": "heart cardiac cardiomediastinal cardiomegaly silhouette mediastinum mediastinal",
    "lung": "lung lungs airspace consolidation infiltrate infiltrates opacity opacities pneumonia",
    "pleura": "effusion effusions pleural",
    "air": "pneumothorax pneumothoraces",
    "bone": "bony osseous spine thoracic degenerative skeletal bones",
}
_TOPIC = {word: topic for topic, words in _TOPICS.items() for word in words.split()}


def words(text: str) -> list[str]:
    """Words in small letters; every number is '0'."""
    return ["0" if one.isdigit() else one for one in _WORD.findall(text.lower())]


def section_features(sentences: Sequence[str]) -> list[set[str]]:
    """Describe the sentences of one report.

    Parameters
    ----------
    sentences : sequence of str
        All of them, in their order.

    Returns
    -------
    list of set of str
        Words and pairs of words; where in the report the sentence stands ('#at0' to '#at3',
        '#first', '#last'); its length; whether it is an item of a list; and what of it was said
        before ('#old1_0': one topic that was there already, none that is new).
    """
    found: list[set[str]] = []
    topics: set[str] = set()
    before: set[str] = set()
    for index, sentence in enumerate(sentences):
        said = words(sentence)
        own = {_TOPIC[word] for word in said if word in _TOPIC}
        long = {word for word in said if len(word) > 4}
        features = {*said, *(f"{a} {b}" for a, b in itertools.pairwise(said))}
        features |= {f"#re_{topic}" for topic in own & topics}
        features |= {
            f"#len{min(8, (len(said) + 1) // 2)}",
            f"#at{4 * index // len(sentences)}",
            f"#old{len(own & topics)}_{len(own - topics)}",
            f"#seen{min(4, len(topics))}",
            f"#rep{4 * len(long & before) // len(long)}" if long else "#rep-",
        }
        if said:
            features.add(f"^{said[0]}")
        if _ITEM.match(sentence):
            features.add("#item")
        if index == 0:
            features.add("#first")
        if index == len(sentences) - 1:
            features.add("#last")
        topics |= own
        before |= long
        found.append(features)
    return found
