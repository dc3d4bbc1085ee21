"""Ground a finding in what it names: a target of an import, a box, an outline, a slice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.errors import AddressError
from graphs.grounding.grounding import Alternative, Evidence, Geometry, Grounding, Method, Region
from graphs.grounding.slices import slices
from graphs.producer import Producer
from graphs.segment_role import segment_role

if TYPE_CHECKING:
    from graphs.finding import Finding
    from graphs.grounding.search import Search

_Named = tuple[str, Geometry, Region, Evidence]
_SHOWN = 8


class ExplicitGrounder:
    """Looks for what the finding, its document or its sentence names.

    In this order: targets that came with an imported finding (``detail['targets']`` or
    ``detail['target']``), measurements of a structured report and outlines whose name stands in
    the sentence, boxes that were drawn on the report's image under the finding's name, and the
    slices of 'series 4, image 57'.
    """

    name: Method = "explicit"
    trust = 10
    producer = Producer("oncograph.explicit", "1")

    def ground(self, finding: Finding, search: Search) -> Grounding:
        """Give what is named; several are a tie, unless they are of one import."""
        if finding.assertion == "absent":
            return Grounding(finding.id, "abstained", reason="an absent finding has no lesion")
        imported = _imported(finding, search)
        if imported:
            first = imported[0]
            return Grounding(
                finding.id, "proposed", self.name, first[2], first[1], first[0], 1.0,
                tuple(one[3] for one in imported[:_SHOWN]), (), "it came with the import",
                {"targets": [one[0] for one in imported]} if len(imported) > 1 else {},
            )  # fmt: skip
        for look in (_named_in_sentence, _boxes):
            found = look(finding, search)
            if found:
                return self._answer(finding, found)
        return self._slice(finding, search)

    def _answer(self, finding: Finding, found: list[_Named]) -> Grounding:
        evidence = tuple(one[3] for one in found[:_SHOWN])
        if len(found) > 1:
            others = tuple(Alternative(one[0], 1.0, "named as well") for one in found[:_SHOWN])
            return Grounding(
                finding.id, "abstained", evidence=evidence, alternatives=others,
                reason=f"{len(found)} regions are named", detail={"tie": True},
            )  # fmt: skip
        target, geometry, region, _ = found[0]
        reason = f"named by the report: {evidence[0].cue}"
        return Grounding(
            finding.id, "proposed", self.name, region, geometry, target, 1.0, evidence, (), reason
        )

    def _slice(self, finding: Finding, search: Search) -> Grounding:
        meant = slices(finding.refers, search.images)
        places = []
        for image, at in meant.items():
            shape = search.patient.images[image].shape
            for z in at:
                box = ((z, z + 1), (0, shape[1]), (0, shape[2]))
                places.append((search.target("images", image, box=box), z))
        said = [vars(one) for one in finding.refers]
        if not places:
            reason = "the slice that it names is in no image" if said else "it names no region"
            return Grounding(finding.id, "abstained", reason=reason)
        seen = {image: list(at) for image, at in meant.items()}
        evidence = (Evidence("slice", said, seen, None, True if len(places) == 1 else None),)
        if len(places) == 1:
            return Grounding(
                finding.id, "proposed", self.name, "lesion", "slice", places[0][0], 1.0, evidence,
                (), "the slice that it names",
            )  # fmt: skip
        others = tuple(
            Alternative(target, round(1 / len(places), 4), f"slice {z}")
            for target, z in places[:_SHOWN]
        )
        reason = f"{len(places)} slices can be meant: counted from 0 or 1, from above or below"
        return Grounding(
            finding.id, "abstained", evidence=evidence, alternatives=others, reason=reason
        )


def _imported(finding: Finding, search: Search) -> list[_Named]:
    """Targets that an importer has left with the finding, as far as they are the patient's."""
    said: Any = finding.detail.get("targets") or finding.detail.get("target") or []
    targets = [said] if isinstance(said, str) else list(said)
    found = []
    for target in targets:
        try:
            address = Address.parse(f"onco:{search.patient.key}/{target}")
        except AddressError:
            continue  # what a document says is hostile: it may be anything
        there = _geometry(address, search)
        if there is not None and search.allows(target):
            found.append((target, there, _region(address, search), Evidence("import", target)))
    return found


