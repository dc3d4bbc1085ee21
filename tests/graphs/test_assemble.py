from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

import explorer
from explorer.address import Address
from explorer.anchor import Anchor
from explorer.derived import text_sha256
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.errors import AddressError, NotFoundError, StoreError
from explorer.join import join
from explorer.run_draft import RunDraft
from graphs.assemble import assemble
from graphs.assembly.index_day import KnownOnError
from graphs.edge import Edge
from graphs.extract import extract
from graphs.finding import Finding, Relation
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue
from graphs.node import Node
from graphs.patient_graph import NODE_KINDS, PatientGraph
from graphs.similar_by import SimilarBy, SimilarByError
from graphs.verdict import Verdict

TEXT = "A 2.3 cm nodule in the right upper lobe. <script>alert(1)</script>"
Store = explorer.Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return explorer.open(tmp_path / "patients.onco", create=True)


def image(item: str, acquired: str | None, study: str | None = "1.2.3") -> ImageDraft:
    values = np.zeros((2, 3, 4), np.int16)
    return ImageDraft(
        item, "CT", "chest", ("z", "y", "x"), values.shape, values.dtype, np.eye(4),
        lambda: values, [], units="HU", acquired=acquired, synthetic=True,
        meta={"study_uid": study} if study else {},
    )  # fmt: skip


def outline(item: str, of: str, acquired: str | None) -> SegmentationDraft:
    mask = np.zeros((2, 3, 4), bool)
    mask[0, 1] = True
    return SegmentationDraft(
        item, "SEG", "outlines", [SegmentDraft(1, "Nodule a/b#1")], mask.shape, np.eye(4),
        lambda _: mask, [], image=of, acquired=acquired, meta={"study_uid": "1.2.3"},
        synthetic=True,
    )  # fmt: skip


def told(store: Store, key: str, *, item: str = "r-1", text: str = TEXT) -> str:
    """Findings, a grounding, a verdict and a scene of one report; the run's id."""
    start = text.index("nodule")
    nodule = Finding(
        start, start + 6, "nodule", "nodule", item=item, code="SCT:27925004",
        anatomy=("lung_upper_lobe_right",), anatomy_codes=("SCT:45653009",), sentence_end=40,
        measurements=(MeasuredValue((2.3,), "cm", "size", 2, 8),), section="findings",
        relations=(Relation("suggestive_of", "f-2"),), id="f-1",
    )  # fmt: skip
    other = Finding(0, 1, "A", "mass", item=item, assertion="uncertain", id="f-2")
    place = "segmentations/seg-1#label=Nodule%20a%2Fb%231"
    grounding = Grounding("f-1", "proposed", "measurement", "lesion", "mask", place, 0.9)
    verdict = Verdict("f-1", "size", "agrees", "23 mm", "22 mm", (place, f"reports/{item}"))
    draft = RunDraft(
        "findings", "oncograph.rules", "1", f"reports/{item}", text_sha256(text),
        findings=[nodule.row(), other.row()], groundings=[grounding.row()],
        verdicts=[verdict.row()],
        nodes=[Node("n-1", "lesion", "nodule", target=place).row(),
               Node("n-2", "region", "a box", target="images/ct-1#box=0:1,0:2,0:3").row()],
        edges=[Edge("inside", "n-1", "n-2", 3.0, "mm").row(), Edge("seen", "n-1", "f-1").row(),
               Edge("lost", "n-1", "nowhere").row()],
        observations=[{"name": "Volume", "number": 12.5, "unit": "mm3", "target": place}],
    )  # fmt: skip
    with store.transaction("told") as t:
        return t.put_run(key, draft)


