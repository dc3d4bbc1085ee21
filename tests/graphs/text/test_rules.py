"""Rules: whole sentences come out whole, in every script, and every place slices back."""
# ruff: noqa: RUF001 - signs as reports have them

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphs.finding import Finding
from graphs.text.rules import RulesExtractor

RULES = RulesExtractor()


def read(text: str, entity: str = "") -> list[Finding]:
    found = RULES.extract(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    return [one for one in found if not entity or one.entity == entity]


def sizes(one: Finding) -> list[tuple[tuple[float, ...], str, bool]]:
    return [(v.value, v.unit, v.prior) for v in one.measurements if v.kind == "size"]


def test_the_sentence_that_a_reader_writes_comes_out_whole() -> None:
    text = "Chest CT: a 2.3 cm nodule in the right upper lobe, increased from 1.8 cm."
    (one,) = read(text)
    assert (one.entity, one.code, one.assertion) == ("nodule", "SCT:27925004", "present")
    assert one.anatomy == ("lung_upper_lobe_right",)
    assert one.anatomy_codes == ("SCT:45653009",)
    assert (one.laterality, one.location) == ("right", "right upper lobe")
    assert sizes(one) == [((2.3,), "cm", False), ((1.8,), "cm", True)]
    assert one.change == "increased"
    assert "ct-rate:Lung nodule" in one.labels
    assert [text[v.start : v.end] for v in one.measurements] == ["2.3 cm", "1.8 cm"]
    start, end = one.detail["change"]
    assert text[start:end] == "increased"
    assert text[one.sentence_start : one.sentence_end].endswith("from 1.8 cm.")


def test_a_finding_has_the_fields_of_its_class_and_no_others() -> None:
    for one in read("A 2.3 cm nodule in the right upper lobe. No effusion."):
        assert list(vars(one)) == [field.name for field in fields(Finding)]
        assert one == Finding(**vars(one))


# Made-up reports: the same statements in four languages.
@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("右肺上葉に2.3cmの結節を認める。前回1.8cmから増大。胸水を認めない。", "結節"),
        ("右肺上叶见一结节，大小约2.3cm，较前增大，前次1.8cm。未见胸腔积液。", "结节"),
        (
            "Nódulo de 2,3 cm en el lóbulo superior derecho, ha aumentado de 1,8 cm. "
            "No se observa derrame pleural.",
            "Nódulo",
        ),
        ("No\u0301dulo de 2,3 cm en el LOBULO SUPERIOR DERECHO, ha aumentado de 1,8 cm. "
         "Sin derrame pleural.", "No\u0301dulo"),
        ("🫁 A ２.３ cm nodule in the right upper lobe, increased from 1.8 cm. No effusion.",
         "nodule"),
    ],
)  # fmt: skip
def test_every_language_says_the_same(text: str, mention: str) -> None:
    nodule, effusion = read(text)
    assert (nodule.text, nodule.entity, nodule.assertion) == (mention, "nodule", "present")
    assert nodule.anatomy == ("lung_upper_lobe_right",)
    assert sizes(nodule) == [((2.3,), "cm", False), ((1.8,), "cm", True)]
    assert nodule.change == "increased"
    assert (effusion.entity, effusion.assertion) == ("pleural effusion", "absent")


def test_sections_decide_what_is_a_finding() -> None:
    text = "INDICATION: Lung cancer, pneumonia.\nFINDINGS: Small left pleural effusion.\n"
    *asked, seen = read(text)
    assert {one.assertion for one in asked} == {"not_assessed"}
    assert {one.section for one in asked} == {"indication"}
    assert all(one.detail["why"] == "section" for one in asked)
    assert (seen.assertion, seen.section, seen.anatomy) == ("present", "findings", ("pleura_left",))


def test_lines_below_a_heading_are_about_what_it_names() -> None:
    text = (
        "Target Lesions:\nAxillary left: 68 x 40 mm (IMA 8-34)\nAxillary right: 58 x 32 mm\n"
        "SPD: 5810\n"
    )
    _, left, right, spd = read(text)
    assert [one.entity for one in (left, right)] == ["lesion", "lesion"]
    assert (left.text, left.laterality, sizes(left)) == (
        "Axillary left", "left", [((68.0, 40.0), "mm", False)],
    )  # fmt: skip
    assert [(one.series, one.image) for one in left.refers] == [(8, 34)]
    assert right.anatomy == ("axilla_right",)
    assert spd.measurements[0].value == (5810.0,)


def test_a_sentence_goes_on_about_the_last_observation() -> None:
    (one,) = read("There is a mass in the liver. It measures 4.1 x 3.0 cm (series 3, image 20).")
    assert sizes(one) == [((4.1, 3.0), "cm", False)]
    assert [(r.series, r.image) for r in one.refers] == [(3, 20)]


