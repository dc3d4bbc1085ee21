from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.text.section import Section
from graphs.text.sentences import sentences

PIECES = st.sampled_from(
    [
        "No mass",
        ". ",
        ".",
        "\n",
        "\n\n",
        "1. ",
        "2. ",
        "2.3 cm",
        "Dr. ",
        "XXXX",
        "胸水なし",
        "。",
        " ",
        "e.g. ",
        "?",
        "!",
        ")",
        '"',
        "\r\n",
        "- ",
        "é",
        "\u200b",
        "\t",
        "vs.",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))

CASES = [
    ("A 2.3 cm nodule. No effusion.", ["A 2.3 cm nodule.", "No effusion."]),
    ("Size .5 cm. Stable", ["Size .5 cm.", "Stable"]),
    ("measures 3 cm. in diameter. Bone", ["measures 3 cm. in diameter.", "Bone"]),
    ("Seen by Dr. XXXX. No change vs. prior.", ["Seen by Dr. XXXX.", "No change vs. prior."]),
    ("Old, e.g. Granuloma. approx. 3 cm.", ["Old, e.g. Granuloma.", "approx. 3 cm."]),
    ("Read by J. Smith. Normal.", ["Read by J. Smith.", "Normal."]),
    ("Hepatitis C. The liver", ["Hepatitis C.", "The liver"]),
    ("Seen in 5 a.m. The lungs", ["Seen in 5 a.m.", "The lungs"]),
    ("No evidence of XXXX. XXXX XXXX. Ok", ["No evidence of XXXX.", "XXXX XXXX.", "Ok"]),
    ("Lungs clear.The heart is big.", ["Lungs clear.", "The heart is big."]),
    ("?pneumonia. Effusion? Yes!", ["?pneumonia.", "Effusion?", "Yes!"]),
    ("1. No mass. 2. Cyst.", ["1. No mass.", "2. Cyst."]),
    ("1. No mass 2. Cyst 3. 4 mm nodule", ["1. No mass", "2. Cyst", "3. 4 mm nodule"]),
    ("1. Node. Big 2. Cyst", ["1. Node.", "Big", "2. Cyst"]),
    ("1.\nNo mass\n2. Cyst", ["1.\nNo mass", "2. Cyst"]),
    ("See image 57. The lung", ["See image 57.", "The lung"]),
    ("- mass\n- cyst", ["- mass", "- cyst"]),
    ("Lungs clear\nHeart normal", ["Lungs clear", "Heart normal"]),
    ("there is a\nnodule in the lung", ["there is a\nnodule in the lung"]),
    ("a mass\n\nin the lung", ["a mass", "in the lung"]),
    ("Size (3 mm.) Next", ["Size (3 mm.)", "Next"]),
    ("Hmm... What", ["Hmm...", "What"]),
    ("肺野に2.3cmの結節を認めます。胸水なし。", ["肺野に2.3cmの結節を認めます。", "胸水なし。"]),
    ("右肺上叶见结节，约２．３ｃｍ。未见积液！", ["右肺上叶见结节，约２．３ｃｍ。", "未见积液！"]),  # noqa: RUF001
    ("Nódulo de aprox. 2 cm. Sin derrame.", ["Nódulo de aprox. 2 cm.", "Sin derrame."]),
    ("Laesie t.o.v. Vorige stabiel. Geen vocht", ["Laesie t.o.v. Vorige stabiel.", "Geen vocht"]),
    ("", []),
    (" \n ", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_examples(text: str, expected: list[str]) -> None:
    assert [one.of(text) for one in sentences(text)] == expected


def test_wrapped_lines_are_one_sentence() -> None:
    text = (
        "There is a spiculated nodule in the upper lobe of the right lung as\n"
        "Described before and it has grown since the last examination of the\n"
        "Chest.\nNo effusion"
    )
    assert [one.of(text).split()[-1] for one in sentences(text)] == ["Chest.", "effusion"]


def test_lines_without_a_width_are_sentences_of_their_own() -> None:
    text = "Heart normal\nLungs clear\nBones intact\nSoft tissues normal"
    assert len(sentences(text)) == 4


def test_sections_are_not_crossed_and_headers_left_out() -> None:
    text = "FINDINGS: nodule\nin the lung IMPRESSION: mass"
    cut = text.index("IMPRESSION")
    parts = [
        Section("findings", 0, cut, 10, "FINDINGS"),
        Section("impression", cut, len(text), cut + 12, "IMPRESSION"),
    ]
    found = sentences(text, parts)
    assert [one.of(text) for one in found] == ["nodule\nin the lung", "mass"]
    assert [one.index for one in found] == [0, 1]


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_every_character_but_white_space_is_in_one_sentence(text: str) -> None:
    found = sentences(text)
    assert [one.index for one in found] == list(range(len(found)))
    inside = 0
    last = 0
    for one in found:
        assert last <= one.start < one.end <= len(text)
        assert not text[last : one.start].strip()
        assert one.of(text) == one.of(text).strip()
        inside += one.end - one.start
        last = one.end
    assert not text[last:].strip()


def test_a_long_hostile_text_takes_linear_time() -> None:
    # quadratic time would take minutes here, and run into the test's time limit
    for piece in ("1. ", "Dr.", "a.", "((", "\n-", ". ", "X", " ", ".", "A. ", "\r", "1 2. "):
        text = f"x{piece * 40_000}x"
        assert sentences(text)[-1].end == len(text)
