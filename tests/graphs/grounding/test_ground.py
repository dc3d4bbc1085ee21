from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from explorer.run_draft import RunDraft
from graphs.errors import GroundingError
from graphs.finding import Finding, ImageReference
from graphs.grounding.ground import ground
from graphs.grounding.grounders import grounders
from graphs.grounding.grounding import Alternative, Grounding
from graphs.grounding.search import Search
from graphs.measured_value import MeasuredValue
from graphs.producer import Producer

TEXT = "A 10 mm nodule on the left. No mass. See lesion 2."
FIRST, SECOND = (f"segmentations/seg-1#label=lesion%20{k}" for k in (1, 2))


@pytest.fixture(scope="module")
def masks(ball: Callable[..., Any]) -> dict[str, Any]:
    # x grows to the patient's left: the first lies right, the second left of the middle
    return {"lesion 1": ball((10, 40, 20), 5), "lesion 2": ball((24, 40, 60), 5)}


@pytest.fixture(scope="module")
def patient(made_up: Any, masks: dict[str, Any]) -> Any:
    return made_up.patient("ground", masks, TEXT)


def _nodule(**fields: Any) -> Finding:
    size = MeasuredValue((10.0,), "mm", "size", 2, 7)
    given: dict[str, Any] = {"measurements": (size,), "item": "r-1", "id": "f-1"}
    given |= {"sentence_start": 0, "sentence_end": 27}
    return Finding(8, 14, "nodule", "nodule", **(given | fields))


def _methods() -> list[str]:
    return ["explicit", "measurement"]


class Stub:
    """A guest's grounder that answers what it is told to."""

    producer = Producer("guest", "1")

    def __init__(self, answer: Grounding, name: Any = "similarity", trust: int = 40) -> None:
        self.answer, self.name, self.trust = answer, name, trust
        self.asked = 0

    def ground(self, finding: Finding, search: Search) -> Grounding:
        self.asked += 1
        return self.answer


def test_ours_are_installed_in_order_of_trust() -> None:
    found = [one.name for one in grounders()]
    assert found[:2] == ["explicit", "measurement"]


def test_equal_lesions_are_a_tie_that_nothing_of_less_trust_breaks(patient: Any) -> None:
    guest = Stub(Grounding("f-1", "proposed", "similarity", "lesion", "mask", FIRST, 0.9))
    found = ground(_nodule(), patient, [*_methods(), guest])
    assert found.status == "abstained"
    assert {one.target for one in found.alternatives} == {FIRST, SECOND}
    assert guest.asked == 0
    assert found.detail["asked"]["measurement"] == "abstained: 2 lesions fit about as well"


def test_an_organ_is_offered_beside_a_tie(patient: Any) -> None:
    organ = Grounding(
        "f-1", "proposed", "anatomy", "organ", "box3d", "images/img-1#box=0:9,0:9,0:9"
    )
    found = ground(_nodule(), patient, [*_methods(), Stub(organ, "anatomy", 30)])
    assert found.status == "abstained"
    assert found.alternatives[-1] == Alternative(
        "images/img-1#box=0:9,0:9,0:9", 0.0, "the organ that anatomy gives"
    )


def test_a_slice_gives_way_to_a_lesion_and_stays_where_there_is_none(
    patient: Any, made_up: Any
) -> None:
    uid = _nodule(refers=(ImageReference(series=None, image=10, start=0, end=3),))
    found = ground(uid, patient, _methods())
    assert found.target == FIRST  # slice 9 or 10, or, from above, 19 or 20: none cuts the other
    bare = made_up.patient("no lesion", {}, TEXT)
    found = ground(uid, bare, _methods())
    assert (found.status, found.method) == ("abstained", None)
    assert {one.reason for one in found.alternatives} == {
        "slice 9",
        "slice 10",
        "slice 19",
        "slice 20",
    }


def test_a_name_in_the_sentence_is_explicit(patient: Any) -> None:
    named = _nodule(sentence_start=37, sentence_end=len(TEXT), measurements=())
    found = ground(named, patient, _methods())
    assert (found.method, found.target, found.score) == ("explicit", SECOND, 1.0)