@pytest.fixture
def anna(store: Store) -> explorer.Patient:
    with store.transaction("synthetic") as t:
        key = t.patient("Anna", sex="F", synthetic=True)
        t.put(key, image("ct-1", "2020-01-01"))
        t.put(key, image("ct-2", "2020-03-01", None))
        t.put(key, outline("seg-1", "ct-1", "2020-01-05"))
        t.add_text(key, "r-1", TEXT, name="CT report", date="2020-01-02", synthetic=True)
        t.add_facts(key, [
            {"name": "age", "value": "60", "number": 60.0, "unit": "years"},
            {"name": "PSA", "value": "4", "number": 4.0, "date": "2019-12-01"},
            {"name": "PSA", "value": "5", "number": 5.0, "date": "2020-02-01"},
            {"name": "stage", "value": None, "state": "not acquired"},
        ])  # fmt: skip
        event = {"state": "present", "origin": "table-1"}
        t.replace_rows(key, "events", [
            {"kind": "treatment", "name": "surgery", "date": "2020-01-20", **event},
            {"kind": "outcome", "name": "overall survival", "value": "event",
             "date": "2021-01-01", "row": 3, **event},
            {"kind": "biopsy", "name": "core", "date": "2020-01-10", **event},
            {"kind": "mutation", "name": "TP53", "value": "p.R175H", **event},
            {"kind": "mutation", "name": "EGFR", "value": "p.L858R", **event},
        ])  # fmt: skip
        t.replace_rows(key, "observations", [
            {"group": "lesion 1", "group_uid": "2.25.1", "name": "Long axis", "number": 22.0,
             "unit": "mm", "finding": "Nodule", "finding_code": "SCT:27925004", "site": "lung",
             "site_code": "SCT:39607008", "target": "images/ct-1", "origin": "sr-1", "row": 1,
             "date": "2020-01-01"},
            {"group": "lesion 1", "group_uid": "2.25.1", "name": "Long axis", "number": 30.0,
             "unit": "mm", "finding": "Nodule", "target": "images/ct-2", "origin": "sr-2",
             "row": 1, "date": "2020-03-01"},
        ])  # fmt: skip
        t.set_anchor(key, Anchor("2020-01-01", "diagnosis", "said"))
    told(store, key)
    return store["Anna"]


def ends(graph: PatientGraph, kind: str) -> set[tuple[str, str]]:
    """Edges of a kind, as kinds of nodes."""
    of = graph.nodes
    return {
        (of[u]["kind"], of[v]["kind"])
        for u, v, about in graph.edges(data=True)
        if about["kind"] == kind
    }


def test_nodes_are_addresses_of_what_the_tables_say(store: Store, anna: explorer.Patient) -> None:
    graph = assemble(anna)
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.counts() == {
        "patient": 1, "study": 1, "image": 2, "segment": 1, "lesion": 2, "anatomy": 2,
        "region": 1, "report": 1, "sentence": 1, "finding": 2, "grounding": 1, "measurement": 4,
        "fact": 4, "gene set": 1, "treatment": 1, "outcome": 1, "event": 1,
    }  # fmt: skip
    assert set(graph.counts()) <= set(NODE_KINDS)
    for node in graph:
        address = Address.parse(node)
        assert str(address) == node
        assert (address.key, address.version) == (anna.key, None)
    key = anna.key
    resolved = {
        f"onco:{key}/images/ct-1": "images",
        f"onco:{key}/segmentations/seg-1#label=Nodule%20a%2Fb%231": "segmentations",
        f"onco:{key}/reports/r-1#chars=0:40": "reports",
        f"onco:{key}/findings/f-1": "findings",
        f"onco:{key}/facts/PSA#row=2": "facts",
    }
    for node in resolved:
        assert node in graph
        Address.parse(node).resolve(store)
    words = Address.parse(f"onco:{key}/reports/r-1#chars=2:8&node=measurement")
    assert str(words) in graph
    assert words.resolve(store).value == "2.3 cm"
    assert graph.graph["patients"] == {key: anna.version}
    assert graph.graph["store"] == store.id


