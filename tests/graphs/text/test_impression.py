from __future__ import annotations

from graphs.text.impression import impression

TEXT = (
    "The heart is normal. There is a nodule in the right upper lobe with a small pleural "
    "effusion. The osseous structures are intact."
)


def test_the_sentence_that_says_most() -> None:
    (one,) = impression(TEXT)
    assert TEXT[one.start : one.end].startswith("There is a nodule")
    two = impression(TEXT, most=2)
    assert len(two) == 2
    assert two[0].start < two[1].start


def test_texts_without_sentences() -> None:
    assert impression("") == []
    assert impression(" \n") == []
    assert len(impression("<script>", most=5)) == 1
