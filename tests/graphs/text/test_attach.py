"""Parts go to the observation that they belong to."""

from __future__ import annotations

from graphs.text.rules import RulesExtractor

RULES = RulesExtractor()


def parts(text: str) -> list[tuple[str, tuple[str, ...], list[tuple[float, ...]]]]:
    return [
        (one.entity, one.anatomy, [v.value for v in one.measurements])
        for one in RULES.extract(text)
    ]  # fmt: skip


def test_before_and_behind() -> None:
    assert parts("A 2 cm mass in the liver and a 5 mm nodule in the lingula.") == [
        ("mass", ("liver",), [(2.0,)]), ("nodule", ("lingula",), [(5.0,)]),
    ]  # fmt: skip
    assert parts("In the right upper lobe, there is a nodule (6 mm); in the spleen a cyst.") == [
        ("nodule", ("lung_upper_lobe_right",), [(6.0,)]), ("cyst", ("spleen",), []),
    ]  # fmt: skip


def test_lists_share_what_follows() -> None:
    assert parts("Nodules and masses in the right lower lobe.") == [
        ("nodule", ("lung_lower_lobe_right",), []), ("mass", ("lung_lower_lobe_right",), []),
    ]  # fmt: skip


def test_each_has_its_own_side() -> None:
    assert parts("Small left pleural effusion and right lower lobe atelectasis.") == [
        ("pleural effusion", ("pleura_left",), []),
        ("atelectasis", ("lung_lower_lobe_right",), []),
    ]


def test_two_observations_in_one_word_share_the_parts() -> None:
    found = parts("Large right hydropneumothorax.")
    assert sorted(found) == [
        ("pleural effusion", ("pleura_right",), []), ("pneumothorax", ("pleura_right",), []),
    ]  # fmt: skip
