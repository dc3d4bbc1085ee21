from __future__ import annotations

import pytest

from graphs.errors import FollowError
from graphs.recist import recist
from graphs.recist_rules import recist_organ, recist_rule
from graphs.seen_lesion import SeenLesion


def seen(name, size, *, node=False, organ="liver", **more):
    if size is None:
        return SeenLesion(name, "not evaluated", node=node, organ=organ)
    if size == 0:
        return SeenLesion(name, "absent", node=node, organ=organ)
    long, short = (size + 8, size) if node else (size, size / 2)
    return SeenLesion(name, "present", long, short, node, organ, **more)


def course(*sizes, **more):
    """One target of these sizes, a visit each; the categories."""
    found = recist([(str(n), [seen("a", size, **more)]) for n, size in enumerate(sizes)])
    return [one.category for one in found.visits]


@pytest.mark.parametrize(
    ("sizes", "categories"),
    [
        ((100, 71), ["SD"]),
        ((100, 70), ["PR"]),  # exactly 30 % less
        ((100, 119), ["SD"]),
        ((100, 120), ["PD"]),  # exactly 20 % and 20 mm more
        ((20, 24), ["SD"]),  # 20 % more, and only 4 mm
        ((20, 24.9), ["SD"]),
        ((20, 25), ["PD"]),  # 5 mm and 25 %
        ((100, 50, 60), ["PR", "PD"]),  # from the nadir, though 40 % below the baseline
        ((100, 50, 59), ["PR", "PR"]),
        ((100, 120, 100), ["PD", "SD"]),
        ((100, 0), ["CR"]),
        ((100, 0, 4), ["CR", "PD"]),  # back after a complete response
        ((12, 5, 9.9), ["PR", "SD"]),  # 98 % more, and only 4.9 mm
        ((100, 0, 5), ["CR", "PD"]),
        ((100, None), ["cannot assess"]),
        ((100, None, 65), ["cannot assess", "PR"]),
        ((100, 90, 81, 97.2), ["SD", "SD", "PD"]),  # the nadir moves: 81 * 1.2
    ],
)
def test_one_target(sizes, categories):
    assert course(*sizes) == ["baseline", *categories]


@pytest.mark.parametrize(
    ("sizes", "categories"),
    [
        ((20, 9.9), ["CR"]),  # a node below 10 mm is normal; it keeps its size in the sum
        ((20, 10), ["PR"]),
        ((20, 15), ["SD"]),
        ((20, 9, 12), ["CR", "PR"]),  # 33 % more, but 3 mm
        ((20, 9, 14), ["CR", "PD"]),
    ],
)
def test_nodes_count_by_their_short_axis(sizes, categories):
    assert course(*sizes, node=True) == ["baseline", *categories]


def test_a_normal_node_stays_in_the_sum():
    found = recist([
        ("0", [seen("n", 20, node=True), seen("a", 30)]),
        ("1", [seen("n", 8, node=True), seen("a", 0)]),
    ])  # fmt: skip
    last = found.visits[-1]
    assert (last.sum_mm, last.category) == (8, "CR")
    assert "overall-cr" in last.rules


def test_a_new_lesion_is_progression_for_good():
    found = recist([
        ("0", [seen("a", 50)]),
        ("1", [seen("a", 10), seen("b", 6)]),
        ("2", [seen("a", 10), seen("b", 0)]),
    ])  # fmt: skip
    assert [v.category for v in found.visits] == ["baseline", "PD", "PD"]
    assert found.visits[1].target == "PR"
    assert found.visits[1].new == ("b",)
    assert "new-lesion" in found.visits[1].rules


@pytest.mark.parametrize(
    ("target", "other", "category"),
    [
        (0, 0, "CR"),
        (0, 9, "PR"),
        (0, None, "PR"),
        (30, 0, "PR"),
        (30, None, "PR"),
        (50, 9, "SD"),
        (50, None, "SD"),
        (None, 9, "cannot assess"),
        (None, 0, "cannot assess"),
    ],
)
def test_targets_and_non_targets(target, other, category):
    found = recist([
        ("0", [seen("a", 50), seen("b", 9)]),
        ("1", [seen("a", target), seen("b", other)]),
    ])  # fmt: skip
    assert found.targets == ("a",)
    assert found.non_targets == ("b",)
    assert found.visits[1].category == category


