"""All findings of a made-up patient, and what people say of them, over several runs."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from explorer.errors import NotFoundError
from graphs.commands.ground import ground as command
from graphs.errors import GroundingError
from graphs.extract import extract
from graphs.finding import Finding
from graphs.ground_all import ground_all
from graphs.grounding.answer_where import answer_where
from graphs.grounding.draw import draw
from graphs.grounding.ground import ground
from graphs.grounding.review import review
from graphs.grounding.reviews import review_rows
from graphs.groundings import groundings
from graphs.measured_value import MeasuredValue
from graphs.sample_report import sample_report

METHODS = ["explicit", "measurement"]
TEXT = "A 10 mm nodule on the left. No pleural effusion. A second nodule."
FIRST, SECOND, THIRD = (f"segmentations/seg-1#label=lesion%20{k}" for k in (1, 2, 3))


def _made_up(folder: Path) -> Any:
    """The class behind the fixture of the folder beside: each test has a store of its own."""
    file = Path(__file__).parent / "grounding" / "conftest.py"
    spec = importlib.util.spec_from_file_location("grounding_conftest", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def patient(tmp_path: Path) -> Any:
    module = _made_up(tmp_path)
    ball: Callable[..., Any] = module.ball_mask
    masks = {
        "lesion 1": ball((10, 40, 20), 5), "lesion 2": ball((24, 40, 60), 5),
        "lesion 3": ball((8, 40, 60), 9),
    }  # fmt: skip
    store = module.MadeUp(tmp_path)
    store.patient("all", masks, TEXT)
    size = MeasuredValue((10.0,), "mm", "size", 2, 7)
    return store.say(
        "all",
        [
            Finding(8, 14, "nodule", "nodule", measurements=(size,), sentence_end=27),
            Finding(31, 47, "pleural effusion", "pleural effusion", assertion="absent",
                    sentence=1, sentence_start=28, sentence_end=48),
            Finding(58, 64, "nodule", "nodule", sentence=2, sentence_start=49, sentence_end=65),
        ],
    )  # fmt: skip


def _newest(patient: Any) -> Any:
    return patient.store[patient.key]


def test_every_finding_has_an_answer_and_is_not_asked_twice(patient: Any) -> None:
    told: list[str] = []
    found = ground_all(patient, METHODS, told=told.append)
    assert told == ["r-1"]
    assert [one.status for one in found] == ["abstained"] * 3
    assert found[0].reason == "2 lesions fit about as well"
    assert found[1].reason.startswith("explicit: an absent finding has no lesion")
    version = _newest(patient).version
    ground_all(patient, METHODS)
    assert _newest(patient).version == version  # nothing has changed, so nothing was done
    ground_all(patient, ["explicit"])
    runs = _newest(patient).derived("runs", every=True)
    assert (runs["kind"] == "grounding").sum() == 2
    assert ((runs["kind"] == "grounding") & runs["current"]).sum() == 1
    assert "groundings" in found._repr_html_()


def test_a_drawn_place_wins_and_outlives_the_grounder(patient: Any) -> None:
    first = ground_all(patient, METHODS)[0].finding
    drawn = draw(patient, first, SECOND, "Dr A", "as the report says: left")
    assert (drawn.status, drawn.method, drawn.geometry) == ("accepted", "manual", "mask")
    mine = [one for one in ground_all(patient, METHODS, again=True) if one.finding == first]
    assert [(one.target, one.status) for one in mine] == [(SECOND, "accepted")]
    assert mine[0].detail["reviewer"] == "Dr A"
    there = _newest(patient)
    row = next(one for one in there.rows("findings") if one["finding"] == first)
    assert ground(Finding.of_row(row), there, METHODS).target == SECOND
    draw(patient, first, FIRST, "Dr B")
    mine = [one for one in groundings(_newest(patient)) if one.finding == first]
    assert [(one.target, one.status) for one in mine] == [(FIRST, "accepted")]
    assert len(review_rows(_newest(patient), every=True)) == 2  # both words are kept


def test_what_a_person_refuses_is_not_proposed_again(patient: Any) -> None:
    first = ground_all(patient, METHODS)[0].finding
    draw(patient, first, SECOND, "Dr A")
    one = next(one for one in groundings(_newest(patient)) if one.finding == first)
    review(patient, one.id, "rejected", "Dr B", "it is a vessel")
    found = {one.target: one for one in ground_all(patient, METHODS) if one.finding == first}
    assert found[SECOND].status == "rejected"
    assert found[FIRST].status == "proposed"  # no tie any more
    assert SECOND not in [one.target for one in found[FIRST].alternatives]
    said = [(row["status"], row["reviewer"]) for row in review_rows(_newest(patient), every=True)]
    assert said == [("accepted", "Dr A"), ("rejected", "Dr B")]
    review(patient, found[FIRST].id, "accepted", "Dr B")
    again = {one.target: one.status for one in ground_all(patient, METHODS, again=True)
             if one.finding == first}  # fmt: skip
    assert again == {FIRST: "accepted", SECOND: "rejected"}


def test_a_word_on_a_text_that_reads_otherwise_by_now_does_not_count(patient: Any) -> None:
    first = ground_all(patient, METHODS)[0].finding
    draw(patient, first, SECOND, "Dr A")
    with patient.store.transaction("amended") as t:
        t.add_text(patient.key, "r-1", TEXT.replace("left", "right"), date="2020-01-01")
    assert list(groundings(_newest(patient))) == []
    assert len(review_rows(_newest(patient), every=True)) == 1


def test_faults_of_reviewers_are_said(patient: Any) -> None:
    found = ground_all(patient, METHODS)
    with pytest.raises(GroundingError, match="no place to accept"):
        review(patient, found[0].id, "accepted", "Dr A")
    with pytest.raises(NotFoundError):
        review(patient, "g-none", "accepted", "Dr A")
    with pytest.raises(GroundingError, match="Nobody"):
        draw(patient, found[0].finding, SECOND, " ")
    with pytest.raises(NotFoundError):
        draw(patient, "f-none", SECOND, "Dr A")
    with pytest.raises(NotFoundError):
        draw(patient, found[0].finding, "segmentations/seg-1#label=none", "Dr A")
    drawn = draw(patient, found[0].finding, "images/img-1#box=1:2,3:9,3:9", "Dr A")
    assert drawn.geometry == "box3d"


def test_the_command_gives_one_document(patient: Any) -> None:
    app = typer.Typer()
    app.command()(command)
    place = str(patient.store.path)
    run = CliRunner().invoke(app, [place, "--patient", "all", "--method", "measurement",
                                   "--json"])  # fmt: skip
    assert run.exit_code == 0, run.output
    document = json.loads(run.stdout)
    assert document["failed"] == []
    assert [one["status"] for one in document["groundings"]] == ["abstained"] * 3
    assert document["groundings"][0]["patient"] == "all"
    cues = {one["cue"] for one in document["groundings"][0]["evidence"]}
    assert "size" in cues
    shown = CliRunner().invoke(app, [place])
    assert shown.exit_code == 0
    assert "3 groundings" in shown.output
    assert np.all([one.status == "abstained" for one in groundings(_newest(patient))])


@pytest.mark.parametrize("reader", [1, 4])
def test_one_reader_of_a_real_nodule_leads_to_the_outline_of_another(
    lidc: Any, reader: int
) -> None:
    """LIDC-IDRI-0314: the text is made of one outline, so the answer is never that one."""
    report = sample_report(lidc["LIDC-IDRI-0314"], reader)
    extract(lidc["LIDC-IDRI-0314"])
    found = ground_all(lidc["LIDC-IDRI-0314"])
    patient = lidc["LIDC-IDRI-0314"]
    rows = {row["finding"]: row for row in patient.rows("findings") if row["item"] == report.id}
    mine = {one.finding: one for one in found if one.finding in rows}
    nodules = [one for one in mine.values() if rows[one.finding]["entity"] == "nodule"]
    assert len(nodules) == 2  # of the findings and of the impression
    own = f"reader%20{reader}"
    for one in nodules:
        assert (one.status, one.method, one.region) == ("proposed", "measurement", "lesion")
        assert own not in str(one.target)
    assert not any(own in other.target for one in mine.values() for other in one.alternatives)
    detailed = max(nodules, key=lambda one: len(one.evidence))
    passed = {one.cue for one in detailed.evidence if one.passed}
    assert {"size", "short axis", "side", "slice"} <= passed
    absent = [one for one in mine.values() if rows[one.finding]["assertion"] == "absent"]
    assert all(one.region != "lesion" for one in absent)


def test_a_real_prostate(bundled: Any) -> None:
    """PCAMPMRI-00001: its SEG has a lesion, the gland and a zone; the text was made up."""
    store = bundled("PCAMPMRI-00001")
    text = "Lesion in the peripheral zone of the prostate. No lesion of the bladder."
    with store.transaction("a made-up text") as t:
        t.add_text(store["PCAMPMRI-00001"].key, "r-made-up", text, synthetic=True)
    extract(store["PCAMPMRI-00001"])
    found = ground_all(store["PCAMPMRI-00001"])
    patient = store["PCAMPMRI-00001"]
    rows = {r["finding"]: r for r in patient.rows("findings") if r["item"] == "r-made-up"}
    by_assertion = {rows[g.finding]["assertion"]: g for g in found if g.finding in rows}
    lesion = by_assertion["present"]
    assert (lesion.status, lesion.region) == ("proposed", "lesion")
    assert str(lesion.target).endswith("#label=Lesion")
    assert by_assertion["absent"].status == "abstained"  # no outline of the bladder
    where = answer_where(patient, lesion.finding)
    mask = np.argwhere(np.asarray(patient.segmentations["SEG"].mask("Lesion")))
    spans = zip(mask.min(axis=0), mask.max(axis=0) + 1, strict=True)
    assert where.box == tuple((int(a), int(b)) for a, b in spans)
