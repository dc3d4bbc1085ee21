"""Runs: what programs derive replaces what the same version said, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import explorer
from explorer.derived import text_sha256
from explorer.errors import NotFoundError, StoreError
from explorer.join import join
from explorer.run_draft import RunDraft
from explorer.unjoin import unjoin

TEXT = "No nodule. Effusion on the left."


def _run(version: str = "1", name: str = "nodule") -> RunDraft:
    row = {"finding": "f-1", "item": "r-1", "start": 3, "end": 9, "text": name, "entity": name}
    return RunDraft(
        "findings", "rules", version, "reports/r-1", text_sha256(TEXT), findings=[row],
        groundings=[{"grounding": "g-1", "finding": "f-1", "target": "reports/r-1",
                     "alternatives": '[{"target": "reports/r-1#chars=0:2"}]'}],
        verdicts=[{"finding": "f-1", "cue": "side", "evidence": ["reports/r-1#chars=3:9"]}],
        observations=[{"name": "count", "number": 1.0}],
    )  # fmt: skip


@pytest.fixture
def key(store: explorer.Store) -> str:
    with store.transaction("a report") as t:
        key = t.patient("Anna")
        t.add_text(key, "r-1", TEXT)
    return key


def test_the_same_again_is_no_new_version(store: explorer.Store, key: str) -> None:
    for _ in range(2):
        with store.transaction("run") as t:
            run = t.put_run(key, _run())
    assert store[key].version == 2
    assert store[key].findings["run"].tolist() == [run]
    with store.transaction("run") as t:
        t.put_run(key, _run(name="mass"))
    assert store[key].findings["text"].tolist() == ["mass"]
    assert store[key].derived("findings", every=True)["text"].tolist() == ["mass"]


def test_a_newer_version_stands_beside_the_older_one(store: explorer.Store, key: str) -> None:
    for version in ("1", "2"):
        with store.transaction("run") as t:
            t.put_run(key, _run(version, f"by {version}"))
    patient = store[key]
    assert patient.findings["text"].tolist() == ["by 2"]
    assert sorted(patient.derived("findings", every=True)["text"]) == ["by 1", "by 2"]
    assert len(patient.observations) == 1
    found = store.sql("select text from findings where current")
    assert found["text"].tolist() == ["by 2"]
    with store.transaction("the older version again") as t:
        t.put_run(key, _run("1", "by 1"))
    assert store[key].findings["text"].tolist() == ["by 1"]


def test_findings_of_a_report_that_reads_otherwise_are_not_shown(
    store: explorer.Store, key: str
) -> None:
    with store.transaction("run") as t:
        t.put_run(key, _run())
    with store.transaction("the report is corrected") as t:
        t.add_text(key, "r-1", TEXT.replace("left", "right"))
    assert store[key].findings.empty
    assert len(store[key].derived("findings", every=True)) == 1


def test_another_producer_is_not_replaced(store: explorer.Store, key: str) -> None:
    with store.transaction("run") as t:
        t.put_run(key, _run())
        t.put_run(key, replace(_run(), producer="radgraph"))
    assert len(store[key].findings) == 2


def test_an_unknown_field_is_refused_and_nothing_is_kept(store: explorer.Store, key: str) -> None:
    with pytest.raises(StoreError, match="No such field in findings"), store.transaction("x") as t:
        t.put_run(key, RunDraft("findings", "rules", "1", findings=[{"txt": 1}]))
    assert store[key].derived("runs").empty


def test_a_finding_is_found_by_its_address(store: explorer.Store, key: str) -> None:
    with store.transaction("run") as t:
        t.put_run(key, _run())
    found = explorer.Address(key, "findings", "f-1").resolve(store)
    assert found.value["text"].tolist() == ["nodule"]
    with pytest.raises(NotFoundError, match="earlier run"):
        explorer.Address(key, "findings", "f-2").resolve(store)


def test_ids_follow_a_join_and_its_end(store: explorer.Store, key: str) -> None:
    with store.transaction("the same person elsewhere") as t:
        other = t.patient("A.")
        t.add_text(other, "r-1", TEXT)
        t.put_run(other, _run(name="elsewhere"))
    join(store, other, key, "the same person")
    both = store[key]
    (item,) = both.findings["item"]
    assert item != "r-1"
    assert item in both.reports
    assert both.groundings["target"].tolist() == [f"reports/{item}"]
    assert item in both.groundings["alternatives"][0]
    assert both.verdicts["evidence"].tolist() == [[f"reports/{item}#chars=3:9"]]
    assert both.findings["text"].tolist() == ["elsewhere"]
    unjoin(store, other, "not the same")
    assert store[key].findings.empty
    assert store[other].findings["item"].tolist() == ["r-1"]


def test_runs_go_with_a_pack(store: explorer.Store, key: str, tmp_path: Path) -> None:
    from explorer.pack import pack
    from explorer.unpack_patient import unpack_patient

    with store.transaction("run") as t:
        t.put_run(key, _run())
    pack(store, key, tmp_path / "anna.onco.zip")
    other = explorer.open(tmp_path / "other.onco", create=True)
    unpack_patient(tmp_path / "anna.onco.zip", other)
    (patient,) = (other[name] for name in other)
    assert patient.findings["text"].tolist() == ["nodule"]


def test_the_patient_shows_what_was_derived(store: explorer.Store, key: str) -> None:
    with store.transaction("run") as t:
        t.put_run(key, _run(name="<b>nodule</b>"))
    html = store[key]._repr_html_()
    assert "&lt;b&gt;nodule&lt;/b&gt;" in html
    assert "<b>nodule" not in html
    assert "verdicts" in html
