from __future__ import annotations

import pytest

import explorer
import graphs
from explorer.address import Address
from explorer.patient import Patient
from explorer.run_draft import RunDraft
from graphs.grounding.grounding import Grounding
from widgets.dialogue_view import DialogueView
from widgets.view import View

TEXT = "FINDINGS: Nodule of 12 mm in the right upper lobe, increased. No pleural effusion."
HOSTILE = "Is there a <script>alert(1)</script>?"


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Patient:
    store = explorer.open(tmp_path_factory.mktemp("talk") / "talk.onco", create=True)
    with store.transaction("made up") as t:
        key = t.patient("talk", synthetic=True)
        t.add_text(key, "r-1", TEXT, date="2020-01-01", synthetic=True)
    found = graphs.extract(store["talk"])
    nodule = next(one for one in found if one.entity == "nodule")
    unplaced = Grounding(nodule.id, "abstained", reason="no outline is there")
    with store.transaction("made up") as t:
        t.put_run(key, RunDraft("grounding", "test", "1", groundings=[unplaced.row()]))
    return store["talk"]


def test_four_turns_each_with_what_it_rests_on(patient: Patient) -> None:
    view = DialogueView(patient)
    assert isinstance(view, View)
    for question in ("Is there a nodule?", "Where is it?", "How large is it?", "Has it changed?"):
        view.ask(question)
    said = [turn["answer"] for turn in view.turns]
    assert said[0].startswith("The report says so")
    assert "cannot be told: no outline is there" in said[1]
    assert "12 mm" in said[2]
    assert "increased" in said[3]
    nodule = next(one for one in graphs.findings(patient) if one.entity == "nodule")
    for turn in view.turns:
        cited = [Address.parse(one["address"]) for one in turn["cited"]]
        assert (cited[0].kind, cited[0].item) == ("findings", nodule.id)
    grounded = [Address.parse(one["address"]).kind for one in view.turns[1]["cited"]]
    assert "groundings" in grounded


def test_what_is_not_stored_is_not_answered(patient: Patient) -> None:
    view = DialogueView(patient)
    for question in (HOSTILE, "Will she live?", "Is there a fracture?"):
        view._on_message(view, {"kind": "ask", "question": question}, None)
    assert [turn["cited"] for turn in view.turns] == [[], [], []]
    assert all("no answer" in turn["answer"] for turn in view.turns)
    assert view.turns[0]["question"] == HOSTILE


def test_a_cited_address_can_be_picked_and_no_other(patient: Patient) -> None:
    view = DialogueView(patient)
    view.ask("Is there a nodule?")
    cited = view.turns[0]["cited"][0]["address"]
    view._on_message(view, {"kind": "pick", "address": cited}, None)
    assert view.selection.picked == (cited,)
    assert view.selection.by == "DialogueView"
    assert cited in view._lit
    view._on_message(view, {"kind": "pick", "address": "onco:x/findings/other"}, None)
    assert view.selection.picked == (cited,)
    view._on_message(view, {"kind": "clear"}, None)
    assert view.turns == []


def test_figure(patient: Patient) -> None:
    view = DialogueView(patient)
    view.ask("Is there a nodule of $x^2$?")
    figure = view.figure()
    assert "$x^2$" in figure.texts[0].get_text()
    assert not figure.texts[0].get_parse_math()
    assert "No question" in DialogueView(patient).figure().texts[0].get_text()
