from __future__ import annotations

from typing import Any

from explorer.address import Address
from graphs.finding import Finding
from graphs.grounding.answer_where import answer_where
from graphs.grounding.draw import draw
from graphs.grounding.speaks_of import speaks_of

TEXT = "A 10 mm nodule in the left lung. No pleural effusion. A 30 mm mass."


def test_the_box_is_an_address_that_resolves(spoken: Any, spoken_masks: dict[str, Any]) -> None:
    finding = spoken.rows("findings")[0]["finding"]
    where = answer_where(spoken, finding)
    box = Address.parse(where.address or "").resolve(spoken.store)
    assert box.value.shape == tuple(b - a for a, b in where.box or ())
    assert "rests on" in where._repr_html_()


def test_a_drawn_box_is_spoken_of_and_given_back(
    made_up: Any, spoken_masks: dict[str, Any]
) -> None:
    made_up.patient("drawn", spoken_masks, TEXT)
    there = made_up.say("drawn", [Finding(62, 66, "mass", "mass", sentence_start=54,
                                          sentence_end=len(TEXT))])  # fmt: skip
    finding = there.rows("findings")[0]["finding"]
    draw(there, finding, "images/img-1#box=2:4,3:9,5:9", "Dr A")
    there = made_up.store["drawn"]
    assert answer_where(there, finding).box == ((2, 4), (3, 9), (5, 9))
    assert "a person placed it" in answer_where(there, finding).text
    found = speaks_of(there, there.images["img-1"].address.at(voxel=(3, 4, 6)))
    assert [one.finding.id for one in found] == [finding]
