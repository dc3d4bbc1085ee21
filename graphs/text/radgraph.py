"""RadgraphExtractor: findings by a local model of RadGraph's labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.errors import ModelFolderError
from graphs.finding import Assertion, Finding, Laterality, Relation
from graphs.model_folder import chosen_device, model_folder, offline
from graphs.producer import Producer
from graphs.text.section import Section
from graphs.text.sections import sections
from graphs.text.sentence import Sentence
from graphs.text.sentences import sentences

VERSION = "1"
HEAD = "relation_head.safetensors"
RELATIONS = ("located_at", "modify", "suggestive_of")
_LABELS: dict[str, Assertion | None] = {
    "OBS-DP": "present",
    "OBS-DA": "absent",
    "OBS-U": "uncertain",
    "ANAT-DP": None,
    "Observation::definitely present": "present",
    "Observation::definitely absent": "absent",
    "Observation::uncertain": "uncertain",
    "Anatomy::definitely present": None,
}
_SIDE = re.compile(r"\b(left|right|bilateral\w*|both)\b", re.I)


@dataclass(frozen=True)
class _Entity:
    """A stretch of tokens of one label."""

    start: int
    end: int
    label: str
    score: float
    vector: Any


class RadgraphExtractor:
    """Reads reports with a token classifier of RadGraph's labels, and a head for relations.

    RadGraph itself is published in a form of its own (DyGIE++); this reads a folder of
    transformers' form: ``config.json`` whose ``id2label`` holds O and B- and I- of RadGraph's or
    RadGraph-XL's labels, ``tokenizer.json``, ``model.safetensors``, and, where relations are
    wanted, ``relation_head.safetensors`` with ``weight`` (4, 2 x hidden) and ``bias`` (4): none,
    located_at, modify, suggestive_of, from the mean last hidden states of two entities of one
    sentence. What the findings are worth depends on the weights, which are not part of oncograph.
    RadGraph's own output is read by `graphs.formats.radgraph`.

    Parameters
    ----------
    folder : path
    device : str
        'auto', 'cpu', 'cuda', ...
    relations : bool
        False: the head need not be there.

    Attributes
    ----------
    producer : Producer
        With the sha256 of the weights.

    Raises
    ------
    ModelFolderError
        A file is missing, or the labels are others; the message names it.
    """

    def __init__(self, folder: str | Path, *, device: str = "auto", relations: bool = True) -> None:
        more = ("tokenizer.json", HEAD) if relations else ("tokenizer.json",)
        self._place = model_folder(folder, more)
        self._labels = _labels(self._place.config, str(folder))
        self._device = chosen_device(device)
        self._relations = relations
        self._loaded: tuple[Any, Any, Any] | None = None
        self.producer = Producer(
            "radgraph",
            VERSION,
            self._place.sha256,
            {"relations": relations, "head": self._head_sha256() if relations else None},
        )

    def extract(self, text: str, *, language: str | None = None) -> list[Finding]:
        """Find the observations of a report.

        Parameters
        ----------
        text : str
        language : str or None
            Not used: the model reads what it was trained on.

        Returns
        -------
        list of Finding
            One an observation, in the order of the text; what it is located at is its location.
        """
        parts = sections(text)
        found: list[Finding] = []
        for sentence, entities, pairs in self._read(text, sentences(text, parts)):
            found += _findings(text, parts, sentence, entities, pairs, len(found))
        return found

    def _read(
        self, text: str, said: Sequence[Sentence]
    ) -> Iterator[tuple[Sentence, list[_Entity], list[tuple[int, str, int]]]]:
        """Entities of each sentence, and relations between them by position."""
        import torch

        tokenizer, model, head = self._load()
        longest = int(self._place.config.get("max_position_embeddings", 512)) - 2
        for sentence in said:
            coded = tokenizer(
                sentence.of(text),
                return_offsets_mapping=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            places = coded.pop("offset_mapping")[0].tolist()
            coded = {name: value.to(self._device) for name, value in coded.items()}
            with torch.inference_mode():
                out = model(**coded, output_hidden_states=True)
            chances = out.logits[0].float().softmax(-1).cpu()
            hidden = out.hidden_states[-1][0].float().cpu()
            entities = self._entities(sentence, places, chances, hidden)
            yield sentence, entities, _pairs(entities, head)

    def _entities(
        self, sentence: Sentence, places: list[list[int]], chances: Any, hidden: Any
    ) -> list[_Entity]:
        found: list[_Entity] = []
        begin = 0
        scores, ids = chances.max(-1)
        for index, (start, end) in enumerate(places):
            name = self._labels.get(int(ids[index]))
            if end <= start or name is None:
                continue
            last = found[-1] if found else None
            goes_on = (
                last is not None
                and name[0] == "I"
                and last.label == name[2:]
                and sentence.start + start - last.end <= 1
            )
            if last is not None and goes_on:
                score = min(last.score, float(scores[index]))
                vector = hidden[begin : index + 1].mean(0)
                found[-1] = _Entity(last.start, sentence.start + end, last.label, score, vector)
            else:
                begin = index
                place = (sentence.start + start, sentence.start + end)
                found.append(_Entity(*place, name[2:], float(scores[index]), hidden[index]))
        return found

    def _load(self) -> tuple[Any, Any, Any]:
        if self._loaded is None:
            offline()
            from safetensors.torch import load_file
            from transformers import AutoModelForTokenClassification, AutoTokenizer

            kept = {"local_files_only": True, "trust_remote_code": False}
            folder = self._place.folder
            tokenizer = AutoTokenizer.from_pretrained(str(folder), **kept)
            model: Any = AutoModelForTokenClassification.from_pretrained(
                str(folder), use_safetensors=True, **kept
            )
            head = load_file(folder / HEAD) if self._relations else None
            if head is not None:
                _check_head(head, int(model.config.hidden_size), str(folder))
            self._loaded = tokenizer, model.to(self._device).eval(), head
        return self._loaded

    def _head_sha256(self) -> str:
        import hashlib

        with (self._place.folder / HEAD).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _labels(config: dict[str, Any], where: str) -> dict[int, str]:
    """Labels by number, without O."""
    raw = config.get("id2label")
    found = {}
    for number, label in raw.items() if isinstance(raw, dict) else ():
        name = str(label)
        if name == "O":
            continue
        if name[:2] not in ("B-", "I-") or name[2:] not in _LABELS:
            raise ModelFolderError(
                f"The model has the label {name!r:.80}",
                expected=f"O, and B- and I- of {', '.join(_LABELS)}",
                where=where,
            )
        found[int(number)] = name
    if not found:
        raise ModelFolderError("config.json has no id2label", where=where)
    return found


def _check_head(head: dict[str, Any], hidden: int, where: str) -> None:
    wanted = {"weight": (len(RELATIONS) + 1, 2 * hidden), "bias": (len(RELATIONS) + 1,)}
    for name, shape in wanted.items():
        if name not in head or tuple(head[name].shape) != shape:
            raise ModelFolderError(f"{HEAD} has no {name} of the shape {shape}", where=where)


def _pairs(entities: Sequence[_Entity], head: dict[str, Any] | None) -> list[tuple[int, str, int]]:
    if head is None:
        return []
    import torch

    weight, bias = head["weight"].float(), head["bias"].float()
    found = []
    for i, one in enumerate(entities):
        for j, other in enumerate(entities):
            if i == j:
                continue
            kind = int((weight @ torch.cat([one.vector, other.vector]) + bias).argmax())
            if kind:
                found.append((i, RELATIONS[kind - 1], j))
    return found


def _findings(
    text: str,
    parts: Sequence[Section],
    sentence: Sentence,
    entities: Sequence[_Entity],
    pairs: Sequence[tuple[int, str, int]],
    before: int,
) -> list[Finding]:
    """The observations of a sentence; anatomy becomes their location."""
    section = next(p.name for p in parts if p.start <= sentence.start < p.end)
    place: dict[int, int] = {}
    for index, entity in enumerate(entities):
        if _LABELS[entity.label] is not None:
            place[index] = before + len(place)
    found = []
    for index in place:
        entity = entities[index]
        at = next((j for i, kind, j in pairs if (i, kind) == (index, "located_at")
                   and j not in place), None)  # fmt: skip
        site = entities[at] if at is not None else None
        relations = [
            Relation(kind, str(place[j])) for i, kind, j in pairs if i == index and j in place
        ]
        detail: dict[str, Any] = {"score": round(entity.score, 6)}
        if site is not None:
            detail["location"] = [site.start, site.end]
        found.append(
            Finding(
                entity.start,
                entity.end,
                text[entity.start : entity.end],
                " ".join(text[entity.start : entity.end].lower().split()),
                assertion=_LABELS[entity.label] or "present",
                laterality=_side(text, entity, site),
                location=text[site.start : site.end] if site else None,
                relations=tuple(relations),
                section=section,
                sentence=sentence.index,
                sentence_start=sentence.start,
                sentence_end=sentence.end,
                detail=detail,
            )
        )
    return found


def _side(text: str, entity: _Entity, site: _Entity | None) -> Laterality | None:
    for one in (entity, site):
        match = _SIDE.search(text, one.start, one.end) if one else None
        if match:
            word = match[1].lower()
            return "left" if word == "left" else "right" if word == "right" else "bilateral"
    return None
