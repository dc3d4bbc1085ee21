"""Finding: one statement of a report, with its parts, and where each of them stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from explorer.address import Address
from explorer.item_id import item_id
from graphs.measured_value import MeasuredValue

if TYPE_CHECKING:
    from explorer.patient import Patient

Assertion = Literal["present", "absent", "uncertain", "not_assessed"]
Laterality = Literal["left", "right", "bilateral"]
Change = Literal["new", "stable", "increased", "decreased", "resolved"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Relation:
    """What a finding has to do with another one of the same report.

    Attributes
    ----------
    kind : str
        'modify', 'located_at', 'suggestive_of', 'compared_with', ...
    other : str
        The other finding's id; before the findings have ids, its position among them as text.
    """

    kind: str
    other: str


@dataclass(frozen=True)
class ImageReference:
    """A place in an image as a report names it: 'series 4, image 57'.

    Attributes
    ----------
    series, image : int or None
        As written; whether they count from 0 or 1, and in which direction, is not known.
    uid : str or None
    start, end : int
        Where it stands in the report.
    """

    series: int | None = None
    image: int | None = None
    uid: str | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Finding:
    """A statement about one observation.

    All places are half-open and count Unicode code points of the report's text:
    ``text[start:end]`` is the mention itself.

    Attributes
    ----------
    start, end : int
    text : str
        The mention; hostile.
    entity : str
        The lexicon's name of the observation: 'nodule', 'pleural effusion'.
    code : str or None
        ``SCHEME:value``.
    labels : tuple of str
        Classes of published label sets: 'chexpert:Lung Lesion', 'ct-rate:Lung nodule'.
    assertion : {'present', 'absent', 'uncertain', 'not_assessed'}
    laterality : {'left', 'right', 'bilateral'} or None
        None: not said.
    anatomy : tuple of str
        Names of structures in the ontology's spelling: 'lung_upper_lobe_right'.
    anatomy_codes : tuple of str
    location : str or None
        The lobe, segment or region as the report writes it.
    measurements : tuple of MeasuredValue
    refers : tuple of ImageReference
    change : {'new', 'stable', 'increased', 'decreased', 'resolved'} or None
    relations : tuple of Relation
    section : str or None
        'findings', 'impression', ...
    sentence, sentence_start, sentence_end : int
    item : str
        The report's id; empty before it is known.
    id : str
        Empty before the finding belongs to a patient; see `of`.
    detail : dict
        JSON-able: places of the parts ('laterality': [start, end]), modifiers, scores.
    """

    start: int
    end: int
    text: str
    entity: str
    code: str | None = None
    labels: tuple[str, ...] = ()
    assertion: Assertion = "present"
    laterality: Laterality | None = None
    anatomy: tuple[str, ...] = ()
    anatomy_codes: tuple[str, ...] = ()
    location: str | None = None
    measurements: tuple[MeasuredValue, ...] = ()
    refers: tuple[ImageReference, ...] = ()
    change: Change | None = None
    relations: tuple[Relation, ...] = ()
    section: str | None = None
    sentence: int = 0
    sentence_start: int = 0
    sentence_end: int = 0
    item: str = ""
    id: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def named(self, key: str, item: str) -> str:
        """Its id in a patient's report: the same for the same mention, whoever finds it."""
        return item_id("f", key, item, str(self.start), str(self.end), self.entity)

    def address(self, patient: Patient) -> Address:
        """The mention in the report."""
        report = patient.reports[self.item]
        return report.address.at(chars=(self.start, self.end))

    def row(self) -> Row:
        """As a row of the table ``findings``."""
        return {
            "finding": self.id,
            "item": self.item,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "section": self.section,
            "sentence": self.sentence,
            "sentence_start": self.sentence_start,
            "sentence_end": self.sentence_end,
            "entity": self.entity,
            "code": self.code,
            "labels": list(self.labels),
            "anatomy": list(self.anatomy),
            "anatomy_codes": list(self.anatomy_codes),
            "location": self.location,
            "laterality": self.laterality,
            "assertion": self.assertion,
            "change": self.change,
            "measurements": _json([vars(one) for one in self.measurements]),
            "refers": _json([vars(one) for one in self.refers]),
            "relations": _json([vars(one) for one in self.relations]),
            "detail": _json(self.detail),
        }

    @classmethod
    def of_row(cls, row: Row) -> Finding:
        """Read a row of the table ``findings``."""
        plain = ("start", "end", "text", "entity", "code", "location", "laterality", "assertion")
        places = ("change", "section", "sentence", "sentence_start", "sentence_end", "item")
        values = [
            MeasuredValue(**{**one, "value": tuple(one["value"])})
            for one in json.loads(row["measurements"] or "[]")
        ]
        return cls(
            **{name: row[name] for name in (*plain, *places)},
            id=row["finding"],
            labels=tuple(row["labels"] or ()),
            anatomy=tuple(row["anatomy"] or ()),
            anatomy_codes=tuple(row["anatomy_codes"] or ()),
            measurements=tuple(values),
            refers=tuple(ImageReference(**one) for one in json.loads(row["refers"] or "[]")),
            relations=tuple(Relation(**one) for one in json.loads(row["relations"] or "[]")),
            detail=json.loads(row["detail"] or "{}"),
        )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
