"""Findings of a report as a scene graph: every place slices to what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

import explorer
from explorer.address import Address
from explorer.report import Report
from graphs.finding import Finding, Relation
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue
from graphs.producer import Producer
from graphs.scene import SceneGraph
from graphs.scene_of import scene_of

TEXT = (
    "A 2.3 cm nodule in the right upper lobe, increased from 1.8 cm, suspicious for metastasis. "
    "Left effusion is unchanged. Lung volumes are reduced. The right lung is clear."
)
RULES = Producer("rules", "1")


def _finding(mention: str, sentence: str, **fields: object) -> Finding:
    start, begin = TEXT.index(mention), TEXT.index(sentence)
    return Finding(start, start + len(mention), mention, mention.casefold(), sentence_start=begin,
                   sentence_end=begin + len(sentence), **fields)  # type: ignore[arg-type] # fmt: skip


def _value(said: str, number: float, prior: bool = False) -> MeasuredValue:
    start = TEXT.index(said)
    return MeasuredValue((number,), "cm", "size", start, start + len(said), prior)


def _findings() -> list[Finding]:
    first, second, third, fourth = (part + "." for part in TEXT.rstrip(".").split(". "))
    lobe = TEXT.index("right upper lobe")
    word = TEXT.index("increased")
    detail = {"places": [[lobe, lobe + 16]], "change": [word, word + 9]}
    return [
        _finding("nodule", first, anatomy=("lung_upper_lobe_right",), change="increased",
                 measurements=(_value("2.3 cm", 2.3), _value("1.8 cm", 1.8, True)), detail=detail,
                 relations=(Relation("suggestive_of", "1"),)),
        _finding("metastasis", first, assertion="uncertain"),
        _finding("effusion", second, change="stable", laterality="left",
                 anatomy=("pleura_left", "no_such_structure")),
        _finding("Lung volumes", third, change="decreased"),
        _finding("clear", fourth, anatomy=("lung_right",), assertion="absent"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    store = explorer.open(tmp_path_factory.mktemp("scene") / "s.onco", create=True)
    with store.transaction("a report") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.add_text(key, "r-1", TEXT)
    return store[key].reports["r-1"]


@pytest.fixture(scope="module")
def graph(report: Report) -> SceneGraph:
    return scene_of(_findings(), report, RULES)


def _edges(graph: SceneGraph, kind: str) -> list[tuple[str, str]]:
    nodes = graph.nodes
    return [(nodes[e.tail].name, nodes[e.head].name) for e in graph.edges if e.kind == kind]


def test_edges(graph: SceneGraph) -> None:
    assert _edges(graph, "suggestive_of") == [("nodule", "metastasis")]
    assert ("nodule", "lung_upper_lobe_right") in _edges(graph, "located_at")
    assert ("lung_upper_lobe_right", "lung_right") in _edges(graph, "part_of")
    assert ("effusion", "no_such_structure") in _edges(graph, "located_at")
    assert len(_edges(graph, "measured_by")) == 2


def test_comparisons_have_their_words(graph: SceneGraph) -> None:
    found = [
        (graph.nodes[e.tail].name, e.detail["change"], e.detail["word"])
        for e in graph.edges
        if e.kind == "compared_with"
    ]
    assert found == [
        ("nodule", "worsened", "increased"),
        ("effusion", "no change", "unchanged"),
        ("lung volumes", "worsened", "reduced"),  # less air is not wanted
    ]
    for edge in graph.edges:
        if edge.kind == "compared_with":
            start, end = edge.detail["chars"]
            assert TEXT[start:end] == edge.detail["word"]


def test_the_earlier_size_is_the_earlier_state_s(graph: SceneGraph) -> None:
    sizes = {
        (graph.nodes[e.tail].detail.get("time"), graph.nodes[e.head].number)
        for e in graph.edges
        if e.kind == "measured_by"
    }
    assert sizes == {(None, 2.3), ("prior", 1.8)}


def test_every_address_slices_to_its_words(graph: SceneGraph, report: Report) -> None:
    store = report.patient.store
    for node in graph.nodes.values():
        address = Address.parse(f"onco:{report.patient.key}/{node.target}")
        value = address.resolve(store).value
        if node.kind in ("observation", "sentence"):
            assert value.casefold() == node.name.casefold()
        start, end = node.detail.get("chars", (0, 0))
        assert not end or TEXT[start:end] == value


def test_groundings_become_regions(report: Report) -> None:
    findings = scene_of(_findings(), report, RULES).of_kind("observation")
    name = findings[0].id
    some = [
        Grounding(
            name, "proposed", "measurement", "lesion", "mask", "segmentations/s#label=a", 0.9
        ),
        Grounding(name, "abstained", reason="a tie"),
        Grounding("f-unknown", "proposed", target="images/ct-1#point=1,2,3"),
    ]
    graph = scene_of(_findings(), report, RULES, groundings=some)
    (region,) = graph.of_kind("region")
    assert region.target == "segmentations/s#label=a"
    (edge,) = [one for one in graph.edges if one.kind == "grounded_in"]
    assert (edge.tail, edge.head, edge.number) == (name, region.id, 0.9)


def test_the_same_again_is_the_same_graph(graph: SceneGraph, report: Report) -> None:
    assert scene_of(_findings(), report, RULES) == graph
    doubled = scene_of([*_findings(), *_findings()], report, RULES)
    assert set(doubled.nodes) == set(graph.nodes)
    kept = [replace(one, relations=()) for one in _findings()]
    assert _edges(scene_of(kept, report, RULES), "suggestive_of") == []


VISIT = (
    "The nodule in the right upper lobe has increased. The left pleural effusion is smaller. "
    "Mediastinal adenopathy is unchanged. New mass in the liver. The pneumothorax has resolved."
)


def test_a_scripted_visit_by_the_rules(tmp_path_factory: pytest.TempPathFactory) -> None:
    from graphs.text.rules import RulesExtractor

    extractor = RulesExtractor()
    store = explorer.open(tmp_path_factory.mktemp("visit") / "s.onco", create=True)
    with store.transaction("a report") as t:
        key = t.patient("SYN-1", synthetic=True)
        t.add_text(key, "r-1", VISIT)
    graph = scene_of(extractor.extract(VISIT), store[key].reports["r-1"], extractor.producer)
    found = {
        edge.detail["word"].split()[-1]: (graph.nodes[edge.tail].assertion, edge.detail["change"])
        for edge in graph.edges
        if edge.kind == "compared_with"
    }
    assert found == {
        "increased": ("present", "worsened"),
        "smaller": ("present", "improved"),
        "unchanged": ("present", "no change"),
        "New": ("present", "worsened"),
        "resolved": ("absent", "improved"),
    }
