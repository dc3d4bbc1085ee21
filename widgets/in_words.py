"""What an address says to a person, in a few words."""

from __future__ import annotations

from typing import Any

from explorer.address import Address
from graphs.findings import written
from widgets.link_index import LinkIndex

_LONGEST = 90


def in_words(index: LinkIndex, address: str) -> tuple[str, str]:
    """Kind and words of an address.

    Parameters
    ----------
    index : LinkIndex
    address : str

    Returns
    -------
    kind : str
        'finding', 'words', 'place', 'outline', 'measurement', ...
    text : str
        Hostile, at most 90 letters.
    """
    one = Address.parse(address)
    if one.key != index.patient.key:
        return "another patient", address
    kind, text = _told(index, one, str(one))
    text = " ".join(text.split())
    return kind, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def counted(index: LinkIndex, addresses: list[str]) -> str:
    """How much of each kind is among addresses: '2 findings, 1 outline, 9 measurements'."""
    counts: dict[str, int] = {}
    for one in addresses:
        kind, _ = in_words(index, one)
        counts[kind] = counts.get(kind, 0) + 1
    return ", ".join(f"{n} {_PLURALS.get(kind, kind + 's') if n > 1 else kind}"
                     for kind, n in counts.items())  # fmt: skip


_PLURALS = {"words": "places in the text", "study": "studies", "structure": "structures"}


def _told(index: LinkIndex, one: Address, text: str) -> tuple[str, str]:
    patient, fragment = index.patient, one.fragment
    if one.kind == "reports" and "chars" in fragment:
        span: Any = fragment["chars"]
        start, end = span
        report = patient.reports.get(one.item)
        words = report.text[start:end] if report is not None else ""
        if fragment.get("node") == "measurement":
            return "number", words
        return "words", f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}"
    if one.kind == "findings" and one.item in index.findings:
        found = index.findings[one.item]
        sizes = [written(value) for value in found.measurements]
        parts = [found.entity, found.assertion, found.laterality, *sizes]
        return "finding", ", ".join(part for part in parts if part)
    if one.kind == "groundings" and one.item in index.groundings:
        place = index.groundings[one.item]
        how = f" by {place.method}" if place.method else ""
        score = "" if place.score is None else f", score {place.score:.2f}"
        return "grounding", f"{place.status}{how}{score}"
    if one.kind in ("segmentations", "images"):
        return _item(index, one)
    about = index.graph.nodes.get(text)
    if about is None:
        return one.kind, one.item
    return _node(about)


def _item(index: LinkIndex, one: Address) -> tuple[str, str]:
    fragment = one.fragment
    if one.kind == "segmentations":
        return "outline", str(fragment.get("label") or one.item)
    image = index.patient.images.get(one.item)
    name = one.item if image is None else f"{image.modality} {image.acquired or ''}".strip()
    for part in ("voxel", "point", "box"):
        if part in fragment:
            at = str(one.at()).partition(f"{part}=")[2]
            return "place", f"{part} {at} of {name}"
    title = "" if image is None or not image.name else f", {image.name}"
    return "image", f"{name}{title}"


def _node(about: dict[str, Any]) -> tuple[str, str]:
    kind = {"anatomy": "structure", "treatment": "treatment"}.get(about["kind"], about["kind"])
    said = about["name"] or ""
    value = about.get("value")
    if about.get("number") is not None:
        value = f"{about['number']:.4g} {about.get('unit') or ''}"
    if value is not None:
        said = f"{said}: {value}"
    elif kind == "fact":
        said = f"{said}: {about.get('state') or 'unknown'}"
    when = about.get("date")
    if when is None and about.get("day") is not None:
        when = f"day {about['day']}"
    return kind, f"{said}, {when}" if when and kind != "measurement" else str(said)
