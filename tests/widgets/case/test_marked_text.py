from __future__ import annotations

from widgets.case.marked_text import Mark, marked_text, moved


def test_overlapping_marks() -> None:
    marks = [Mark(0, 6, 1, "present", "a"), Mark(4, 9, 2, "absent", "b")]
    found = marked_text("<ab> c<d> e", marks)
    assert found.startswith(
        '<mark class="present">&lt;ab&gt;</mark><mark class="present"> c</mark>'
    )
    assert '<mark class="absent">&lt;d&gt;</mark>' in found
    assert found.endswith('aria-label="Finding 2: b">2</a> e')


def test_marks_follow_their_words() -> None:
    before = "Seen 2019-03-12 by Dr Smith: nodule of Smith's lung, nodule again."
    after = "Seen [DATE] by Dr [NAME]: nodule of [NAME]'s lung, nodule again."
    first, second = before.index("nodule"), before.rindex("nodule")
    marks = [Mark(first, first + 6, 1, "present", ""), Mark(second, second + 6, 2, "present", "")]
    smith = before.index("Smith")
    marks.append(Mark(smith, smith + 5, 3, "present", ""))
    kept, lost = moved(marks, before, after)
    assert [one.start for one in kept] == [after.index("nodule"), after.rindex("nodule")]
    assert [one.number for one in lost] == [3]
    assert moved(marks, before, before) == (marks, [])