def test_every_node_but_anatomy_leads_to_what_it_is(store: Store, anna: explorer.Patient) -> None:
    graph = assemble(anna)
    for node, about in graph.nodes(data=True):
        address = Address.parse(node)
        if address.kind == "anatomy":  # what statements name; each of them is a node itself
            continue
        found = address.resolve(store)
        assert found.patient.key == anna.key
        if address.kind == "observations":
            assert list(found.value["number"]) == [about["number"]]
        if about["kind"] in ("treatment", "outcome", "event"):
            assert list(found.value["name"]) == [about["name"]]
    (genes,) = graph.of_kind("gene set")
    assert set(Address.parse(genes).resolve(store).value["name"]) == {"TP53", "EGFR"}
    for bad in ("events/x", "observations/sr-1#row=9", "studies/9", "patients/x"):
        with pytest.raises((NotFoundError, AddressError)):
            Address.parse(f"onco:{anna.key}/{bad}").resolve(store)
    with pytest.raises(AddressError, match="row=<number>"):
        Address.parse(f"onco:{anna.key}/observations/sr-1#row=x").resolve(store)


def test_edges_are_typed_and_timed(anna: explorer.Patient) -> None:
    graph = assemble(anna)
    assert ends(graph, "states") == {("sentence", "finding"), ("report", "finding")}
    assert ends(graph, "located_at") == {("finding", "anatomy"), ("lesion", "anatomy")}
    assert ends(graph, "measured_by") == {
        ("finding", "measurement"), ("lesion", "measurement"), ("segment", "measurement"),
    }  # fmt: skip
    assert ends(graph, "grounded_in") == {("finding", "grounding")}
    assert ends(graph, "points_at") == {("grounding", "segment")}
    assert ends(graph, "lies_on") == {("segment", "image")}
    assert ends(graph, "suggestive_of") == {("finding", "finding")}
    assert ends(graph, "inside") == {("lesion", "region")}
    assert ends(graph, "seen") == {("lesion", "finding")}
    assert ends(graph, "stands_at") == {("lesion", "segment"), ("region", "image")}
    assert ends(graph, "agrees") == {("finding", "segment"), ("finding", "report")}
    assert graph.graph["problems"] == [
        f"an edge 'lost' of {anna.key} names 'nowhere', which is not"
    ]
    lesion = f"onco:{anna.key}/lesions/2.25.1"
    days = {graph.nodes[v]["day"] for _, v, a in graph.out_edges(lesion, data=True)
            if a["kind"] == "measured_by"}  # fmt: skip
    assert days == {0, 60}  # one lesion at two times, since its tracking UID is one
    f = graph.nodes[f"onco:{anna.key}/findings/f-1"]
    assert (f["day"], f["assertion"], f["producer"]) == (1, "present", "oncograph.rules 1")
    assert f["verdicts"][0]["verdict"] == "agrees"
    (inside,) = [a for _, _, a in graph.edges(data=True) if a["kind"] == "inside"]
    assert (inside["number"], inside["unit"], inside["day"]) == (3.0, "mm", 4)
    for _, _, about in graph.edges(data=True):
        assert {"kind", "day", "by"} <= set(about)
    (genes,) = graph.of_kind("gene set")
    assert graph.nodes[genes]["genes"] == ["EGFR", "TP53"]
    assert nx.number_weakly_connected_components(graph) == 1


def test_synthetic_is_carried(anna: explorer.Patient) -> None:
    graph = assemble(anna)
    for kind in ("patient", "study", "image", "segment", "report"):
        assert all(graph.nodes[node].get("synthetic") is True for node in graph.of_kind(kind)), kind
    html = graph._repr_html_()
    assert "of them synthetic" in html
    assert "<script" not in html


@pytest.mark.parametrize("known_on", [0, "2020-01-01", date(2020, 1, 1)])
def test_only_what_was_known(anna: explorer.Patient, known_on: Any) -> None:
    graph = assemble(anna, known_on=known_on)
    names = {(a["kind"], a["name"], a["day"]) for _, a in graph.nodes(data=True)}
    assert names == {
        ("patient", anna.key, None), ("study", "study", 0), ("image", "chest", 0),
        ("fact", "PSA", -31), ("measurement", "Long axis", 0), ("lesion", "lesion 1", None),
        ("anatomy", "lung", None), ("region", "a box", 0),
    }  # fmt: skip
    assert graph.graph["later"] == {
        "image": 1, "segment": 1, "report": 1, "finding": 2, "grounding": 1, "measurement": 2,
        "lesion": 1, "fact": 1, "treatment": 1, "outcome": 1, "event": 1,
    }  # fmt: skip
    said = {(kind, Address.parse(node).item): why for node, kind, why in graph.cannot_tell}
    assert said == {
        ("fact", "age"): "it has no date",
        ("fact", "stage"): "it has no date",
        ("gene set", "mutation:table-1"): "it has no date",
    }


