from __future__ import annotations

from typing import Any

from graphs.grounding.speaks_of import speaks_of


def test_from_a_voxel_to_the_sentences_most_particular_first(spoken: Any) -> None:
    image = spoken.images["img-1"].address
    found = speaks_of(spoken, image.at(voxel=(10, 40, 60)))
    assert [(one.how, one.finding.entity) for one in found] == [
        ("lesion", "nodule"), ("examined", "pleural effusion"),
    ]  # fmt: skip
    assert found[0].sentence == "A 10 mm nodule in the left lung."
    assert found[0].address.resolve(spoken.store).value == found[0].sentence
    beside = speaks_of(spoken, image.at(voxel=(20, 40, 60)))
    assert [(one.how, one.finding.entity) for one in beside] == [
        ("examined", "pleural effusion"), ("anatomy", "nodule"),
    ]  # fmt: skip
    assert list(speaks_of(spoken, image.at(voxel=(29, 1, 1)))) == []
    assert "findings that speak of this place" in found._repr_html_()


def test_from_a_point_a_box_or_a_segment(spoken: Any) -> None:
    image = spoken.images["img-1"].address
    for place in (
        image.at(point=(20.0, 0.0, 20.0)),
        image.at(box=((0, 30), (38, 42), (56, 64))),
        spoken.segmentations["seg-1"].address.at(label="Nodule 1"),
    ):
        assert speaks_of(spoken, place)[0].how == "lesion"
        assert speaks_of(spoken, str(place))[0].finding.entity == "nodule"
