from __future__ import annotations

from explorer.patient import Patient
from graphs.grounding.grounding import Grounding
from widgets.link_index import LinkIndex, places_of


def test_places_of_what_holds() -> None:
    spread = {"targets": ["segmentations/s#label=b", "segmentations/s#label=a"]}
    one = Grounding("f", "accepted", target="segmentations/s#label=a", detail=spread)
    assert places_of(one) == ["segmentations/s#label=a", "segmentations/s#label=b"]
    assert places_of(Grounding("f", "rejected", target="segmentations/s#label=a")) == []
    assert places_of(Grounding("f", "abstained")) == []


def test_it_is_about_one_version(by_hand: Patient) -> None:
    index = LinkIndex(by_hand)
    assert set(index.findings) == {"f-nodule", "f-pleural", "f-mass", "f-cyst"}
    assert index.lies("f-nodule")
    assert not index.lies("f-pleural")
    assert not index.lies("f-cyst")
    assert index.known(index.full("images/ct-1#box=3:5,8:18,19:27"))
    assert index.graph.graph["patients"] == {by_hand.key: by_hand.version}
    assert [*index.finding("gone")] == []