def test_until_the_first_treatment(store: Store, anna: explorer.Patient) -> None:
    graph = assemble(store, known_on="treatment")
    assert {"finding", "grounding", "treatment", "event", "segment"} <= set(graph.counts())
    assert "outcome" not in graph.counts()
    assert max(a["day"] for _, a in graph.nodes(data=True) if a["day"] is not None) == 19
    with store.transaction("one without a day") as t:
        drug = {"kind": "drug", "name": "cisplatin", "origin": "x", "state": "present"}
        t.replace_rows(anna.key, "events", [*t.rows(anna.key, "events"), drug])
    graph = assemble(store, known_on="treatment")
    assert graph.counts() == {"patient": 1}
    reasons = {why for _, _, why in graph.cannot_tell}
    assert reasons == {"a treatment has no day, so the first one is not known"}


def test_a_day_of_its_own_for_each_patient(anna: explorer.Patient) -> None:
    assert assemble(anna, known_on={anna.key: -1}).counts() == {"patient": 1, "fact": 1}
    other = assemble(anna, known_on={"someone else": 5})
    assert other.counts() == {"patient": 1}
    assert {why for _, _, why in other.cannot_tell} == {"no index date was given for the patient"}
    for bad in ("yesterday", "2020-13-01", True, 1.5, "20200101"):
        with pytest.raises(KnownOnError):
            assemble(anna, known_on=bad)  # type: ignore[arg-type]


def test_a_report_that_reads_otherwise_has_no_findings(
    store: Store, anna: explorer.Patient
) -> None:
    with store.transaction("changed") as t:
        t.add_text(anna.key, "r-1", TEXT + " Addendum.", name="CT report", date="2020-01-02")
    graph = assemble(store)
    assert not {"finding", "sentence", "grounding"} & set(graph.counts())
    assert len(assemble(anna).of_kind("finding")) == 2  # the version that was opened


def test_kinds_leave_the_rest_connected_to_the_patient(anna: explorer.Patient) -> None:
    graph = assemble(anna, kinds={"finding", "measurement"})
    assert graph.counts() == {"patient": 1, "finding": 2, "measurement": 4}
    assert nx.number_weakly_connected_components(graph) == 1
    assert graph.graph["problems"] == []


def test_an_empty_store_and_a_patient_with_nothing(store: Store) -> None:
    for source in (store, []):
        graph = assemble(source)
        assert len(graph) == 0
        assert graph.graph["patients"] == {}
        assert "0 patients" in graph._repr_html_()
    with store.transaction("x") as t:
        key = t.patient("nobody")
    assert assemble(store, known_on="treatment").counts() == {"patient": 1}
    assert assemble(store[key]).counts() == {"patient": 1}


@pytest.fixture
def crowd(store: Store) -> list[str]:
    facts = [("a", 60, "I"), ("b", 61, "I"), ("c", 64, "I"), ("d", 60, "II"), ("e", None, "I")]
    with store.transaction("synthetic") as t:
        for name, age, stage in facts:
            t.add_facts(t.patient(name), [
                {"name": "age", "value": None if age is None else str(age), "number": age,
                 "state": "unknown" if age is None else "present"},
                {"name": "stage", "value": stage},
            ])  # fmt: skip
    return [store[name].key for name, _, _ in facts]


def test_one_pass_equals_a_loop_over_patients(
    store: Store, anna: explorer.Patient, crowd: list[str]
) -> None:
    whole = assemble(store)
    each = nx.compose_all([assemble(store[key]) for key in [anna.key, *crowd]])
    assert dict(whole.nodes(data=True)) == dict(each.nodes(data=True))
    assert sorted(whole.edges(keys=True)) == sorted(each.edges(keys=True))
    some = assemble(store[key] for key in [anna.key, *crowd[:4]])
    assert set(some) == {n for n, a in whole.nodes(data=True) if a["patient"] != crowd[4]}


