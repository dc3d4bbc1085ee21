"""The content tree of a structured report (DICOM PS3.3 C.17.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset

from explorer.draft import Code
from explorer.errors import FileRefusedError
from explorer.readers.dicom_values import integer, items, number, numbers, text, value
from explorer.readers.seg_segments import read_code

TAGS = (
    "ValueType",
    "ConceptNameCodeSequence",
    "ContentTemplateSequence",
    "ContentSequence",
    "CompletionFlag",
    "VerificationFlag",
    "PreliminaryFlag",
)
_DEEPEST, _MOST = 32, 100_000
_TEXT = 1 << 20  # characters of one text
_POINTS = 200_000  # numbers of one outline
_UID = 64


@dataclass(frozen=True)
class Reference:
    """Another object that a content item names, or a part of it."""

    sop_class: str
    sop: str
    frames: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()


@dataclass
class Node:
    """One content item.

    Attributes
    ----------
    relation, kind : str
        RelationshipType and ValueType.
    name : Code or None
        Its concept.
    text : str
        Of TEXT, UIDREF, DATE, TIME, DATETIME, PNAME; the value as it is written of NUM.
    code : Code or None
        Of CODE; of NUM without a value, why there is none.
    number : float or None
        Of NUM.
    unit : Code or None
    reference : Reference or None
        Of IMAGE, COMPOSITE, WAVEFORM.
    graphic : str
        GraphicType of SCOORD and SCOORD3D.
    points : list of tuple of float
        ``(column, row)`` from the top left corner of the first pixel, or ``(x, y, z)`` mm LPS.
    frame_of_reference : str or None
        Of SCOORD3D.
    children : list of Node
    """

    relation: str = ""
    kind: str = ""
    name: Code | None = None
    text: str = ""
    code: Code | None = None
    number: float | None = None
    unit: Code | None = None
    reference: Reference | None = None
    graphic: str = ""
    points: list[tuple[float, ...]] = field(default_factory=list)
    frame_of_reference: str | None = None
    template: str | None = None
    children: list[Node] = field(default_factory=list)

    def is_a(self, *values: str) -> bool:
        """Whether its concept has one of these code values, of any scheme."""
        return self.name is not None and self.name.value in values

    def first(self, *values: str) -> Node | None:
        """The first child with one of these concepts."""
        return next((child for child in self.children if child.is_a(*values)), None)

    def walk(self) -> Iterator[Node]:
        """Itself and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_tree(dataset: Dataset) -> Node:
    """Read a report that was parsed with `TAGS`.

    Raises
    ------
    FileRefusedError
        It has more content items than any real one, or they are nested deeper, or none.
    """
    left = [_MOST]
    root = _node(dataset, 0, left)
    if not root.children:
        raise FileRefusedError("The structured report has no content")
    return root


def _node(item: Dataset, depth: int, left: list[int]) -> Node:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise FileRefusedError(
            "The content of the structured report is larger than any real one",
            expected=f"at most {_MOST} items, nested {_DEEPEST} deep",
        )
    node = Node(
        relation=text(item, "RelationshipType", 32) or "",
        kind=text(item, "ValueType", 16) or "",
        name=read_code(item, "ConceptNameCodeSequence"),
    )
    _VALUES.get(node.kind, _nothing)(node, item)
    templates = items(item, "ContentTemplateSequence")
    node.template = text(templates[0], "TemplateIdentifier", 16) if templates else None
    node.children = [_node(child, depth + 1, left) for child in items(item, "ContentSequence")]
    return node


def _nothing(node: Node, item: Dataset) -> None:
    return


def _text(node: Node, item: Dataset) -> None:
    found = value(item, "TextValue")
    lines = str(found if found is not None else "")[:_TEXT].splitlines()
    # a report's text has lines; what else cannot be printed has no place in one
    node.text = "\n".join("".join(c for c in one if c.isprintable()) for one in lines).strip()


def _plain(tag: str) -> Any:
    def read(node: Node, item: Dataset) -> None:
        node.text = text(item, tag) or ""

    return read


def _code(node: Node, item: Dataset) -> None:
    node.code = read_code(item, "ConceptCodeSequence")


def _num(node: Node, item: Dataset) -> None:
    node.code = read_code(item, "NumericValueQualifierCodeSequence")
    for measured in items(item, "MeasuredValueSequence")[:1]:
        node.text = text(measured, "NumericValue", 32) or ""
        exact = number(measured, "FloatingPointValue")
        node.number = exact if exact is not None else number(measured, "NumericValue")
        node.unit = read_code(measured, "MeasurementUnitsCodeSequence")


def _reference(node: Node, item: Dataset) -> None:
    for one in items(item, "ReferencedSOPSequence")[:1]:
        node.reference = Reference(
            text(one, "ReferencedSOPClassUID", _UID) or "",
            text(one, "ReferencedSOPInstanceUID", _UID) or "",
            tuple(int(n) for n in numbers(one, "ReferencedFrameNumber")),
            tuple(int(n) for n in numbers(one, "ReferencedSegmentNumber")),
        )


def _graphic(size: int) -> Any:
    def read(node: Node, item: Dataset) -> None:
        node.graphic = text(item, "GraphicType", 16) or ""
        flat = value(item, "GraphicData")
        try:
            found = [float(one) for one in flat][:_POINTS] if flat is not None else []
        except (TypeError, ValueError):
            found = []
        if len(found) % size or not all(abs(one) < 1e9 for one in found):
            found = []
        node.points = [tuple(found[k : k + size]) for k in range(0, len(found), size)]
        node.frame_of_reference = text(item, "ReferencedFrameOfReferenceUID", _UID)

    return read


_VALUES = {
    "TEXT": _text,
    "UIDREF": _plain("UID"),
    "DATE": _plain("Date"),
    "TIME": _plain("Time"),
    "DATETIME": _plain("DateTime"),
    "PNAME": _plain("PersonName"),
    "CODE": _code,
    "NUM": _num,
    "IMAGE": _reference,
    "COMPOSITE": _reference,
    "WAVEFORM": _reference,
    "SCOORD": _graphic(2),
    "SCOORD3D": _graphic(3),
}


def flags(dataset: Dataset) -> dict[str, Any]:
    """Whether the report is complete and verified, as it says itself."""
    found = {
        "completion": text(dataset, "CompletionFlag", 16),
        "verification": text(dataset, "VerificationFlag", 16),
        "preliminary": text(dataset, "PreliminaryFlag", 16),
        "instance_number": integer(dataset, "InstanceNumber"),
    }
    return {name: one for name, one in found.items() if one is not None}
