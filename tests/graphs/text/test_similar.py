from __future__ import annotations

import pytest

from graphs.text.facts import Fact, Facts
from graphs.text.similar import SimilarReports


def made(*entities: str) -> Facts:
    return Facts("", tuple(Fact(f"present; {e}", 0, 1, "present", e) for e in entities))


CASES = [
    ("p1", "r1", made("nodule", "effusion")),
    ("p1", "r2", made("nodule", "effusion")),
    ("p2", "r3", made("nodule", "effusion")),
    ("p3", "r4", made("nodule", "cyst", "fracture", "stent")),
    ("p4", "r5", made("edema")),
]


def test_the_nearest_first_and_never_the_same_patient() -> None:
    found = SimilarReports(CASES).find(made("nodule", "effusion"), "p1", adaptive=False)
    assert [one.report for one in found] == ["r3", "r4", "r5"]
    assert found[0].score == pytest.approx(1)
    assert found[0].shared == ("effusion", "nodule")


def test_the_cut_off_leaves_out_what_is_far_behind() -> None:
    index = SimilarReports(CASES)
    assert [one.report for one in index.find(made("nodule", "effusion"), "p1")] == ["r3"]
    assert index.find(made("scoliosis"), None) == []
    assert len(index.find(made("nodule"), None, most=1)) == 1


def test_shown_as_text() -> None:
    found = SimilarReports([("<b>", "r", made("nodule"))]).find(made("nodule"), None)
    assert "&lt;b&gt;" in found._repr_html_()  # type: ignore[attr-defined]


def test_an_index_of_nothing() -> None:
    with pytest.raises(ValueError, match="No report"):
        SimilarReports([])
