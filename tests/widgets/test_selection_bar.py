from __future__ import annotations

import json
from typing import Any

import pytest

from explorer.patient import Patient
from widgets.in_words import counted, in_words
from widgets.link_index import LinkIndex
from widgets.patient_links import PatientLinks
from widgets.selection import Selection
from widgets.selection_bar import SelectionBar
from widgets.tab_strip import TabStrip


@pytest.mark.parametrize(
    ("target", "expected"),
    [("reports/r-1#chars=8:14", ("words", "“nodule”")),
     ("reports/r-1#chars=2:7&node=measurement", ("number", "10 mm")),
     ("findings/f-nodule", ("finding", "nodule, present, left, 10 mm")),
     ("segmentations/seg-1#label=Nodule%201", ("outline", "Nodule 1")),
     ("images/ct-1#voxel=4,12,22", ("place", "voxel 4,12,22 of CT 2020-01-01")),
     ("images/ct-1", ("image", "CT 2020-01-01, made-up ct-1")),
     ("observations/table-1#row=1", ("measurement", "Diameter: 10 mm")),
     ("lesions/2.25.1", ("lesion", "1")),
     ("events/treatment%3Asurgery", ("treatment", "surgery, 2020-01-01")),
     ("anatomy/lung_left", ("structure", "lung_left")),
     ("findings/gone", ("findings", "gone"))],
)  # fmt: skip
def test_addresses_in_words(by_hand: Patient, target: str, expected: tuple[str, str]) -> None:
    assert in_words(LinkIndex(by_hand), f"onco:{by_hand.key}/{target}") == expected


def test_others_are_named_as_such(by_hand: Patient) -> None:
    index = LinkIndex(by_hand)
    assert in_words(index, "onco:other/images/x")[0] == "another patient"
    long = f"onco:{by_hand.key}/facts/{'x' * 300}"
    assert len(in_words(index, long)[1]) == 90
    found = [f"onco:{by_hand.key}/studies/1.2.{k}" for k in (1, 2)]
    assert counted(index, found) == "2 studies"


def test_what_the_bar_is_asked_for(by_hand: Patient) -> None:
    selection = Selection(PatientLinks(by_hand))
    bar = SelectionBar(PatientLinks(by_hand), selection)
    sent: list[dict[str, Any]] = []
    bar.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    ask = lambda **content: bar._on_message(bar, content, [])  # noqa: E731
    assert bar._person["label"] == "by hand"
    assert bar._person["marks"] == ["synthetic"]
    ask(kind="copy")
    assert sent == []
    ask(kind="paste", text="no address")
    assert "no address" in bar.notice
    one, two = (f"onco:{by_hand.key}/findings/f-{name}" for name in ("nodule", "mass"))
    ask(kind="paste", text=f"{one}\n{two}\n")
    assert selection.picked == (one, two)
    assert bar.notice == ""
    assert [row["kind"] for row in bar._picked] == ["finding", "finding"]
    ask(kind="copy")
    assert sent[-1] == {"kind": "text", "text": f"{one}\n{two}"}
    ask(kind="save")
    assert sent[-1]["name"] == "selection-by-hand.json"
    assert json.loads(sent[-1]["text"]) == selection.to_json()
    ask(kind="back")
    assert (selection.picked, bar._ways) == ((), [False, True])
    ask(kind="forward")
    ask(kind="clear")
    assert (selection.picked, bar._ways) == ((), [True, False])
    ask(kind="nonsense")


def test_tabs() -> None:
    strip = TabStrip(titles=["a", "b"])
    assert (strip.titles, strip.selected) == (["a", "b"], 0)
