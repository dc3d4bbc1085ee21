from __future__ import annotations

from dataclasses import replace

import pytest

from graphs.grounding.candidate import Candidate
from graphs.grounding.match import match
from graphs.grounding.reported import Reported

SMALL = Candidate(
    "segmentations/s#label=a", image="ct", name="Nodule", size_mm=5.2, slices=(10, 13),
    slice_mm=2.0, side="left", centroid=(50.0, 0.0, 0.0),
)  # fmt: skip
LARGE = replace(
    SMALL, target="segmentations/s#label=b", size_mm=18.0, slices=(30, 39), centroid=(60.0, 0, 50)
)
RIGHT = replace(
    SMALL, target="segmentations/s#label=c", size_mm=17.0, slices=(50, 58), side="right",
    centroid=(-60.0, 0.0, 90.0),
)  # fmt: skip
ALL = [SMALL, LARGE, RIGHT]


def test_the_size_decides() -> None:
    found = match("f", Reported("nodule", (5.0,)), ALL)
    assert (found.status, found.target) == ("proposed", SMALL.target)
    size = next(one for one in found.evidence if one.cue == "size")
    assert (size.report_value, size.image_value, size.delta) == (5.0, 5.2, pytest.approx(0.2))
    assert size.passed


def test_two_of_about_the_size_are_a_tie() -> None:
    found = match("f", Reported("nodule", (17.0,)), ALL)
    assert found.status == "abstained"
    assert found.detail["tie"]
    assert {one.target for one in found.alternatives} == {LARGE.target, RIGHT.target}


def test_the_side_breaks_it() -> None:
    found = match("f", Reported("nodule", (17.0,), side="left"), ALL)
    assert (found.status, found.target) == ("proposed", LARGE.target)
    assert found.reason == "decided by kind, size, side"


def test_the_slice_breaks_it_whatever_it_counts_from() -> None:
    found = match("f", Reported("nodule", (17.0,), slices={"ct": (53, 54)}), ALL)
    assert (found.status, found.target) == ("proposed", RIGHT.target)
    both_ways = match("f", Reported("nodule", (17.0,), slices={"ct": (34, 54)}), ALL)
    assert both_ways.detail["tie"]


def test_a_slice_of_another_image_is_no_evidence() -> None:
    found = match("f", Reported("nodule", (5.0,), slices={"pt": (1,)}), ALL)
    assert found.target == SMALL.target
    assert next(one for one in found.evidence if one.cue == "slice").passed is None


def test_none_fits_and_the_nearest_is_said() -> None:
    found = match("f", Reported("nodule", (60.0,)), ALL)
    assert (found.status, found.target, found.detail.get("tie")) == ("abstained", None, None)
    assert "none of 3 lesions fits" in found.reason
    assert found.alternatives[0].target == LARGE.target
    assert next(one for one in found.evidence if one.cue == "size").passed is False


def test_equal_lesions_are_a_tie_even_where_a_choice_is_forced() -> None:
    twin = replace(SMALL, target="segmentations/s#label=twin", centroid=(-50.0, 0.0, 0.0))
    assert match("f", Reported("nodule", (5.0,)), [SMALL, twin], least_share=0).detail["tie"]


def test_outlines_of_one_lesion_are_no_tie() -> None:
    other = replace(SMALL, target="segmentations/t#label=a", centroid=(51.0, 0.0, 0.0))
    found = match("f", Reported("nodule", (5.0,)), [SMALL, other])
    assert found.target == SMALL.target
    assert found.alternatives[0].reason == "an outline of the same lesion"


def test_as_many_as_are_counted_are_all_meant() -> None:
    found = match("f", Reported("nodule", count=3), ALL)
    assert found.status == "proposed"
    assert set(found.detail["targets"]) == {one.target for one in ALL}
    assert match("f", Reported("nodule", count=2), ALL).status == "abstained"


def test_an_effusion_is_no_nodule_and_a_node_no_cyst() -> None:
    assert match("f", Reported("pleural effusion", (5.0,)), ALL).status == "abstained"
    assert (
        match("f", Reported("lymph node", (5.0,)), [replace(SMALL, name="Cyst 1")]).target is None
    )
    assert match(
        "f", Reported("pleural effusion"), [replace(SMALL, name="Pleural effusion")]
    ).target


def test_silence_is_not_evidence() -> None:
    nameless = [replace(one, name="label 1") for one in ALL]
    found = match("f", Reported("nodule"), nameless)
    assert (found.status, found.reason) == (
        "abstained",
        "nothing to compare: the finding says no cue",
    )


def test_the_organ_must_hold_it() -> None:
    upper = replace(SMALL, organ="lung_upper_lobe_right")
    lower = replace(
        SMALL, target="segmentations/s#label=low", organ="lung_lower_lobe_right",
        centroid=(0.0, 0.0, 90.0),
    )  # fmt: skip
    said = Reported("nodule", (5.0,), anatomy=("lung_lower_lobe_right",))
    assert match("f", said, [upper, lower]).target == lower.target
    whole = Reported("nodule", (5.0,), anatomy=("lung_right",))
    assert match("f", whole, [upper, lower]).detail["tie"]


def test_suvmax_as_rounded() -> None:
    hot = replace(SMALL, units="SUVbw", maximum=10.23)
    hotter = replace(LARGE, units="SUVbw", maximum=10.61)
    assert (
        match("f", Reported("lesion", suvmax=10.2, suv_step=0.1), [hot, hotter]).target
        == hot.target
    )
    assert match("f", Reported("lesion", suvmax=10.4, suv_step=1.0), [hot, hotter]).detail["tie"]
    assert match("f", Reported("lesion", suvmax=10.2), [SMALL]).status == "abstained"


def test_nobody_to_choose_from() -> None:
    assert match("f", Reported("nodule", (5.0,)), []).reason == (
        "there is no outlined lesion to choose from"
    )
