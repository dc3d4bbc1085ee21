"""Questions about a made-up patient: each answer cites what is there, 'where' gives the box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from graphs.finding import Finding
from graphs.ground_all import ground_all
from graphs.grounding.answer import Answer
from graphs.grounding.answer_where import answer_where
from graphs.grounding.dialogue import Dialogue
from graphs.grounding.draw import draw
from graphs.grounding.speaks_of import speaks_of
from graphs.measured_value import MeasuredValue
from graphs.node import Node

TEXT = "A 10 mm nodule in the left lung. No pleural effusion. A 30 mm mass."
METHODS = ["explicit", "measurement", "anatomy"]
NODULE = "segmentations/seg-1#label=Nodule%201"
LUNG = "segmentations/seg-1#label=lung_left"


@pytest.fixture(scope="module")
def masks(ball: Callable[..., Any]) -> dict[str, Any]:
    lung = ball((14, 40, 60), 18)
    return {"Nodule 1": ball((10, 40, 60), 5), "lung_left": lung}


@pytest.fixture(scope="module")
def patient(made_up: Any, masks: dict[str, Any]) -> Any:
    made_up.patient("dialogue", masks, TEXT)
    sizes = [MeasuredValue((v,), "mm", "size", a, b) for v, a, b in ((10.0, 2, 7), (30.0, 56, 61))]
    lung = ("lung_left",)
    findings = [
        Finding(8, 14, "nodule", "nodule", laterality="left", anatomy=lung,
                measurements=(sizes[0],), sentence_end=32),
        Finding(36, 52, "pleural effusion", "pleural effusion", assertion="absent", anatomy=lung,
                sentence=1, sentence_start=33, sentence_end=53),
        Finding(62, 66, "mass", "mass", measurements=(sizes[1],), sentence=2, sentence_start=54,
                sentence_end=len(TEXT)),
    ]  # fmt: skip
    node = Node("n-1", "observation", "nodule", target="reports/r-1#chars=8:14")
    there = made_up.say(
        "dialogue", findings, [node, Node("n-2", "lesion", "nodule", target=NODULE)]
    )
    ground_all(there, METHODS)
    return made_up.store["dialogue"]


def _check(answer: Answer, patient: Any) -> None:
    known = {row["finding"] for row in patient.rows("findings")}
    known |= {row["grounding"] for row in patient.rows("groundings")}
    known |= {row["node"] for row in patient.rows("nodes")}
    assert answer.cited
    assert set(answer.cited) <= known
    for target in answer.targets:
        Address.parse(f"onco:{patient.key}/{target}").resolve(patient.store)


def _bounding_box(mask: Any) -> tuple[tuple[int, int], ...]:
    at = np.argwhere(mask)
    spans = zip(at.min(axis=0), at.max(axis=0), strict=True)
    return tuple((int(a), int(b) + 1) for a, b in spans)


def test_a_dialogue_of_four_turns(patient: Any, masks: dict[str, Any]) -> None:
    talk = Dialogue(patient)
    there = talk.ask("Is there a nodule?")
    assert there.text == "The report says so: A 10 mm nodule in the left lung."
    where = talk.ask("Where is it?")
    assert where.box == _bounding_box(masks["Nodule 1"])
    assert where.targets == (NODULE,)
    assert where.nodes == ("n-1", "n-2")
    assert (
        "outlined in the CT, slices, rows and columns 8 to 12 x 35 to 45 x 55 to 65" in where.text
    )
    size = talk.ask("How large is it?")
    assert size.text == "The report gives for the nodule: size 10 mm."
    assert size.box == where.box
    effusion = talk.ask("Is there a pleural effusion?")
    assert effusion.text == "The report says that there is none: No pleural effusion."
    for answer in (there, where, size, effusion):
        _check(answer, patient)


def test_an_absent_finding_is_where_it_was_looked_for(patient: Any, masks: dict[str, Any]) -> None:
    talk = Dialogue(patient)
    talk.ask("Any pleural effusions?")
    where = talk.ask("Where was it looked for?")
    assert where.detail["region"] == "examined"
    assert where.box == _bounding_box(masks["lung_left"])
    assert where.text.startswith("No pleural effusion is said to be there; what was examined is")


def test_what_is_not_known_is_said(patient: Any) -> None:
    talk = Dialogue(patient)
    mass = talk.ask("Where is the mass?")
    assert mass.box is None
    assert "cannot be told" in mass.text
    _check(mass, patient)
    assert talk.ask("Is there a fracture?").cited == ()
    assert "no answer" in talk.ask("Where is the fracture?").text
    talk.ask("Is there a nodule?")
    assert talk.ask("Has it changed?").text == "Change of the nodule: not said."
    assert talk.ask("Would it rain?").text == "The question was not understood."
    assert talk.ask("'; drop table findings; --").cited == ()


def test_the_box_is_an_address_that_resolves(patient: Any, masks: dict[str, Any]) -> None:
    finding = patient.rows("findings")[0]["finding"]
    where = answer_where(patient, finding)
    box = Address.parse(where.address or "").resolve(patient.store)
    assert box.value.shape == tuple(b - a for a, b in where.box or ())
    assert "rests on" in where._repr_html_()


def test_from_a_voxel_to_the_sentences_most_particular_first(patient: Any) -> None:
    image = patient.images["img-1"].address
    found = speaks_of(patient, image.at(voxel=(10, 40, 60)))
    assert [(one.how, one.finding.entity) for one in found] == [
        ("lesion", "nodule"), ("examined", "pleural effusion"),
    ]  # fmt: skip
    assert found[0].sentence == "A 10 mm nodule in the left lung."
    assert found[0].address.resolve(patient.store).value == found[0].sentence
    beside = speaks_of(patient, image.at(voxel=(20, 40, 60)))
    assert [(one.how, one.finding.entity) for one in beside] == [
        ("examined", "pleural effusion"), ("anatomy", "nodule"),
    ]  # fmt: skip
    assert list(speaks_of(patient, image.at(voxel=(29, 1, 1)))) == []
    assert "findings that speak of this place" in found._repr_html_()


def test_from_a_point_a_box_or_a_segment(patient: Any) -> None:
    image = patient.images["img-1"].address
    for place in (
        image.at(point=(20.0, 0.0, 20.0)),
        image.at(box=((0, 30), (38, 42), (56, 64))),
        patient.segmentations["seg-1"].address.at(label="Nodule 1"),
    ):
        assert speaks_of(patient, place)[0].how == "lesion"
        assert speaks_of(patient, str(place))[0].finding.entity == "nodule"


def test_a_drawn_box_is_spoken_of_and_given_back(made_up: Any, masks: dict[str, Any]) -> None:
    made_up.patient("drawn", masks, TEXT)
    there = made_up.say("drawn", [Finding(62, 66, "mass", "mass", sentence_start=54,
                                          sentence_end=len(TEXT))])  # fmt: skip
    finding = there.rows("findings")[0]["finding"]
    draw(there, finding, "images/img-1#box=2:4,3:9,5:9", "Dr A")
    there = made_up.store["drawn"]
    assert answer_where(there, finding).box == ((2, 4), (3, 9), (5, 9))
    assert "a person placed it" in answer_where(there, finding).text
    found = speaks_of(there, there.images["img-1"].address.at(voxel=(3, 4, 6)))
    assert [one.finding.id for one in found] == [finding]
