"""The report view without a browser: what it offers, picks, lights up and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import explorer
import graphs
from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.patient import Patient
from explorer.run_draft import RunDraft
from explorer.store import Store
from graphs.errors import GroundingError
from graphs.grounding.grounding import Grounding
from graphs.verdict import Verdict
from widgets.report_view import ReportView
from widgets.selection import Selection
from widgets.view import View

OLD = "FINDINGS: Nodule of 12 mm in the right upper lobe. No pleural effusion."
NEW = "FINDINGS: 😀 Nodule of 15 mm in the right upper lobe. Pleural effusion on the left."


def _store(folder: Path) -> Store:
    store = explorer.open(folder / "texts.onco", create=True)
    with store.transaction("made up") as t:
        key = t.patient("texts", synthetic=True)
        t.add_text(key, "r-1", OLD, date="2020-01-01", synthetic=True)
        t.add_text(key, "r-2", NEW, date="2020-07-01", synthetic=True)
        t.patient("nobody", synthetic=True)
    return store


def _placed(patient: Patient) -> str:
    """Reads the reports and gives the newest nodule a place and a verdict; its id."""
    found = graphs.extract(patient)
    nodule = next(one for one in found if one.item == "r-2" and one.entity == "nodule")
    place = Grounding(nodule.id, "proposed", "manual", "lesion", "box3d",
                      "images/ct#box=1:3,2:4,2:4", 0.7, reason="made up")  # fmt: skip
    size = nodule.measurements[0]
    evidence = (f"reports/r-2#chars={size.start}:{size.end}", place.target or "")
    told = Verdict(nodule.id, "size", "contradicts", "15 mm", "30 mm", evidence, "rule")
    with patient.store.transaction("made up") as t:
        t.put_run(patient.key, RunDraft("grounding", "test", "1", groundings=[place.row()]))
        t.put_run(patient.key, RunDraft("check", "test", "1", verdicts=[told.row()]))
    return nodule.id


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return _store(tmp_path)["texts"]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Patient, str]:
    """A patient whose reports have been read, and the id of the newest nodule; not written to."""
    store = _store(tmp_path_factory.mktemp("read"))
    nodule = _placed(store["texts"])
    return store["texts"], nodule


def _words(view: ReportView) -> list[str]:
    text = view._content["text"]
    return [text[one["start"] : one["end"]] for one in view._content["findings"]]


def test_it_is_a_view_and_shows_the_newest_report(read: tuple[Patient, str]) -> None:
    view = ReportView(read[0])
    assert isinstance(view, View)
    assert view.report == "r-2"
    assert [one["when"] for one in view._reports] == ["2020-01-01", "2020-07-01"]
    assert _words(view) == ["Nodule", "Pleural effusion"]
    with pytest.raises(NotFoundError):
        ReportView(read[0], report="r-3")
    with pytest.raises(NotFoundError):
        ReportView(read[0].store["nobody"])
    with pytest.raises(TypeError):
        ReportView(read[0], colour="red")


def test_a_pick_is_the_finding_and_its_words(read: tuple[Patient, str]) -> None:
    patient, nodule = read
    view = ReportView(patient)
    view._on_message(view, {"kind": "finding", "id": nodule}, None)
    start = NEW.index("Nodule")
    assert view.selection.picked == (
        f"onco:{patient.key}/findings/{nodule}",
        f"onco:{patient.key}/reports/r-2#chars={start}:{start + 6}",
    )
    assert view.selection.by == "ReportView"
    assert view.current == nodule
    assert view._lit["findings"] == [nodule]
    assert not view._lit["scroll"]
    with pytest.raises(NotFoundError):
        view.pick("f-unknown")


def test_what_another_view_picks_is_lit_and_scrolled_to(read: tuple[Patient, str]) -> None:
    patient, nodule = read
    place = graphs.groundings(patient)[0]
    selection = Selection()
    view = ReportView(patient, selection, report="r-1")
    selection.pick(Address(patient.key, "reports", "r-1").at(chars=(10, 16)), by="test")
    assert view._lit["spans"] == [[10, 16]]
    assert view._lit["scroll"]
    selection.pick(Address(patient.key, "groundings", place.id), by="test")
    assert view.report == "r-1"  # nothing says that it is in another report
    selection.pick(Address(patient.key, "findings", nodule), by="test")
    assert view.report == "r-2"
    assert view._lit["findings"] == [nodule]
    assert view.current == nodule
    selection.pick(Address("elsewhere", "findings", nodule), by="test")
    assert view._lit["findings"] == []
    late = ReportView(patient, selection)
    selection.pick(Address(patient.key, "groundings", place.id), by="test")
    assert late._lit["groundings"] == [place.id]
    assert late._lit["findings"] == [nodule]


def test_places_alternatives_and_verdicts_are_picked(read: tuple[Patient, str]) -> None:
    patient, nodule = read
    view = ReportView(patient)
    (verdict,) = view._content["verdicts"]
    assert (verdict["verdict"], verdict["said"], verdict["seen"]) == (
        "contradicts",
        "15 mm",
        "30 mm",
    )
    start, end = verdict["spans"][0]
    assert NEW[start:end] == "15 mm"
    view._on_message(view, {"kind": "verdict", "at": 0}, None)
    assert view.selection.picked == tuple(
        f"onco:{patient.key}/{one}" for one in verdict["evidence"]
    )
    (place,) = view._content["groundings"]
    view._on_message(view, {"kind": "grounding", "id": place["id"]}, None)
    assert view.selection.picked == (f"onco:{patient.key}/groundings/{place['id']}",)
    assert place["finding"] == nodule
    view._on_message(view, {"kind": "target", "id": place["target"]}, None)
    assert view.selection.picked == (f"onco:{patient.key}/images/ct#box=1:3,2:4,2:4",)


def test_parts_of_a_finding_stand_where_the_report_has_them(read: tuple[Patient, str]) -> None:
    view = ReportView(read[0])
    first, second = view._content["findings"]
    parts = {part["kind"]: NEW[part["start"] : part["end"]] for part in first["parts"]}
    assert parts["size"] == "15 mm"
    assert "right upper lobe" in parts["place"]
    assert second["side"] == "left"


def test_accept_and_reject_are_kept_with_the_newest_version(patient: Patient) -> None:
    _placed(patient)
    patient = patient.store["texts"]
    view = ReportView(patient)
    (place,) = view._content["groundings"]
    sent: list[Any] = []
    view.send = lambda message, *_: sent.append(message)
    view._on_message(view, {"kind": "judge", "id": place["id"], "status": "accepted"}, None)
    assert "Nobody is named" in sent[0]["message"]
    with patient.store.transaction("moved on") as t:  # the view does not know of it
        t.add_text(patient.key, "r-9", "Later.", date="2021-01-01", synthetic=True)
    said = {"kind": "judge", "id": place["id"], "status": "accepted", "reviewer": " Ada "}
    view._on_message(view, said, None)
    view._on_message(view, {**said, "status": "rejected", "reason": "no"}, None)
    (place,) = view._content["groundings"]
    assert place["status"] == "rejected"
    assert [(one["status"], one["reviewer"], one["reason"]) for one in place["history"]] == [
        ("accepted", "Ada", ""),
        ("rejected", "Ada", "no"),
    ]
    assert view.reviewer == "Ada"
    assert "r-9" in view.patient.reports
    with pytest.raises(GroundingError):
        view.judge(place["id"], "perhaps")


def test_find_reads_grounds_and_checks(patient: Patient) -> None:
    view = ReportView(patient)
    assert view._content["read"] == []
    seen: list[Any] = []
    view.observe(lambda change: seen.append(change["new"]["state"]), "_work")
    view.find(wait=True)
    assert view._work["state"] == "done"
    assert seen[0] == "running"
    assert view._content["read"][0].startswith("oncograph.rules ")
    assert _words(view) == ["Nodule", "Pleural effusion"]
    assert view._content["groundings"]


def test_compare(read: tuple[Patient, str]) -> None:
    view = ReportView(read[0], mode="compare")
    assert view.against == "r-1"
    found = view._compared
    assert [one["when"] for one in (found["before"], found["after"])] == [
        "2020-01-01",
        "2020-07-01",
    ]
    kinds = {one["entity"]: one["kind"] for one in found["findings"]}
    assert kinds == {"nodule": "changed", "pleural effusion": "came"}
    view.report = "r-1"
    assert view.against == "r-2"
    assert {one["entity"]: one["kind"] for one in view._compared["findings"]} == {
        "nodule": "changed",
        "pleural effusion": "went",
    }


def test_find_can_be_stopped_and_goes_on(patient: Patient) -> None:
    from widgets.findings_job import FindingsJob, Progress

    steps: list[Progress] = []

    def told(step: Progress) -> None:
        steps.append(step)
        job.stop()  # while the first report is read

    job = FindingsJob(patient, told)
    job.run()
    assert steps[-1].state == "stopped"
    now = patient.store["texts"]
    assert {one.item for one in graphs.findings(now)} == {"r-1"}
    assert not graphs.groundings(now)
    steps.clear()
    FindingsJob(patient, steps.append).run()
    assert steps[-1].state == "done"
    assert steps[0].total == 4  # the second report, two to ground, and the check


def test_the_figure_says_what_is_on_the_screen(read: tuple[Patient, str]) -> None:
    view = ReportView(read[0])
    figure = view.figure()
    said = [one.get_text() for one in figure.axes[0].texts]
    assert "2020-07-01" in said[0]
    assert any("size contradicts: 15 mm | 30 mm" in one for one in said)
    assert not any(one.get_parse_math() for one in figure.axes[0].texts)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [one.get_text() for one in legend.get_texts()] == ["present"]
    assert figure._repr_png_()[:4] == b"\x89PNG"
