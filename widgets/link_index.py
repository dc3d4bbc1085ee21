"""LinkIndex: what of a patient is about what, looked up by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import networkx as nx

from explorer.address import Address, Value
from explorer.patient import Patient
from graphs.assemble import assemble
from graphs.finding import Finding
from graphs.findings import findings
from graphs.grounding.grounding import Grounding
from graphs.groundings import groundings
from graphs.patient_graph import PatientGraph

_LIVE = ("proposed", "accepted")
# parts of a finding's detail that are places in the text: 'laterality': [209, 215]
_PAIR = 2
Spans = list[tuple[int, int, str]]


class LinkIndex:
    """Addresses of one version of a patient, and which of them are about the same thing.

    Every method yields addresses without a version, the most particular first, and may repeat
    them.

    Parameters
    ----------
    patient : Patient

    Attributes
    ----------
    graph : PatientGraph
        Everything that is known; its nodes are most of the addresses.
    findings : dict
        Id to finding.
    groundings : dict
        Id to grounding, with what people have said of it.
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.graph: PatientGraph = assemble(patient)
        self.findings: dict[str, Finding] = {}
        self.groundings: dict[str, Grounding] = {one.id: one for one in groundings(patient)}
        self._of_finding: dict[str, list[Grounding]] = defaultdict(list)
        self._at: dict[str, list[Grounding]] = defaultdict(list)
        self._mentions: dict[str, Spans] = defaultdict(list)
        self._sentences: dict[str, Spans] = defaultdict(list)
        self._days: dict[Any, list[str]] = defaultdict(list)
        self._of_target: dict[str, list[str]] = defaultdict(list)
        self._inside: dict[str, list[tuple[Address, str]]] = defaultdict(list)
        for found in findings(patient):
            self.findings.setdefault(found.id, found)
            self._note_words(found)
        for one in self.groundings.values():
            self._of_finding[one.finding].append(one)
            for target in places_of(one):
                self._at[self.full(target)].append(one)
        self._note_nodes()

    def address(self, kind: str, item: str, **fragment: Value) -> str:
        """An address of this patient."""
        return str(Address(self.patient.key, kind, item, None, dict(fragment)))

    def full(self, target: str) -> str:
        """The address of a target, which has no key."""
        return f"onco:{self.patient.key}/{target}"

    def known(self, place: str) -> bool:
        """Whether something was grounded in just this place, or measured there."""
        return place in self._at or place in self._of_target

    def lies(self, finding: str) -> bool:
        """Whether it is known where a finding lies."""
        return any(map(places_of, self._of_finding.get(finding, ())))

    def words(self, report: str, start: int, end: int) -> Iterator[str]:
        """What is about some characters of a report: mentions first, else whole sentences."""
        end = max(end, start + 1)
        for spans in (self._mentions.get(report, ()), self._sentences.get(report, ())):
            ids = dict.fromkeys(one for a, b, one in spans if a < end and start < b)
            if ids:
                for one in ids:
                    yield from self.finding(one)
                return

    def finding(self, one: str) -> Iterator[str]:
        """A finding: its words, its node, where it lies, and who else speaks of that lesion."""
        if one not in self.findings:
            return
        yield from self.said(one)
        for grounding in self._of_finding.get(one, ()):
            if grounding.status == "rejected":
                continue
            yield self.address("groundings", grounding.id)
            for target in places_of(grounding):
                place = self.full(target)
                yield from self._place(place)
                if grounding.region == "lesion":
                    yield from self._spoken(place, "lesion")

    def grounding(self, one: str) -> Iterator[str]:
        """A grounding: its finding and its place; nothing where a person has rejected it."""
        found = self.groundings.get(one)
        if found is None or found.status == "rejected":
            return
        yield from self.said(found.finding)
        for target in places_of(found):
            yield from self._place(self.full(target))

    def place(self, address: str) -> Iterator[str]:
        """A segment or a box that something is about: who speaks of it, what was measured."""
        yield from self._place(address)
        yield from self._spoken(address)

    def places_at(self, image: str, voxel: tuple[int, ...]) -> Iterator[str]:
        """The boxes and points of an image that observations are of and that hold a voxel."""
        for where, address in self._inside.get(image, ()):
            if _holds(where, voxel):
                yield address

    def item(self, node: str) -> Iterator[str]:
        """An image, slide or waveform: its study, and what lies on it."""
        yield from self._before(node, "contains")
        yield from self._before(node, "lies_on")

    def report(self, node: str) -> Iterator[str]:
        """A report: its study, or the studies of its day."""
        yield from self._before(node, "contains")
        yield from self._same_day(node, "study")

    def study(self, node: str) -> Iterator[str]:
        """A study: its images, and the reports and events of its day."""
        for one in self._after(node, "contains"):
            if self.graph.nodes[one]["kind"] != "segment":
                yield one
        yield from self._same_day(node, "report", "treatment", "outcome", "event")

    def dated(self, node: str) -> Iterator[str]:
        """A fact or an event: the study of its day, with its images."""
        for one in self._same_day(node, "study"):
            yield one
            yield from self.study(one)

    def observation(self, node: str) -> Iterator[str]:
        """What was measured or observed: of what lesion and place, and who speaks of it."""
        about = self.graph.nodes[node]
        yield from self._before(node, "measured_by", kinds=("lesion",))
        yield from self._after(node, "located_at")
        if about.get("target"):
            place = self.full(about["target"])
            yield from self._place(place, measured=False)
            yield from self._spoken(place)
        for one in self._before(node, "measured_by", kinds=("finding",)):
            yield from self.finding(Address.parse(one).item)

    def lesion(self, node: str) -> Iterator[str]:
        """A lesion: its outlines at every time, its measurements, and who speaks of it."""
        yield from self._after(node, "measured_by", "located_at")
        for one in self._after(node, "seen_in"):
            yield from self.place(one)

    def structure(self, node: str) -> Iterator[str]:
        """An organ: its outlines, and the statements that name it."""
        for one in self._before(node, "located_at", "outlines"):
            about = self.graph.nodes[one]
            if about["kind"] == "finding":
                yield from self.said(Address.parse(one).item)
            else:
                yield one
                if about["kind"] == "segment":
                    yield from self._spoken(one, "organ")

    def node(self, node: str) -> Iterator[str]:
        """A node of another program's scene graph: where it stands, and the same at other times."""
        for one in (node, *self._same(node)):
            yield one
            target = self.graph.nodes[one].get("target")
            if target:
                yield from self.place(self.full(target))

    def said(self, one: str) -> Iterator[str]:
        """A finding's node, its words and the numbers and structures in them."""
        found = self.findings.get(one)
        if found is None:
            return
        node = self.address("findings", one)
        yield node
        yield self.address("reports", found.item, chars=(found.start, found.end))
        if found.sentence_end > found.sentence_start:
            sentence = (found.sentence_start, found.sentence_end)
            yield self.address("reports", found.item, chars=sentence)
        if node in self.graph:
            yield from self._after(node, "measured_by", "located_at")
            yield from self._same(node)

    def _spoken(self, place: str, *regions: str) -> Iterator[str]:
        for one in self._at.get(place, ()):
            if not regions or one.region in regions:
                yield from self.said(one.finding)
                yield self.address("groundings", one.id)

    def _place(self, place: str, *, measured: bool = True) -> Iterator[str]:
        """A place itself, the lesion and structure that it is of, what was measured on it."""
        where = Address.parse(place)
        holder = self.address(where.kind, where.item)
        if place not in self.graph and holder not in self.graph:
            return  # of another version
        yield place
        if place in self.graph and place != holder:
            yield from self._before(place, "seen_in")
            yield from self._after(place, "outlines", "located_at")
            if measured:
                yield from self._after(place, "measured_by")
                yield from self._before(place, "measured_on")
            for one in self._before(place, "stands_at"):
                yield one
                yield from self._same(one)
            for image in self._after(place, "lies_on"):
                yield image
                yield from self._before(image, "contains")
        elif where.kind == "images":
            if measured:
                yield from self._of_target.get(place, ())
            yield holder
            yield from self._before(holder, "contains")

    def _same(self, node: str) -> Iterator[str]:
        """The same lesion at other times, as a program followed it."""
        seen = {node}
        waiting = [node]
        while waiting:
            one = waiting.pop()
            for other in (*self._after(one, "same_as"), *self._before(one, "same_as")):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
                    yield other
                    target = self.graph.nodes[other].get("target")
                    if target:
                        yield self.full(target)

    def _after(self, node: str, *edges: str) -> Iterator[str]:
        for _, head, about in self.graph.out_edges(node, data=True):
            if about["kind"] in edges:
                yield head

    def _before(self, node: str, *edges: str, kinds: tuple[str, ...] = ()) -> Iterator[str]:
        for tail, _, about in self.graph.in_edges(node, data=True):
            kind = self.graph.nodes[tail]["kind"]
            if about["kind"] in edges and kind != "patient" and (not kinds or kind in kinds):
                yield tail

    def _same_day(self, node: str, *kinds: str) -> Iterator[str]:
        about = self.graph.nodes[node]
        for when in (about.get("day"), about.get("date")):
            if when is not None:
                for one in self._days.get(when, ()):
                    if one != node and self.graph.nodes[one]["kind"] in kinds:
                        yield one

    def _note_words(self, found: Finding) -> None:
        spans = [(found.start, found.end)]
        spans += [(one.start, one.end) for one in found.measurements]
        spans += [(one.start, one.end) for one in found.refers]
        for part in found.detail.values():
            if isinstance(part, list) and len(part) == _PAIR and all(type(k) is int for k in part):
                spans.append((part[0], part[1]))
        self._mentions[found.item] += [(a, b, found.id) for a, b in spans if a < b]
        self._sentences[found.item].append((found.sentence_start, found.sentence_end, found.id))

    def _note_nodes(self) -> None:
        graph: nx.MultiDiGraph = self.graph
        dated = ("study", "report", "treatment", "outcome", "event")
        for node, about in graph.nodes(data=True):
            if about["kind"] in dated:
                for when in {about.get("day"), about.get("date")} - {None}:
                    self._days[when].append(node)
            target = about.get("target") or ""
            if target.startswith("images/") and about["kind"] in ("measurement", "observation"):
                where = Address.parse(self.full(target))
                self._inside[where.item].append((where, node))
                self._of_target[str(where)].append(node)


def places_of(one: Grounding) -> list[str]:
    """Where a grounding that holds points to; nowhere where it abstains or was rejected."""
    if one.status not in _LIVE or one.target is None:
        return []
    return list(dict.fromkeys([one.target, *map(str, one.detail.get("targets", ()))]))


def _holds(where: Address, voxel: tuple[int, ...]) -> bool:
    box: Any = where.fragment.get("box")
    if box is not None:
        at = voxel[-len(box) :]
        return len(at) == len(box) and all(
            low <= k < high for k, (low, high) in zip(at, box, strict=True)
        )
    own: Any = where.fragment.get("voxel")
    return own is not None and tuple(own[-3:]) == tuple(voxel[-3:])
