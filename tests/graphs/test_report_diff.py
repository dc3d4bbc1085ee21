from __future__ import annotations

from graphs.report_diff import report_diff

OLD = (
    "FINDINGS: There is a nodule of 12 mm in the right upper lobe. No pleural effusion. "
    "The heart is normal.\nIMPRESSION: Nodule."
)
NEW = (
    "FINDINGS: There is a nodule of 14 mm in the right upper lobe. The  heart is normal. "
    "New liver cyst.\nIMPRESSION: Nodule."
)


def test_sentences_then_words() -> None:
    rows = report_diff(OLD, NEW)
    assert [row.kind for row in rows] == ["changed", "removed", "same", "added", "same"]
    changed = rows[0]
    assert [words for kind, words in changed.before if kind == "removed"] == ["12"]
    assert [words for kind, words in changed.after if kind == "added"] == ["14"]
    assert [row.section for row in rows] == ["findings"] * 4 + ["impression"]


def test_every_sentence_is_in_one_row_at_its_place() -> None:
    for before, after in ((OLD, NEW), (NEW, OLD), (OLD, ""), ("", NEW), ("", "")):
        rows = report_diff(before, after)
        for text, side, place in ((before, "before", "before_at"), (after, "after", "after_at")):
            spans = [getattr(row, place) for row in rows if getattr(row, place)]
            assert spans == sorted(spans)
            for row in rows:
                words = "".join(piece for _, piece in getattr(row, side))
                at = getattr(row, place)
                assert words == ("" if at is None else text[at[0] : at[1]])


def test_places_are_code_points() -> None:
    rows = report_diff(
        "😀 Knoten 胸 rechts.\r\nKein Erguss.", "😀 Knoten 胸 links.\r\nKein Erguss."
    )
    assert [row.kind for row in rows] == ["changed", "same"]
    assert ("removed", "rechts") in rows[0].before
    assert ("added", "links") in rows[0].after


def test_long_texts_are_compared_without_pairs() -> None:
    old = " ".join(f"Line {k} is old." for k in range(300))
    new = " ".join(f"Sentence {k} was put in." for k in range(300))
    rows = report_diff(old, new)
    assert {row.kind for row in rows} == {"removed", "added"}
    assert len(rows) == 600