def _geometry(address: Address, search: Search) -> Geometry | None:
    """What a target is, None where the patient has no such thing."""
    if address.kind == "segmentations":
        segmentation = search.patient.segmentations.get(address.item)
        label = address.fragment.get("label")
        return "mask" if segmentation is not None and label in segmentation.labels else None
    if address.kind != "images" or address.item not in search.patient.images:
        return None
    box: Any = address.fragment.get("box")
    if box is not None:
        return "box3d" if len(box) == 3 else "box2d"
    return "point" if {"point", "voxel"} & set(address.fragment) else None


def _region(address: Address, search: Search) -> Region:
    if address.kind == "segmentations":
        segmentation = search.patient.segmentations[address.item]
        if segment_role(segmentation, str(address.fragment["label"])).role == "organ":
            return "organ"
    return "lesion"


def _named_in_sentence(finding: Finding, search: Search) -> list[_Named]:
    """Outlines and measured groups whose own name ('lesion 2', 'GTV_Mass') the sentence has."""
    sentence = _sentence(finding, search)
    if not sentence:
        return []
    found: dict[str, _Named] = {}
    for segmentation, label, target in search.segments():
        if _telling(label) and _stands_in(label, sentence):
            if segment_role(segmentation, label).role == "organ":
                continue
            found[target] = (target, "mask", "lesion", Evidence("name", label, label, None, True))
    runs = {row["run"] for row in search.patient.rows("runs")}
    for row in search.patient.rows("observations"):
        group, target = row.get("group") or "", row.get("target") or ""
        if not target or row.get("origin") in runs or not _telling(group):
            continue
        if _stands_in(group, sentence) and search.allows(target):
            address = Address.parse(f"onco:{search.patient.key}/{target}")
            geometry = _geometry(address, search)
            if geometry is not None:
                seen = Evidence("structured report", group, row.get("finding"), None, True)
                found.setdefault(target, (target, geometry, _region(address, search), seen))
    return list(found.values())


def _boxes(finding: Finding, search: Search) -> list[_Named]:
    """Boxes on the report's images that were drawn under the finding's name."""
    names = {_plain(finding.entity), *(_plain(one.partition(":")[2]) for one in finding.labels)}
    ids = {image.id for image in search.images}
    found: dict[str, _Named] = {}
    for row in search.patient.rows("observations"):
        target = row.get("target") or ""
        if not target.startswith("images/") or "#box=" not in target or not search.allows(target):
            continue
        named = {_plain(row.get(name) or "") for name in ("name", "finding", "value")}
        address = Address.parse(f"onco:{search.patient.key}/{target}")
        if address.item not in ids or not (named & names) - {""}:
            continue
        if finding.laterality and row.get("laterality") not in (None, finding.laterality):
            continue
        geometry = _geometry(address, search)
        if geometry is not None:
            seen = Evidence("box", finding.entity, row.get("name"), None, True)
            found.setdefault(target, (target, geometry, "lesion", seen))
    return list(found.values())


def _sentence(finding: Finding, search: Search) -> str:
    if search.report is None:
        return ""
    return search.report.text[finding.sentence_start : finding.sentence_end]


def _telling(name: str) -> bool:
    """Whether a name picks one thing out: 'lesion 2' and 'GTV_Mass' do, 'nodule' does not."""
    return (
        len(name) >= 3 and bool(re.search(r"\d|_|-", name)) and bool(re.search(r"[^\W\d_]", name))
    )


def _stands_in(name: str, sentence: str) -> bool:
    words, text = _plain(name), _plain(sentence)
    return bool(words) and f" {words} " in f" {text} "


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", folded.replace("_", " ")))
