"""Questions about a made-up patient: each answer cites what is there, 'where' gives the box."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.address import Address
from graphs.grounding.answer import Answer
from graphs.grounding.dialogue import Dialogue

NODULE = "segmentations/seg-1#label=Nodule%201"


def _bounding_box(mask: Any) -> tuple[tuple[int, int], ...]:
    at = np.argwhere(mask)
    spans = zip(at.min(axis=0), at.max(axis=0), strict=True)
    return tuple((int(a), int(b) + 1) for a, b in spans)


def _check(answer: Answer, spoken: Any) -> None:
    known = {row["finding"] for row in spoken.rows("findings")}
    known |= {row["grounding"] for row in spoken.rows("groundings")}
    known |= {row["node"] for row in spoken.rows("nodes")}
    assert answer.cited
    assert set(answer.cited) <= known
    for target in answer.targets:
        Address.parse(f"onco:{spoken.key}/{target}").resolve(spoken.store)


def test_a_dialogue_of_four_turns(spoken: Any, spoken_masks: dict[str, Any]) -> None:
    talk = Dialogue(spoken)
    there = talk.ask("Is there a nodule?")
    assert there.text == "The report says so: A 10 mm nodule in the left lung."
    where = talk.ask("Where is it?")
    assert where.box == _bounding_box(spoken_masks["Nodule 1"])
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
        _check(answer, spoken)


def test_an_absent_finding_is_where_it_was_looked_for(
    spoken: Any, spoken_masks: dict[str, Any]
) -> None:
    talk = Dialogue(spoken)
    talk.ask("Any pleural effusions?")
    where = talk.ask("Where was it looked for?")
    assert where.detail["region"] == "examined"
    assert where.box == _bounding_box(spoken_masks["lung_left"])
    assert where.text.startswith("No pleural effusion is said to be there; what was examined is")


def test_what_is_not_known_is_said(spoken: Any) -> None:
    talk = Dialogue(spoken)
    mass = talk.ask("Where is the mass?")
    assert mass.box is None
    assert "cannot be told" in mass.text
    _check(mass, spoken)
    assert talk.ask("Is there a fracture?").cited == ()
    assert "no answer" in talk.ask("Where is the fracture?").text
    talk.ask("Is there a nodule?")
    assert talk.ask("Has it changed?").text == "Change of the nodule: not said."
    assert talk.ask("Would it rain?").text == "The question was not understood."
    assert talk.ask("'; drop table findings; --").cited == ()