def test_similar_is_never_the_same(store: Store, crowd: list[str]) -> None:
    graph = assemble(store, similar_by={"age": 3, "stage": None})
    a, b, c, _, _ = crowd
    found = {
        (u.split("/")[-1], v.split("/")[-1]): about
        for u, v, about in graph.edges(data=True)
        if about["kind"] == "similar_to"
    }
    assert set(found) == {(a, b), (b, a), (b, c), (c, b)}
    assert found[a, b]["how"] == "age within 3; stage the same"
    assert found[a, b]["apart"] == {"age": 1.0}
    assert found[b, c]["distance"] == pytest.approx(1.0)
    assert graph.graph["similar_by"] == {
        "facts": {"age": 3, "stage": None}, "nearest": 5, "left_out": {"'age' is not known": 1},
    }  # fmt: skip
    assert "same_as" not in graph.edge_counts()
    near = assemble(store, similar_by=SimilarBy({"age": 3, "stage": None}, 1), kinds=[])
    assert near.counts() == {"patient": 5}
    assert near.edge_counts() == {"similar_to": 3}
    exact = assemble(store, similar_by=["stage"], kinds=[])
    assert exact.edge_counts() == {"similar_to": 12}
    # what is not known on the index date is not compared either
    assert "similar_to" not in assemble(store, similar_by=["stage"], known_on=0).edge_counts()
    for bad in ({}, {"age": -1}, {"age": float("nan")}):
        with pytest.raises(SimilarByError):
            assemble(store, similar_by=bad)


def test_joined_patients_are_one(store: Store, anna: explorer.Patient, crowd: list[str]) -> None:
    join(store, "b", "Anna", "the same person, says the registry")
    graph = assemble(store)
    assert crowd[1] not in graph.graph["patients"]
    lead = store["Anna"]
    assert graph.nodes[f"onco:{lead.key}/patients/{lead.key}"]["joined"] == [crowd[1]]
    came = [n for n, a in graph.nodes(data=True) if a.get("came_as") == crowd[1]]
    assert len(came) == 2
    assert dict(assemble(lead).nodes(data=True)) == {
        n: a for n, a in graph.nodes(data=True) if a["patient"] == lead.key
    }
    # two ages, so nobody can say which one to compare
    similar = assemble(store, similar_by={"age": 5}, kinds=[])
    assert similar.graph["similar_by"]["left_out"] == {
        "'age' has several values": 1, "'age' is not known": 1,
    }  # fmt: skip


def test_one_patient_stands_once(store: Store, anna: explorer.Patient, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="at versions"):
        assemble([anna, anna.at(1)])
    other = explorer.open(tmp_path / "other.onco", create=True)
    with other.transaction("x") as t:
        t.patient("b")
    with pytest.raises(StoreError, match="several stores"):
        assemble([anna, other["b"]])


def test_hostile_names_are_addresses_still(store: Store) -> None:
    names = ["../../etc/passwd", "a#b@3", "", "<b>", "=1+1", "a\u202eb\u0001c", "日本"]
    with store.transaction("x") as t:
        t.add_facts(t.patient("h"), [{"name": n or " ", "value": n} for n in names])
    graph = assemble(store)
    assert len(graph.of_kind("fact")) == len(names)
    for node in graph:
        assert str(Address.parse(node)) == node
    assert json.dumps(graph.graph)


def test_a_graph_of_findings_says_nothing_twice(store: Store) -> None:
    with store.transaction("a report") as t:
        key = t.patient("Said once")
        t.add_text(key, "r-1", "FINDINGS: A 12 mm nodule in the left lung, possibly metastasis.")
    extract(store[key])
    patient = store[key]
    assert not patient.derived("nodes").empty
    graph = assemble(patient)
    counts = graph.counts()
    assert (counts["finding"], counts["sentence"], counts["measurement"]) == (2, 1, 1)
    assert counts["anatomy"] == 1
    assert "observation" not in counts
    said = Counter((u, v, about["kind"]) for u, v, about in graph.edges(data=True))
    assert not [edge for edge, count in said.items() if count > 1]
