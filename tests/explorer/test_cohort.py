"""Cohorts of made-up patients, worked out by hand; set algebra; what happens later."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.anchor import Anchor
from explorer.cohort import Cohort
from explorer.derived import text_sha256
from explorer.errors import NotFoundError, QueryError
from explorer.run_draft import RunDraft
from explorer.select.ask_having import AskHaving
from explorer.store import Store

PART = {"body_part": "CHEST"}
# name: age, unit, stage, CT's date, segment, treatment's date (None: one without a date), last day
PATIENTS: dict[str, dict[str, Any]] = {
    "Ada": {"age": 61, "unit": "years", "stage": "IIIA", "ct": "2020-01-05", "segment": "tumor",
                "treated": "2020-01-20", "seen": "2022-03-01", "sex": "F"},
    "Ben": {"age": 59, "unit": "years", "stage": "IIIB", "ct": "2020-02-01", "segment": "liver",
                "treated": "2020-01-20", "seen": "2020-03-01", "sex": "M"},
    "Cem": {"age": 745, "unit": "months", "stage": "III?", "ct": None, "treated": None,
            "sex": None},
    "Dea": {"age": None, "unit": None, "stage": "I", "ct": "2019-11-01",
            "treated": "2020-01-20", "sex": "F"},
    "=E<b>": {"age": 70, "unit": "years", "stage": "IIIA", "ct_state": "not acquired", "sex": "F"},
}  # fmt: skip


def _fill(store: Store, drafts: Any) -> None:
    with store.transaction("made up") as t:
        for name, one in PATIENTS.items():
            key = t.patient(name, sex=one["sex"])
            t.set_anchor(key, Anchor("2020-01-01", "diagnosis", "made up"))
            age = {"name": "age", "unit": one["unit"], "number": one.get("age")}
            said = {"state": "unknown: 'n/a'"} if one["age"] is None else {"value": str(one["age"])}
            facts = [age | said, {"name": "stage", "value": one["stage"]}]
            if one.get("ct_state"):
                facts.append({"name": "CT", "value": None, "state": one["ct_state"]})
            t.add_facts(key, facts)
            if one.get("ct"):
                t.put(key, drafts.image(acquired=one["ct"], meta=PART, file=f"{key}.raw"))
            if one.get("segment"):
                t.put(key, _mask(drafts, one))
            events = []
            if "treated" in one:
                events.append({"kind": "treatment", "name": "surgery", "state": "present",
                               "date": one["treated"]})  # fmt: skip
            if one.get("seen"):
                events.append({"kind": "visit", "name": "seen", "date": one["seen"]})
            if name == "Ben":
                events.append({"kind": "outcome", "name": "overall survival", "value": "censored",
                               "state": "present", "date": one["seen"]})  # fmt: skip
            t.replace_rows(key, "events", events)


def _mask(drafts: Any, one: dict[str, Any]) -> Any:
    import numpy as np

    return drafts.segmentation({one["segment"]: np.ones((2, 3, 4), bool)})


@pytest.fixture
def made(store: Store, drafts: Any) -> Store:
    _fill(store, drafts)
    return store


def _names(cohort: Cohort) -> set[str]:
    return set(cohort.labels.values())


def test_data_and_its_absence(made: Store) -> None:
    everybody = made.cohort()
    ct = everybody.having("ct")
    assert _names(ct) == {"Ada", "Ben", "Dea"}
    assert ct.steps[0].why == {"no value: no record": 1, "no value: not acquired": 1}
    assert "=E<b>" in _names(everybody.having("CT", missing="not acquired"))
    assert len(everybody.having("CT", missing="any")) == 5
    assert len(everybody.having("CT", body_part="chest")) == 3
    assert everybody.having("CT", body_part="BRAIN").steps[0].why["another body part"] == 3
    assert _names(everybody.having("segmentation")) == {"Ada", "Ben"}
    assert _names(everybody.with_segment("TUMOR")) == {"Ada"}
    assert everybody.with_segment("tumor").steps[0].why["another value"] == 1
    assert len(everybody.having("pt")) == 0  # a modality, though nobody has it
    with pytest.raises(QueryError, match="not aquired"):
        everybody.having("CT", missing="not aquired")


def test_a_number_in_another_unit_is_never_compared(made: Store) -> None:
    everybody = made.cohort()
    with pytest.raises(QueryError, match="months, years"):
        everybody.with_fact("age > 60")
    with made.transaction("a weight") as t:
        t.add_facts(
            made["Cem"].key, [{"name": "weight", "value": "70", "number": 70, "unit": "kg"}]
        )
        t.add_facts(
            made["Dea"].key, [{"name": "weight", "value": "9", "number": 9, "unit": "[st]"}]
        )
    everybody = made.cohort()
    heavy = everybody.with_fact("weight > 60 kg")
    assert _names(heavy) == {"Cem"}
    assert heavy.steps[0].why == {"cannot tell: another unit": 1, "no value: no record": 3}
    assert "Dea" in _names(everybody.with_fact("weight > 60 kg", missing="cannot tell"))
    assert _names(everybody.with_fact("weight != 61 kg")) == {"Cem"}
    # no time, whatever it is called: an m is a metre, an A an ampere
    for unit in ("m", "A", "kg", "'", "years old"):
        assert len(everybody.with_fact(f"age > 1 {unit}")) == 0
    assert "Dea" in _names(everybody.with_fact("age > 60 years", missing=["unknown"]))
    assert len(everybody.with_fact("stage in ('IIIA', 'IIIB')")) == 3
    assert len(everybody.with_fact("stage not in ('IIIA', 'IIIB')")) == 2
    assert len(everybody.with_fact("stage like 'III_'")) == 4
    with pytest.raises(NotFoundError, match="'stage'"):
        everybody.with_fact("stages = 'I'")


def test_times_are_converted_and_the_words_say_so(made: Store) -> None:
    everybody = made.cohort()
    old = everybody.with_fact("age > 60 years")
    assert _names(old) == {"Ada", "Cem", "=E<b>"}  # 745 months are 62.08 years
    assert old.steps[0].why == {"another value": 1, "no value: unknown": 1}
    said = "age > 60 years (in months: > 720; 1 year = 365.25 days; 1 month = 30.4375 days)"
    assert old.steps[0].reason == said
    assert said in repr(old.flow)
    assert said in old._repr_html_().replace("&gt;", ">")
    assert f"{said}: another value" in old.left_out()[1]
    assert _names(Cohort.ask(made, old.question)) == _names(old)
    assert _names(everybody.with_fact("age = 745 mo")) == {"Cem"}
    assert _names(everybody.with_fact("age != 745 months")) == {"Ada", "Ben", "=E<b>"}
    assert _names(everybody.with_fact("age between 22280 and 22676 days")) == {"Ada", "Cem"}
    assert _names(everybody.with_fact("age in (70, 61) Years")) == {"Ada", "=E<b>"}
    # each length is a binary fraction: a limit is met exactly
    assert _names(everybody.with_fact("age >= 25567.5 d")) == {"=E<b>"}
    assert len(everybody.with_fact("age > 25567.5 d")) == 0


def test_before_and_after_an_event(made: Store) -> None:
    ct = made.cohort().having("CT")
    before = ct.before("treatment")
    assert _names(before) == {"Ada", "Dea"}
    assert _names(ct.before("treatment", days=30)) == {"Ada"}
    assert _names(ct.after("treatment", days=30)) == {"Ben"}
    assert _names(ct.after("diagnosis")) == {"Ada", "Ben"}  # the kind of time zero is day 0
    assert _names(ct.after("diagnosis").before("treatment")) == {"Ada"}
    stay = made.cohort().having("CT", missing="not acquired").before("treatment")
    assert "=E<b>" in _names(stay)  # nothing of hers could lie at another time
    assert ct.before("treatment", name="surgery").keys == before.keys
    assert len(ct.before("treatment", name="drug", missing="no record")) == 3
    facts = made.cohort().with_fact("age > 745 weeks").before("treatment", missing="cannot tell")
    assert "Cem" in _names(facts)
    assert _names(made.cohort().with_event("treatment").after("diagnosis")) == {"Ada", "Ben", "Dea"}
    unsure = made.cohort().with_event("treatment").after("diagnosis")
    assert unsure.steps[-1].why == {"cannot tell: its day is not known": 1}
    with pytest.raises(QueryError, match="Nothing that has a day"):
        made.cohort().before("treatment")
    with pytest.raises(NotFoundError, match="'treatment'"):
        ct.before("therapy")


def test_an_event_without_a_day_may_be_the_first(made: Store) -> None:
    with made.transaction("one more") as t:
        key = made["Ada"].key
        rows = [dict(row) for row in t.rows(key, "events")]
        more = {"kind": "treatment", "name": "chemo", "state": "present", "date": None}
        t.replace_rows(key, "events", [*rows, more])
    ct = made.cohort().having("CT").among(["Ada", "Ben"])
    ct = made.cohort().among(["Ada", "Ben"]).having("CT")
    assert ct.before("treatment").steps[-1].why == {
        "cannot tell: the day of treatment is not known": 1, "not before it in that time": 1,
    }  # fmt: skip


def test_follow_up(made: Store) -> None:
    found = made.cohort().followed(730)
    assert _names(found) == {"Ada"}
    assert found.steps[0].why == {
        "followed for less": 1, "cannot tell: how long is not said": 3,
    }  # fmt: skip


def test_findings_of_reports(made: Store) -> None:
    text = "nodule in the left lung, 9 mm"
    size = json.dumps([{"value": [9.0, 4.0], "unit": "mm", "kind": "size", "start": 0, "end": 1}])
    said = {"item": "r-1", "start": 0, "end": 6, "entity": "nodule", "assertion": "present"}
    with made.transaction("reports") as t:
        for name, side, size_said in (("Ada", "left", size), ("Ben", None, "[]")):
            key = made[name].key
            t.add_text(key, "r-1", text, date="2020-01-05")
            row = {**said, "finding": "f-1", "laterality": side, "measurements": size_said}
            t.put_run(key, RunDraft("findings", "rules", "1", "reports/r-1", text_sha256(text),
                                    findings=[row]))  # fmt: skip
        t.add_text(made["Dea"].key, "r-1", "nobody has read it")
    everybody = made.cohort()
    assert _names(everybody.with_finding("Nodule")) == {"Ada", "Ben"}
    left = everybody.with_finding("nodule", laterality="left")
    assert _names(left) == {"Ada"}
    assert left.steps[0].why == {
        "cannot tell: its side is not said": 1, "no value: not extracted": 1,
        "no value: no report": 2,
    }  # fmt: skip
    assert _names(everybody.with_finding("nodule", size_mm=9)) == {"Ada"}
    assert len(everybody.with_finding("nodule", size_mm=(None, 9))) == 0
    assert len(everybody.with_finding("nodule", assertion="absent")) == 0
    assert everybody.with_finding("mass").steps[0].why["no value: none stated"] == 2
    assert _names(left.before("treatment")) == {"Ada"}
    assert _names(everybody.having("report")) == {"Ada", "Ben", "Dea"}
    with made.transaction("rewritten") as t:
        t.add_text(made["Ada"].key, "r-1", "no nodule", date="2020-01-05")
    assert _names(made.cohort().with_finding("nodule")) == {"Ben"}
    assert _names(everybody.with_finding("nodule")) == {"Ada", "Ben"}  # as it was asked


def test_sql_with_bound_parameters(made: Store) -> None:
    everybody = made.cohort()
    women = everybody.where("sex = $sex", sex="F")
    assert len(women) == 3
    assert women.steps[0].why == {"cannot tell: a value is missing": 1, "another value": 1}
    nasty = "F' or '1'='1"
    assert len(everybody.where("sex = $sex", sex=nasty)) == 0
    assert _names(everybody.where("label = $name -- a comment", name="=E<b>")) == {"=E<b>"}
    query = "select patient from facts where name = $n and number > $k"
    assert _names(everybody.sql(query, n="age", k=100)) == {"Cem"}
    for wrong in ("1=1) or (1=1", "1=1) union select patient from facts where (1=1"):
        if "union" in wrong:
            with pytest.raises(QueryError, match="more than a condition"):
                everybody.where(wrong)
    with pytest.raises(QueryError, match="a column patient"):
        everybody.sql("select label from patients")
    with pytest.raises(QueryError):
        everybody.where("sex = $sex")
    with pytest.raises(QueryError, match="parameter"):
        everybody.where("sex = $sex", sex=Path())


OUT_OF_REACH = [
    "patient in (select column0 from read_csv('{place}/keys.csv'))",
    "patient in (select * from '{place}/keys.csv')",
    "patient in (select * from read_parquet('{place}/keys.parquet'))",
    "patient in (select content from read_text('{place}/keys.csv'))",
    "patient in (select file from glob('/etc/*'))",
    "patient in (select * from read_json('http://127.0.0.1:9/x'))",
    "true); attach '{place}/x.db'; select (true",
    "true); copy patients to '{place}/out.csv'; select (true",
    "true); set enable_external_access = true; select (true",
    "true); pragma database_list; select (true",
    "getenv('HOME') = ''",
    "patient in (select * from query('attach ''{place}/x.db'''))",
]


def test_a_condition_reaches_no_file(
    made: Store, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    (tmp_path / "keys.csv").write_text("\n".join(made.cohort().keys))
    before = sorted(tmp_path.iterdir())
    for condition in OUT_OF_REACH:
        with subtests.test(condition), pytest.raises(QueryError):
            made.cohort().where(condition.format(place=tmp_path))
        query = condition.format(place=tmp_path).join(("select patient from patients where (", ")"))
        with subtests.test(query), pytest.raises(QueryError):
            made.cohort().sql(query)
    assert sorted(tmp_path.iterdir()) == before


def test_made_up_patients(made: Store) -> None:
    everybody = made.cohort()
    assert _names(everybody.synthetic(False)) == {"Cem", "=E<b>"}
    assert everybody.synthetic().steps[0].why == {"made up: the person": 3}
    assert _names(everybody.synthetic(True)) == {"Ada", "Ben", "Dea"}


def test_a_question_is_asked_again_of_a_later_store(made: Store) -> None:
    women = made.cohort().where("sex = 'F'")
    asked = (
        made.cohort().having("CT").before("treatment", days=30).with_fact("stage ilike 'iii%'")
        .followed(30, missing="cannot tell") | women
    ).only("facts: stage", ["IIIA"])  # fmt: skip
    question = json.loads(json.dumps(asked.question))
    again = Cohort.ask(made, question)
    assert again.keys == asked.keys
    assert again.question == question
    assert [vars(step) for step in again.steps] == [vars(step) for step in asked.steps]
    with made.transaction("a stage more") as t:
        t.add_facts(made["Dea"].key, [{"name": "stage", "value": "IIIA"}])
    assert "Dea" in _names(Cohort.ask(made, question))
    assert "Dea" not in _names(Cohort.asked(asked.basis, question))
    for wrong in ({}, {**question, "version": 9}, {**question, "steps": [{"ask": "eval"}]},
                  {**question, "steps": [{"ask": "followed", "days": "1"}]},
                  {**question, "steps": [{"ask": "having", "what": "CT", "x": 1}]}):  # fmt: skip
        with pytest.raises(QueryError):
            Cohort.ask(made, wrong)


def test_sets_of_two_moments_and_of_two_stores(made: Store, tmp_path: Path) -> None:
    before = made.cohort()
    with made.transaction("Fay comes, Ada changes") as t:
        t.add_facts(t.patient("Fay"), [{"name": "stage", "value": "I"}])
        t.add_facts(made["Ada"].key, [{"name": "more", "value": "1"}])
    after = made.cohort()
    both = before.having("CT") | after
    assert len(both) == 6
    ada = made["Ada"].key
    assert both.versions[ada] == before.versions[ada] == after.versions[ada] - 1
    assert len(before & after) == 5
    assert _names(after - before) == {"Fay"}
    assert both.rows("facts", ["name"]).num_rows == after.rows("facts", ["name"]).num_rows - 1
    assert _names(both.with_fact("stage = 'I'")) == {"Dea", "Fay"}
    other = explorer.open(tmp_path / "other.onco", create=True)
    with pytest.raises(QueryError, match="two stores"):
        before | other.cohort()


def test_a_set_goes_to_another_process(made: Store) -> None:
    asked = made.cohort().having("CT").before("treatment")
    there = pickle.loads(pickle.dumps(asked))
    assert there.keys == asked.keys
    assert there.question == asked.question
    assert len(there.with_fact("stage = 'I'")) == 1


def test_facets_and_counts_are_of_its_own_patients(made: Store) -> None:
    ct = made.cohort().having("CT")
    counted = ct.counts("sex").to_dict("records")
    assert counted == [
        {"value": "F", "state": None, "patients": 2}, {"value": "M", "state": None, "patients": 1},
    ]  # fmt: skip
    assert set(ct.facets().keys_of) == set(ct.keys)
    assert made.cohort().counts("patient: sex")["patients"].sum() == 5
    with pytest.raises(NotFoundError):
        ct.counts("nothing")


def test_the_flow_is_text_and_a_figure(made: Store) -> None:
    asked = made.cohort().with_fact("stage = '<script>alert(1)</script>'").having("CT")
    shown = asked._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert asked.flow.figure()._repr_png_().startswith(b"\x89PNG")
    assert asked.flow.document()["all"] == 5
    assert "0 of 5 patients" in repr(asked)


def test_any_text_is_a_value(store: Store, hostile: list[str]) -> None:
    texts = [text for text in hostile if text.strip()][-30:]
    with store.transaction("hostile") as t:
        for n, text in enumerate(texts):
            key = t.patient(f"{n} {text}")
            t.add_facts(key, [{"name": text, "value": text}])
    everybody = store.cohort()
    for text in texts[::3]:
        quoted = text.replace("'", "''")
        name = text.replace('"', '""')
        fact = f"\"{name}\" = '{quoted}'"
        assert len(everybody.with_fact(fact)) == texts.count(text)
        assert len(everybody.where("label like '% ' || $t", t=text)) >= 1
        everybody.with_fact(fact)._repr_html_()
        assert len(everybody.with_segment(text)) == 0
        assert len(everybody.then(AskHaving(text))) == 0
        with pytest.raises(NotFoundError, match="no modality"):
            everybody.having(text)


SETS = st.lists(st.tuples(st.sampled_from("|&-"), st.integers(0, 3)), max_size=6)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, drafts_in: Any) -> list[Cohort]:
    folder = tmp_path_factory.mktemp("sets")
    store = explorer.open(folder / "patients.onco", create=True)
    (folder / "sources").mkdir()
    _fill(store, drafts_in(store, folder / "sources"))
    everybody = store.cohort()
    return [
        everybody, everybody.having("CT"), everybody.where("sex = 'F'"),
        store.cohort().having("segmentation"),
    ]  # fmt: skip


@settings(max_examples=60)
@given(first=st.integers(0, 3), steps=SETS)
def test_sets_are_those_of_python(
    four: list[Cohort], first: int, steps: list[tuple[str, int]]
) -> None:
    found, keys = four[first], set(four[first].keys)
    for sign, n in steps:
        other = set(four[n].keys)
        if sign == "|":
            found, keys = found | four[n], keys | other
        elif sign == "&":
            found, keys = found & four[n], keys & other
        else:
            found, keys = found - four[n], keys - other
        last = found.steps[-1]
        assert last.before - last.left == sum(last.why.values()) or last.left > last.before
    assert set(found.keys) == keys
    assert Cohort.asked(found.basis, found.question).keys == found.keys
    code, texts = found.left_out()
    assert {k for k, c in zip(found.basis.keys.to_pylist(), code, strict=True) if c < 0} == keys
    assert all(c < len(texts) for c in code)


def test_some_patients_are_kept_and_the_step_says_so(made: Store) -> None:
    everybody = made.cohort()
    assert everybody.keys == tuple(made.keys_and_labels())
    some = everybody.among(["Cem", made["Ada"].key], "the tumour board")
    assert [one.label for one in some] == ["Ada", "Cem"]
    (step,) = some.steps
    assert (step.reason, step.before, step.left) == ("the tumour board: 2 patients", 5, 2)
    assert step.why == {"not among them": 3}
    with pytest.raises(NotFoundError):
        everybody.among(["nobody"])


def test_the_question_of_the_design(made: Store) -> None:
    with made.transaction("RNA") as t:
        for name in ("Ada", "Ben"):
            rna = {"name": "rna", "values": [1.0], "state": "present", "synthetic": True}
            t.replace_rows(made[name].key, "vectors", [rna])
    found = (
        made.cohort()
        .with_fact("stage ilike 'III%'")
        .having("CT", body_part="chest")
        .before("treatment")
        .having("segmentation")
        .having("RNA")
        .followed(730)
    )
    assert _names(found) == {"Ada"}
    assert [step.left for step in found.steps] == [4, 2, 1, 1, 1, 1]
    assert Cohort.ask(made, found.question).keys == found.keys


def test_what_is_not_there_is_told_with_what_is(made: Store) -> None:
    with pytest.raises(NotFoundError, match="'stage'"):
        made.cohort().with_fact("tage = 'I'")
    with pytest.raises(NotFoundError, match="rows: event"):
        made.cohort().having("CT").before("chemotherapy")
    with pytest.raises(NotFoundError, match="one of 'CT'") as refused:
        made.cohort().having("CTT")
    assert "(the patients have 'CT', " in str(refused.value)
    with pytest.raises(NotFoundError, match="one of 'MR'"):
        made.cohort().having("MRI")
    with pytest.raises(NotFoundError, match="one of 'segmentation'"):
        made.cohort().having("segmentatoin", missing="any")
    with pytest.raises(NotFoundError, match="'US'"):
        made.cohort().having("Ultrasound")
    with pytest.raises(QueryError, match='Candidate bindings: "sex"'):
        made.cohort().where("sexx = 'F'")
    with pytest.raises(QueryError, match="'single quotes'"):
        made.cohort().where("sex = F")
    shown = made.cohort().facets()._repr_html_()
    assert "facts: stage" in shown and "IIIA" in shown  # noqa: PT018 - one table
    assert repr(made.cohort().facets()).endswith("of 5 patients>")
