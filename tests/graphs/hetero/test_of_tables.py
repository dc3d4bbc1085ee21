"""The tables give the same tensors as the graph of `assemble`, which is the truth here."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.anchor import Anchor
from explorer.derived import text_sha256
from explorer.draft import Code, ImageDraft, SegmentationDraft, SegmentDraft
from explorer.join import join
from explorer.run_draft import RunDraft
from graphs.assemble import assemble
from graphs.edge import Edge
from graphs.extract import extract
from graphs.finding import Finding, Relation
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue
from graphs.node import Node
from graphs.to_hetero import to_hetero
from graphs.verdict import Verdict

pytest.importorskip("torch")
pytest.importorskip("torch_geometric")

TEXT = "A 2.3 cm nodule in the right upper lobe. <script>alert(1)</script> No effusion."
REPORT = """FINDINGS: There is a 2.3 x 1.9 cm spiculated nodule in the right upper lobe, previously
1.8 cm. No pleural effusion or pneumothorax. Mild cardiomegaly. The liver measures 15 cm.
IMPRESSION: Enlarging right upper lobe nodule, suspicious for malignancy. Possible left hilar
adenopathy."""
PLACE = "segmentations/seg-1#label=Nodule%20a%2Fb%231"
NAMES = ("x", "x_mask", "category", "day", "day_known", "patient", "synthetic", "state")


def rows(data: Any, kind: str) -> dict[str, list[Any]]:
    """Tensors of each node, by address."""
    store = data[kind]
    columns = [np.round(store[one].double().numpy(), 4).tolist() for one in NAMES if one in store]
    addresses = list(store.address)
    assert len(set(addresses)) == len(addresses)
    return dict(zip(addresses, zip(*columns, strict=True), strict=True))  # type: ignore[arg-type]


def edges(data: Any, place: tuple[str, str, str]) -> list[Any]:
    tails, heads = data[place[0]].address, data[place[2]].address
    far = data[place].get("distance")
    return sorted(
        (tails[tail], heads[head], None if far is None else round(float(far[k]), 5))
        for k, (tail, head) in enumerate(data[place].edge_index.T.tolist())
    )


def told(data: Any) -> list[tuple[str, ...]]:
    return sorted(zip(*(column.to_pylist() for column in data.cannot_tell.columns), strict=True))


def same(source: Any, kinds: list[str] | None = None, **asked: Any) -> Any:
    """Compare the two ways; gives the one of the tables."""
    graph = assemble(source, kinds=kinds, **asked)
    one, two = to_hetero(graph, kinds=kinds), to_hetero(source, kinds=kinds, **asked)
    assert two.metadata() == one.metadata()
    for kind in one.node_types:
        assert rows(two, kind) == rows(one, kind), kind
    for place in one.edge_types:
        assert edges(two, place) == edges(one, place), place
    assert two.scaler.words == one.scaler.words
    assert two.later == one.later
    assert told(two) == told(one)
    assert two.to_dict().get("known_on") == one.to_dict().get("known_on")
    return two


def image(item: str, acquired: str | None, study: str | None = "1.2.3") -> ImageDraft:
    values = np.zeros((2, 3, 4), np.int16)
    return ImageDraft(
        item, "CT", "chest", ("z", "y", "x"), values.shape, values.dtype, np.eye(4),
        lambda: values, [], units="HU", acquired=acquired, synthetic=True,
        meta={"study_uid": study} if study else {},
    )  # fmt: skip


def outline(item: str, of: str, acquired: str | None, study: str = "1.2.3") -> SegmentationDraft:
    mask = np.zeros((2, 3, 4), bool)
    mask[0, 1] = True
    organ = Code("39607008", "SCT", "Lung")
    segments = [
        SegmentDraft(1, "Nodule a/b#1"),
        SegmentDraft(2, "lung", organ, category=Code("123037004", "SCT", "Anatomical Structure")),
    ]
    return SegmentationDraft(
        item, "SEG", "outlines", segments, mask.shape, np.eye(4), lambda _: mask, [], image=of,
        acquired=acquired, meta={"study_uid": study}, synthetic=True,
    )  # fmt: skip


def derived(item: str = "r-1") -> RunDraft:
    """Findings, groundings, a verdict and a scene of one report."""
    start = TEXT.index("nodule")
    lobe = {"anatomy": ("lung_upper_lobe_right",), "anatomy_codes": ("SCT:45653009",)}
    numbers = (MeasuredValue((2.3,), "cm", "size", 2, 8), MeasuredValue((2.0, 3.0), "mm", "", 9, 9))
    related = (Relation("suggestive_of", "f-2"), Relation("odd 'kind'\n", "nobody"))
    nodule = Finding(
        start, start + 6, "nodule", "nodule", item=item, code="SCT:27925004", sentence_end=40,
        measurements=numbers, section="findings", relations=related, id="f-1", **lobe,
    )  # fmt: skip
    other = Finding(
        0, 1, "A", "mass", item=item, assertion="uncertain", id="f-2", anatomy=("lung", "odd / #")
    )
    lost = Finding(0, 1, "A", "lost", item="nowhere", id="f-3", sentence_end=9)
    groundings = [
        Grounding("f-1", "proposed", "measurement", "lesion", "mask", PLACE, 0.9),
        Grounding("f-2", "proposed", "measurement", "box", "box", "images/ct-2#box=0:1,0:2,0:3"),
        Grounding("f-2", "abstained", reason="nothing there"),
    ]
    verdicts = [
        Verdict("f-1", "size", "agrees", "23 mm", "22 mm", (PLACE, f"reports/{item}")),
        Verdict("f-2", "side", "contradicts", "left", "right", ("images/ct-2", "images/gone")),
        Verdict("f-2", "count", "cannot tell", "1", None, ()),
    ]
    nodes = [
        Node("n-1", "lesion", "nodule", target=PLACE), Node("anatomy.lung", "anatomy", "lung"),
        Node("n-2", "region", "a box", target="images/ct-1#box=0:1,0:2,0:3"),
        Node("f-1", "observation", "nodule"), Node("odd kind", "odd / kind", "x", number=2.0),
        Node("s", "sentence", "a sentence", target=f"reports/{item}#chars=0:40"),
    ]  # fmt: skip
    scene = [
        Edge("inside", "n-1", "n-2", 3.0, "mm"), Edge("seen", "n-1", "f-1"),
        Edge("lost", "n-1", "nowhere"), Edge("said in", "f-1", "s"), Edge("at", "f-2", PLACE),
        Edge("near", "n-1", "images/ct-2"), Edge("of", "odd kind", "anatomy.lung"),
    ]  # fmt: skip
    volume = {"name": "Volume", "number": 12.5, "unit": "mm3", "target": PLACE}
    return RunDraft(
        "findings", "oncograph.rules", "1", f"reports/{item}", text_sha256(TEXT),
        findings=[one.row() for one in (nodule, other, lost)],
        groundings=[one.row() for one in groundings], verdicts=[one.row() for one in verdicts],
        nodes=[one.row() for one in nodes], edges=[one.row() for one in scene],
        observations=[volume, {**volume, "site": "lung", "site_code": "SCT:39607008"}],
    )  # fmt: skip


def measured() -> list[dict[str, Any]]:
    lesion = {"group": "lesion 1", "group_uid": "2.25.1", "name": "Long axis", "unit": "mm",
              "finding": "Nodule", "row": 1}  # fmt: skip
    site = {"site": "lung", "site_code": "SCT:39607008"}
    return [
        {**lesion, **site, "number": 22.0, "finding_code": "SCT:27925004", "origin": "sr-1",
         "target": "images/ct-1", "date": "2020-01-01"},
        {**lesion, "number": 30.0, "target": "images/ct-2", "origin": "sr-2",
         "date": "2020-03-01"},
        {"name": "component", "number": 1.0, "row": 1, "origin": "sr-2", "date": "2020-03-01"},
        {"name": "Shape", "value": "round", "origin": "sr-2", "target": PLACE, **site},
        {"name": "Shape", "value": "round", "origin": "sr 3/#", "target": "not an address", **site},
        {"name": "Shape", "value": None, "state": "unknown", "origin": "sr 3/#",
         "target": "images/ct-1@3#box=9:1"},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    """Synthetic patients with rows in every table, odd ones among them."""
    store = explorer.open(tmp_path_factory.mktemp("rich") / "patients.onco", create=True)
    for label, sex in (("Anna", "F"), ("Berta", None), ("Carl", "M"), ("Dora", "F")):
        with store.transaction("synthetic") as t:
            key = t.patient(label, sex=sex, synthetic=label != "Dora")
            t.put(key, image("ct-1", "2020-01-01"))
            t.put(key, image("ct-2", None if label == "Berta" else "2020-03-01", None))
            t.put(key, outline("seg-1", "ct-1", "2020-01-05"))
            t.put(key, outline("seg/2", "gone", None, "9.9"))
            t.add_text(key, "r-1", TEXT, name="CT report", date="2020-01-02", synthetic=True)
            t.add_facts(key, [
                {"name": "age", "value": "60", "number": 60.0 + len(label), "unit": "years"},
                {"name": "PSA", "value": "4", "number": 4.0, "date": "2019-12-01"},
                {"name": "PSA", "value": "5", "number": 5.0, "date": "2020-02-01"},
                {"name": "stage / <b>", "value": None, "state": "not acquired"},
                {"name": "group", "value": "a" if sex == "F" else "b", "date": "2020-01-01"},
            ])  # fmt: skip
            event = {"state": "present", "origin": "table-1"}
            t.replace_rows(key, "events", [
                {"kind": "treatment", "name": "surgery", "date": "2020-01-20", **event},
                {"kind": "Surgery", "name": "surgery", "date": "2020-01-21", "code": "1",
                 "code_scheme": "X", **event},
                {"kind": "Surgery", "name": "surgery", "code": "1", **event},
                {"kind": "outcome", "name": "overall survival", "value": "event",
                 "date": "2021-01-01", "row": 3, **event},
                {"kind": "biopsy", "name": "core", "date": "2020-01-10", **event},
                {"kind": "mutation", "name": "TP53", "value": "p.R175H", **event},
                {"kind": "mutation", "name": "EGFR", "value": "p.L858R", "synthetic": True,
                 **event},
            ])  # fmt: skip
            t.replace_rows(key, "observations", measured())
            if label != "Carl":
                t.set_anchor(key, Anchor("2020-01-01", "diagnosis", "said"))
        with store.transaction("told") as t:
            t.put_run(key, derived())
    join(store, "Carl", "Berta", "the same person, says the registry")
    return store


ASKED: list[dict[str, Any]] = [
    {}, {"known_on": 0}, {"known_on": "2020-01-15"}, {"known_on": "treatment"}, {"known_on": 70},
    {"kinds": ["finding", "measurement"]}, {"kinds": ["segment", "lesion"]}, {"kinds": []},
    {"kinds": ["grounding", "image"], "known_on": 10}, {"kinds": ["observation", "study"]},
    {"kinds": ["outcome", "gene set", "odd / kind"]},
    {"similar_by": {"age": 5.0, "group": None}}, {"similar_by": ["group"], "kinds": []},
    {"similar_by": {"age": 50.0}, "kinds": ["image"], "known_on": 3},
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=repr)
def test_every_table_gives_what_the_graph_has(rich: explorer.Store, asked: dict[str, Any]) -> None:
    data = same(rich, **asked)
    if not asked:
        assert {"finding", "grounding", "lesion", "odd / kind"} <= set(data.node_types)


def test_some_patients_and_one_are_read_as_they_stand(rich: explorer.Store) -> None:
    keys = sorted(rich.keys_and_labels())
    same(rich[keys[0]])
    same([rich[key] for key in keys[:2]], known_on={keys[0]: 5})
    with rich.transaction("more") as t:
        t.add_facts(keys[0], [{"name": "later", "value": "x"}])
    old = explorer.open(rich.path)[keys[0]]
    assert "later" in str(list(same(old)["fact"].address))


def test_a_cohort_is_read_at_its_versions(rich: explorer.Store) -> None:
    cohort = rich.cohort()
    data = same(cohort)
    assert list(data["patient"].key) == sorted(cohort.keys)


def test_real_patients_give_the_same(lidc: explorer.Store) -> None:
    data = same(lidc)
    assert data["fact"].num_nodes > 30
    assert not bool(data["fact"].synthetic.any())


def test_extracted_words_give_the_same(tmp_path: Path) -> None:
    store = explorer.open(tmp_path / "said.onco", create=True)
    with store.transaction("reports") as t:
        for n in range(2):
            key = t.patient(f"P{n}", synthetic=True)
            t.add_text(key, "r-1", REPORT, date="2020-01-02", synthetic=True)
            t.add_text(key, "r-2", TEXT, synthetic=True)
    for patient in store.values():
        extract(patient)
    for asked in ({}, {"known_on": "2020-01-02"}):
        data = same(store, **asked)
        assert {"finding", "sentence", "measurement", "anatomy"} <= set(data.node_types)


def test_json_that_arrow_refuses_is_read(rich: explorer.Store) -> None:
    import pyarrow as pa

    from graphs.hetero.json_rows import json_rows

    schema = pa.schema([("kind", pa.string()), ("value", pa.list_(pa.float64()))])
    lists = [None, "[]", json.dumps([{"kind": "a\nb", "value": [1, 2.5]}, {"other": 3}])]
    parent, found = json_rows(pa.array([*lists, '[{"kind": "c"}, "odd", null]']), schema)
    assert parent.tolist() == [2, 2, 3]
    assert found.to_pylist() == [
        {"kind": "a\nb", "value": [1, 2.5]}, {"kind": None, "value": None},
        {"kind": "c", "value": None},
    ]  # fmt: skip