def test_a_lesion_that_is_back_before_a_complete_response_just_adds_to_the_sum():
    found = recist([
        ("0", [seen("a", 50), seen("b", 20)]),
        ("1", [seen("a", 20), seen("b", 0)]),
        ("2", [seen("a", 18), seen("b", 3)]),
    ])  # fmt: skip
    assert [v.category for v in found.visits] == ["baseline", "PR", "PR"]
    after = recist([
        ("0", [seen("a", 50), seen("b", 9)]),
        ("1", [seen("a", 0), seen("b", 0)]),
        ("2", [seen("a", 0), seen("b", 5)]),
    ])  # fmt: skip
    assert [v.category for v in after.visits] == ["baseline", "CR", "PD"]
    assert "back-after-cr" in after.visits[2].rules
    assert after.visits[2].reason.startswith("back: b.")


def test_unequivocal_progress_of_a_non_target():
    found = recist([
        ("0", [seen("a", 50), seen("b", 9)]),
        ("1", [seen("a", 10), seen("b", 40, progressed=True)]),
    ])  # fmt: skip
    assert found.visits[1].category == "PD"
    assert {"non-target-pd", "overall-pd"} <= set(found.visits[1].rules)


@pytest.mark.parametrize(
    ("size", "category"),
    [(0, "CR"), (8, "non-CR/non-PD"), (None, "cannot assess")],
)
def test_non_target_disease_alone(size, category):
    found = recist([("0", [seen("b", 9)]), ("1", [seen("b", size)])])
    assert not found.targets
    assert found.visits[1].category == category
    worse = recist([("0", [seen("b", 9)]), ("1", [seen("b", 30, progressed=True)])])
    assert worse.visits[1].category == "PD"


def test_what_is_measured_may_show_progression_though_some_is_missing():
    found = recist([
        ("0", [seen("a", 50), seen("b", 20)]),
        ("1", [seen("a", 90)]),
        ("2", [seen("a", 60)]),
    ])  # fmt: skip
    assert found.visits[1].category == "PD"
    assert found.visits[2].category == "cannot assess"
    assert found.visits[2].needs == ("the size of b",)
    assert found.visits[2].reason.startswith("cannot assess, needs the size of b.")
    assert found.visits[2].sum_mm is None


def test_targets_are_the_largest_five_two_an_organ():
    lesions = [seen(f"liver{n}", 20 + n) for n in range(4)]
    lesions += [seen(f"lung{n}", 40 + n, organ="lung") for n in range(3)]
    lesions += [seen(f"node{n}", 15 + n, node=True, organ=None) for n in range(3)]
    lesions += [seen("bone", 11, organ="bone"), seen("small", 9.9, organ="spleen")]
    found = recist([("0", lesions)])
    assert found.targets == ("lung2", "lung1", "liver3", "liver2", "node2")
    assert set(found.non_targets) == {one.lesion for one in lesions} - set(found.targets)
    assert any(note.startswith("small: longest diameter 9.9 mm, below 10") for note in found.notes)
    assert any(note.startswith("bone: 5 targets") for note in found.notes)
    assert any(note.startswith("lung0: 2 targets of lung") for note in found.notes)


def test_thick_slices_and_small_nodes_are_not_measurable():
    thick = recist([("0", [seen("a", 13, slice_mm=7.0), seen("b", 14, slice_mm=7.0, organ="x")])])
    assert thick.targets == ("b",)
    assert recist([("0", [seen("n", 14.9, node=True)])]).targets == ()
    assert recist([("0", [seen("n", 15, node=True)])]).targets == ("n",)


def test_named_targets_and_refusals():
    lesions = [seen("a", 30), seen("b", 20)]
    assert recist([("0", lesions)], targets=["b"]).targets == ("b",)
    with pytest.raises(FollowError, match="no measured lesion"):
        recist([("0", lesions)], targets=["c"])
    with pytest.raises(FollowError, match="No visit"):
        recist([])
    with pytest.raises(FollowError, match="twice"):
        recist([("0", [seen("a", 30), seen("a", 20)])])


def test_no_lesion_at_all():
    found = recist([("0", []), ("1", [])])
    assert [v.category for v in found.visits] == ["cannot assess", "cannot assess"]
    assert found.visits[1].needs == ("a lesion at the baseline",)


def test_every_decision_cites_its_rule_and_html_is_text():
    found = recist([("<b>0</b>", [seen("a", 30)]), ("1", [seen("a", 10)])])
    assert "section 4.3.1" in found.visits[1].reason
    assert "Eisenhauer" in recist_rule("target-pr")
    assert "<b>0</b>" not in found._repr_html_()


def test_both_lungs_are_one_organ():
    assert recist_organ("lung_upper_lobe_right") == recist_organ("lung_lower_lobe_left") == "lung"
    assert recist_organ("vertebrae_L3") == recist_organ("rib_left_4") == "bone"
    assert recist_organ("thyroid_gland_left") == "thyroid_gland"
    assert recist_organ(None) is None
