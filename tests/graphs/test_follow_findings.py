from __future__ import annotations

from itertools import combinations

import pytest

from graphs.follow_findings import findings_table, follow_findings
from graphs.scripted_course import scripted_course
from graphs.text.rules import RulesExtractor

READER = RulesExtractor()


def grouped(*texts):
    visits = [(f"2020-0{n + 1}-01", READER.extract(text)) for n, text in enumerate(texts)]
    return follow_findings(visits)


def sizes_of(group):
    return [one.measurements[0].value[0] for _, one in group.mentions if one.measurements]


def test_synonyms_sides_and_an_end():
    groups = grouped(
        "FINDINGS: A 9 mm nodule in the right upper lobe. Small left pleural effusion.",
        "FINDINGS: Left effusion is unchanged. A 12 mm pulmonary nodule in the right upper lobe.",
        "FINDINGS: The nodule in the right upper lobe has resolved. New right pleural effusion.",
    )
    by = {(g.mentions[0][1].entity, g.mentions[0][1].laterality): g for g in groups}
    nodule = by[("nodule", "right")]
    assert sizes_of(nodule) == [9, 12]
    assert nodule.mentions[-1][1].change == "resolved"
    assert len(by[("pleural effusion", "left")].mentions) == 2
    assert by[("pleural effusion", "right")].visits == ["2020-03-01"]
    table = findings_table(groups)
    assert set(table["group"]) == {group.id for group in groups}


def test_the_quoted_size_tells_two_of_one_place_apart():
    groups = grouped(
        "FINDINGS: A 9 mm nodule in the left lower lobe. A 12 mm nodule in the left lower lobe.",
        "FINDINGS: A 13 mm nodule in the left lower lobe, previously 9 mm. "
        "A 12 mm nodule in the left lower lobe.",
    )
    assert [sizes_of(group) for group in groups] == [[9, 13], [12, 12]]


def test_what_cannot_be_told_apart_stays_alone():
    groups = grouped(
        "FINDINGS: A 9 mm nodule in the left lower lobe. A 9 mm nodule in the left lower lobe.",
        "FINDINGS: A 9 mm nodule in the left lower lobe.",
    )
    assert len(groups) == 3
    assert groups[2].alternatives == ("F1", "F2")


def test_what_is_absent_begins_nothing():
    assert grouped("FINDINGS: No nodule. No effusion.", "FINDINGS: No nodule.") == []


@pytest.mark.parametrize("seed", [5])
def test_a_script_is_reproducible_and_its_places_are_right(seed):
    course = scripted_course(seed)
    assert course == scripted_course(seed)
    assert 3 <= len(course) <= 6
    for visit in course:
        assert visit.text.startswith("SYNTHETIC")
        for name, start, end in visit.mentions:
            assert visit.text[start:end].strip().lower().split()[-1] in (
                "nodule", "opacity", "node", "effusion",
            ), name  # fmt: skip


def test_scripted_patients_are_grouped():
    """F1 over pairs of mentions; `benchmarks/follow_findings.py` has many more patients."""
    right = made = want = 0
    for seed in range(12):
        course = scripted_course(seed)
        truth = {(v.date, a, b): name for v in course for name, a, b in v.mentions}
        label: dict[tuple[str, int, int], str] = {}
        for group in follow_findings([(v.date, READER.extract(v.text)) for v in course]):
            for visit, one in group.mentions:
                for date, a, b in truth:
                    if date == visit and a < one.end and one.start < b:
                        label[(date, a, b)] = group.id
        for x, y in combinations(truth, 2):
            same, told = truth[x] == truth[y], x in label and label[x] == label.get(y)
            right, made, want = right + (same and told), made + told, want + same
    assert 2 * right / (made + want) >= 0.95
