"""A grounding as a row, and as people see it."""

from __future__ import annotations

import pytest

from graphs.grounding.grounding import Alternative, Evidence, Grounding

FOUND = Grounding(
    "f-1", "proposed", "measurement", "lesion", "mask", "segmentations/s#label=%3Cb%3Ea%3C%2Fb%3E",
    0.91, (Evidence("size", 12.0, 12.34567, 0.3, True), Evidence("slice", [{"image": 4}], None)),
    (Alternative("segmentations/s#label=other", 0.05, "smaller"),), "decided by <i>size</i>",
)  # fmt: skip


def test_a_row_and_back() -> None:
    assert Grounding.of_row(FOUND.row()) == FOUND.of_row(FOUND.row())
    assert Grounding.of_row(FOUND.row()).id == FOUND.id
    assert Grounding("f-1", "abstained").id != FOUND.id


def test_people_see_both_values_of_each_cue_as_text() -> None:
    html = FOUND._repr_html_()
    for part in ("proposed", "by measurement", "score 0.91", "12.35", "image 4", "not compared",
                 "smaller", "&lt;b&gt;a&lt;/b&gt;", "&lt;i&gt;size"):  # fmt: skip
        assert part in html, part
    assert "<b>a" not in html
    assert "nowhere" in Grounding("f-1", "abstained", reason="two fit")._repr_html_()


def test_a_grounding_is_not_changed() -> None:
    with pytest.raises(AttributeError):
        FOUND.status = "accepted"  # type: ignore[misc]