def test_an_absent_finding_has_no_lesion(patient: Any) -> None:
    found = ground(_nodule(assertion="absent"), patient, _methods())
    assert (found.status, found.target) == ("abstained", None)
    examined = Grounding("f-1", "proposed", "anatomy", "examined", "box3d", "images/img-1")
    answer = ground(
        _nodule(assertion="absent"), patient, [*_methods(), Stub(examined, "anatomy", 30)]
    )
    assert answer.region == "examined"
    lesion = Stub(replace(examined, region="lesion"), "anatomy", 30)
    with pytest.raises(GroundingError, match="A lesion of an absent finding"):
        ground(_nodule(assertion="absent"), patient, [lesion])


def test_the_organ_is_kept_where_no_lesion_is_known(patient: Any) -> None:
    organ = Grounding("f-1", "proposed", "anatomy", "organ", "mask", "images/img-1", 0.5)
    size = MeasuredValue((44.0,), "mm", "size", 2, 7)
    found = ground(
        _nodule(measurements=(size,)), patient, [*_methods(), Stub(organ, "anatomy", 30)]
    )
    assert (found.status, found.region) == ("proposed", "organ")
    assert "none of 2 lesions fits" in found.detail["asked"]["measurement"]
    assert {one.target for one in found.alternatives} == {FIRST, SECOND}
    assert any(one.cue == "size" and one.passed is False for one in found.evidence)


def test_a_text_is_never_grounded_to_what_it_was_made_from(made_up: Any, masks: Any) -> None:
    patient = made_up.patient("made from", masks, TEXT, made_from=[FIRST])
    found = ground(_nodule(), patient, _methods())
    assert (found.status, found.target) == ("proposed", SECOND)  # no tie: the other is no answer
    assert FIRST not in [one.target for one in found.alternatives]
    cheat = Stub(Grounding("f-1", "proposed", "similarity", "lesion", "mask", FIRST), trust=1)
    with pytest.raises(GroundingError, match="the text was made from it"):
        ground(_nodule(), patient, [cheat])
    hint = Stub(
        Grounding("f-1", "abstained", alternatives=(Alternative(FIRST, 0.5),), reason="?"), trust=1
    )
    assert ground(_nodule(), patient, [hint]).alternatives == ()


def test_both_lesions_are_out_where_the_text_was_made_from_both(made_up: Any, masks: Any) -> None:
    patient = made_up.patient("made from all", masks, TEXT, made_from=["segmentations/seg-1"])
    found = ground(_nodule(), patient, _methods())
    assert found.status == "abstained"
    assert "there is no outlined lesion to choose from" in found.reason


def test_a_generated_text_that_does_not_say_from_what_is_not_grounded(
    made_up: Any, masks: Any
) -> None:
    patient = made_up.patient("described", masks, TEXT)
    run = RunDraft("describe", "a program", "1", texts=[{"item": "r-2", "text": TEXT}])
    with made_up.store.transaction("described") as t:
        t.put_run(patient.key, run)
    patient = made_up.store["described"]
    found = ground(_nodule(item="r-2"), patient, _methods())
    assert found.status == "abstained"
    assert "does not say from what" in found.reason
    run.texts[0]["detail"] = json.dumps({"made_from": [f"onco:k/{FIRST}", "images/img-9"]})
    with made_up.store.transaction("described") as t:
        t.put_run(patient.key, run)
    found = ground(_nodule(item="r-2"), made_up.store["described"], _methods())
    assert found.target == SECOND


def test_what_was_not_assessed_is_nowhere(patient: Any) -> None:
    found = ground(_nodule(assertion="not_assessed"), patient, _methods())
    assert (found.status, found.reason) == ("abstained", "the report says that it was not assessed")


def test_an_import_names_its_targets(patient: Any) -> None:
    found = ground(_nodule(detail={"targets": [SECOND, "segmentations/none#label=x"]}), patient)
    assert (found.method, found.target, found.geometry) == ("explicit", SECOND, "mask")
    hostile = _nodule(detail={"target": "../../etc/passwd"})
    assert ground(hostile, patient, ["explicit"]).status == "abstained"


def test_every_answer_can_be_stored_and_read_back(patient: Any) -> None:
    found = ground(_nodule(laterality="left"), patient, _methods())
    assert Grounding.of_row(found.row()) == found