def test_what_is_denied_does_not_go_on() -> None:
    text = "右上葉に2.3cmの結節を認める。胸水は認めない。前回1.8cmから増大。"
    nodule, effusion = RULES.extract(text)
    assert [(v.mm, v.prior) for v in nodule.measurements] == [((23.0,), False), ((18.0,), True)]
    assert (nodule.change, effusion.change, effusion.measurements) == ("increased", None, ())


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("The left kidney is unremarkable; a mass arises from the right kidney.", "right"),
        ("Left kidney is normal, and a 3.2 cm mass arises from the right kidney.", "right"),
        ("Right lung is clear, left lung shows a 2 cm mass.", "left"),
        ("The right lung is clear but there is a nodule in the left lung.", "left"),
        ("Nodule in the right lung but not in the left lung.", "right"),
        ("Nodules in the right lung and in the left lung.", "bilateral"),
    ],
)
def test_a_place_of_another_clause_is_not_the_findings(text: str, side: str) -> None:
    (one,) = RULES.extract(text)
    assert one.laterality == side


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is a right but no left pleural effusion.",
         [("right", "present", "right"), ("pleural effusion", "absent", "left")]),
        ("A right, but no left, pneumothorax.",
         [("right", "present", "right"), ("pneumothorax", "absent", "left")]),
        ("No left but a small right effusion.",
         [("left", "absent", "left"), ("effusion", "present", "right")]),
        ("Possible left and no right effusion.",
         [("left", "uncertain", "left"), ("effusion", "absent", "right")]),
        ("The right but not the left kidney has a mass.",
         [("right", "present", "right"), ("mass", "absent", "left")]),
        # one thing of two sides, or two things
        ("No right and no left effusion.", [("effusion", "absent", "bilateral")]),
        ("No right or left effusion.", [("effusion", "absent", "bilateral")]),
        ("A nodule on the right but no left effusion.",
         [("nodule", "present", "right"), ("effusion", "absent", "left")]),
        ("No right pneumothorax but left effusion.",
         [("pneumothorax", "absent", "right"), ("effusion", "present", "left")]),
    ],
)  # fmt: skip
def test_one_side_is_said_and_the_other_denied(text: str, expected: list[tuple[str, ...]]) -> None:
    found = RulesExtractor().extract(f"FINDINGS: Normal heart. {text}")
    said = [(one.text, one.assertion, one.laterality) for one in found if one.sentence == 1]
    assert said == expected


def test_the_other_side_has_its_own_place_and_size() -> None:
    text = "Cardiomegaly. A 12 mm right but no left lower lobe nodule (5/112)."
    here, not_here = RulesExtractor().extract(text)[-2:]
    assert here.entity == not_here.entity == "nodule"
    assert (here.anatomy, here.location) == (("lung_lower_lobe_right",), "lower lobe")
    assert (not_here.anatomy, not_here.location) == (("lung_lower_lobe_left",), "left lower lobe")
    assert [one.value for one in here.measurements] == [(12.0,)]
    assert not_here.measurements == ()
    assert text[slice(*here.detail["said_with"])] == "nodule"
    assert here.named("p", "r") != not_here.named("p", "r")


def test_a_list_of_lobes_belongs_to_one_observation() -> None:
    text = "Cardiomegaly and right upper and left lower lobe opacities."
    heart, opacity = RulesExtractor().extract(text)
    assert heart.anatomy == ("heart",)
    assert opacity.anatomy == ("lung_upper_lobe_right", "lung_lower_lobe_left")
    assert opacity.location == "right upper and left lower lobe"


def test_a_segment_of_the_liver_is_kept_and_coded() -> None:
    (one,) = RulesExtractor().extract("A 12 mm hypodense lesion in segment IVa.")
    assert (one.anatomy, one.location) == (("liver_segment_4",), "segment IVa")
    assert one.anatomy_codes == ("SCT:277958008",)


def test_a_lesion_in_the_singular_is_not_counted() -> None:
    text = "3 inch mass. 12 positive for metastasis. Three nodules. 15 of 20 nodes."
    counts = [v.value for one in RULES.extract(text) for v in one.measurements]
    assert counts == [(3.0,)]


def test_sizes_of_a_list_are_observations_each() -> None:
    text = "Stable nodules: 5 mm (8-173), 7 mm (11-86), and 9 mm (11-189)."
    found = read(text)
    assert [one.entity for one in found] == ["nodule"] * 3
    assert [sizes(one)[0][0] for one in found] == [(5.0,), (7.0,), (9.0,)]
    assert [one.refers[0].image for one in found] == [173, 86, 189]
    assert {one.change for one in found} == {"stable"}


def test_traits_describe_and_places_go_to_what_they_describe() -> None:
    text = "A 7 mm nodule with central calcification in segment 6 of the left lower lobe."
    nodule, trait = read(text)
    assert nodule.anatomy == ("lung_lower_lobe_left",)
    assert nodule.location == "segment 6 of the left lower lobe"
    assert [(r.kind, r.other) for r in trait.relations] == [("modify", "0")]


def test_the_same_sentence_twice_keeps_its_own_places() -> None:
    text = "No pleural effusion. No pleural effusion. A 5 mm nodule. A 5 mm nodule."
    found = read(text)
    assert [one.start for one in found] == [3, 24, 49, 64]
    assert [text[v.start : v.end] for one in found for v in one.measurements] == ["5 mm", "5 mm"]


_WORDS = st.sampled_from(
    ["nodule", "Nódulo", "結節", "胸水を認めない", "2.3 cm", "１８ｍｍ", "right upper lobe", "no ",
     "ß", "İ", "ﬁ", "é", "e\u0301", "\u200f", "👩‍⚕️", "\x00", "\ud800", "series 4, image 57", "Ⅳ",
     "SUVmax 5,4", "x", "²", "٣ cm", "\n", ". ", "?", ":", "from ", "increased ", "(", ")", "…",
     "lesions:", "It measures ", "FINDINGS: ", "INDICATION: "]
)  # fmt: skip


@given(st.lists(_WORDS | st.text(max_size=5), max_size=25).map(" ".join))
@example("İ ß 結節 a 2.3 cm nodule in the right upper lobe")
def test_every_place_slices_back(text: str) -> None:
    before = -1
    for one in RULES.extract(text):
        assert text[one.start : one.end] == one.text
        assert one.text.strip()
        assert 0 <= one.sentence_start <= one.start < one.end <= len(text)
        assert one.start >= before
        before = one.start
        for place in (*one.measurements, *one.refers):
            assert any(sign.isdigit() for sign in text[place.start : place.end])
        for start, end in one.detail.get("places", []):
            assert one.sentence_start <= start < end <= one.sentence_end
        if one.location:
            assert one.location in text
