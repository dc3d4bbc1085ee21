"""sections: the parts of a report, with headers or without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from graphs.text.headers import Header, headers
from graphs.text.section import Section
from graphs.text.section_model import SectionModel
from graphs.text.section_names import SectionNames
from graphs.text.sentence import Sentence
from graphs.text.sentences import sentences

# Which of the model's labels a name stands for; a part under any other header is left as it is.
_KIND = {
    "indication": "indication",
    "history": "indication",
    "technique": "technique",
    "comparison": "comparison",
    "findings": "findings",
    "impression": "impression",
    "conclusion": "impression",
}
_KINDS = frozenset(_KIND.values())
_OTHER = {"specimen", "gross description", "microscopic description", "final diagnosis"}
_LEAST = 0.25  # mean probability of a section; chosen on half 0 of Open-i, where it costs nothing
_TITLE = re.compile(
    r"\b(?:CTA?|MRI?|PET|x-?rays?|radiographs?|radiography|mammogra\w+|ultrasound|sonogra\w+"
    r"|tomosynthesis|scintigraphy|biopsy|scan|pathology)\b",
    re.I,
)
_NO_TITLE = re.compile(
    r"[.?!]\s*$|\b(?:dated?|from|compar\w+|prior|previous\w*|on|no|none)\b", re.I
)


def sections(text: str, *, names: SectionNames | None = None, infer: bool = True) -> list[Section]:
    r"""Divide a report into its sections.

    Headers are found first (`graphs.text.headers`). Where one is missing, a linear model over
    words, place and what was said before tells the section of each sentence, and a section that
    has a header of its own is never found elsewhere. The model was trained on English chest X-ray
    reports; text of which it knows fewer than half of the words stays 'unknown', or under the
    header above it.

    Parameters
    ----------
    text : str
        Hostile; of any length and script.
    names : SectionNames, optional
        The headers to look for; ``SectionNames.read(my_file)`` adds one's own to the package's.
    infer : bool
        False: headers alone.

    Returns
    -------
    list of Section
        In the order of the text, without gap or overlap: the first starts at 0 and the last ends
        at ``len(text)``. Empty for an empty text.

    Examples
    --------
    >>> [one.name for one in sections("FINDINGS: A nodule.\nIMPRESSION: Cancer.")]
    ['findings', 'impression']
    """
    if not text:
        return []
    found = headers(text, names or SectionNames.read())
    blocks = [Section(h.name, h.start, 0, h.end, h.text) for h in found]
    if not found or text[: found[0].start].strip():
        blocks.insert(0, Section("unknown", 0, 0, 0, None, 0.0))
    starts = [0, *(one.start for one in blocks[1:]), len(text)]
    blocks = [
        Section(one.name, starts[i], starts[i + 1], one.body_start, one.header, one.score)
        for i, one in enumerate(blocks)
    ]
    blocks = _titled(text, blocks)
    return _inferred(text, blocks, found) if infer else blocks


def _titled(text: str, blocks: list[Section]) -> list[Section]:
    """A first line without a header that says which examination it was."""
    first = blocks[0]
    if first.header is not None:
        return blocks
    begin = len(text) - len(text.lstrip())
    end = text.find("\n", begin, first.end)
    if end < 0 and len(blocks) > 1:
        end = first.end
    line = text[begin:end]
    if end < 0 or len(line) > 100 or line.rstrip().endswith((".", "?", "!")):
        return blocks
    if not _TITLE.search(line) or _NO_TITLE.search(line):
        return blocks
    title = Section("examination", 0, end, 0, None, 0.5)
    rest = Section("unknown", end, first.end, end, None, 0.0)
    if not text[end : first.end].strip():
        return [Section("examination", 0, first.end, 0, None, 0.5), *blocks[1:]]
    return [title, rest, *blocks[1:]]


def _inferred(text: str, blocks: list[Section], found: Sequence[Header]) -> list[Section]:
    """The blocks, cut where a section without a header begins."""
    headed = {_KIND.get(one.name) for one in found}
    absent = _KINDS - headed
    parts = [one for one in blocks if one.name in _KIND or one.name == "unknown"]
    if not absent - {"technique"} or not parts or _OTHER & {one.name for one in found}:
        return blocks
    stated = sentences(text, parts)
    said = [one.of(text) for one in stated]
    model = SectionModel.read()
    if not stated or not model.knows(said):
        return blocks
    home = _homes(stated, parts)
    allowed = []
    for index, block in enumerate(home):
        kind = _KIND.get(block.name)
        begins = index == 0 or home[index - 1] is not block
        missing = absent if model.of_technique(said[index]) else absent - {"technique"}
        if kind is None:
            allowed.append(frozenset(missing or absent))
        else:
            allowed.append(frozenset({kind} if begins else {kind, *missing}))
    told = model.tell(said, allowed)
    out: list[Section] = []
    for block in blocks:
        inside = [i for i, one in enumerate(home) if one is block]
        cut = _cut(block, [(stated[i], *told[i]) for i in inside])
        out += cut
    return out


def _homes(stated: Sequence[Sentence], parts: Sequence[Section]) -> list[Section]:
    home, at = [], 0
    for one in stated:
        while parts[at].end <= one.start:
            at += 1
        home.append(parts[at])
    return home


def _cut(block: Section, told: Sequence[tuple[Sentence, str, float]]) -> list[Section]:
    """One block as the sections that its sentences belong to."""
    runs: list[tuple[str, int, list[float]]] = []
    for sentence, name, score in told:
        if runs and runs[-1][0] == name:
            runs[-1][2].append(score)
        else:
            runs.append((name, sentence.start, [score]))
    out: list[Section] = []
    for index, (name, start, scores) in enumerate(runs):
        end = runs[index + 1][1] if index + 1 < len(runs) else block.end
        score = sum(scores) / len(scores)
        start = start if index else block.start
        if index == 0 and block.header is not None:
            out.append(Section(block.name, start, end, block.body_start, block.header))
        elif score >= _LEAST:
            out.append(Section(name, start, end, start, None, score))
        elif block.header is not None or (out and out[-1].name == "unknown"):
            out[-1] = replace(out[-1], end=end)  # stays what it was before
        else:
            out.append(Section("unknown", start, end, start, None, 0.0))
    return out or [block]
