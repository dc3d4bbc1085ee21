from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.finding import Finding, ImageReference
from graphs.measured_value import MeasuredValue
from graphs.text.template import fill
from graphs.text.template_schema import TemplateSchema

LYMPHOMA = (
    "TECHNIQUE: CT with intravenous contrast.\nFINDINGS: Enlarged mediastinal lymph nodes, the "
    "largest 3.2 x 1.8 cm. No retroperitoneal lymphadenopathy. Spleen 143 mm in length, no focal "
    "lesions in the spleen. Possible small pleural effusion.\nIMPRESSION: Partial response."
)


def test_each_value_has_its_place_and_a_blank_stays_blank() -> None:
    filled = fill(TemplateSchema.read("lymphoma_ct"), LYMPHOMA)
    assert {name: value for name, value in filled.values()[0].items() if value is not None} == {
        "contrast": "yes",
        "nodes_above": "yes",
        "nodes_below": "no",
        "largest_site": "mediastinal",
        "largest_size": (32.0, 18.0),
        "spleen_size": (143.0,),
        "spleen_lesions": "no",
        "effusion": "uncertain",
        "response": "partial",
    }
    size = filled.slots["largest_size"]
    assert (size.state, size.text) == ("present", "3.2 x 1.8 cm")
    assert LYMPHOMA[size.start : size.end] == size.text
    liver = filled.slots["liver"]
    assert (liver.state, liver.value, liver.start) == ("not said", None, None)
    assert filled.faults() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Adenocarcinoma pT2aN1mi M0.", {"t": "T2a", "n": "N1mi", "m": "M0"}),
        ("ypT3 N2b cM1c, stage IIIA", {"t": "T3", "n": "N2b", "m": "M1c", "stage": "IIIA"}),
        ("pTis(DCIS) pNX(sn)", {"t": "Tis(DCIS)", "n": "NX(sn)"}),
        ("T1-weighted images; T12 is intact.", {}),
        (
            "Margins are free of tumor. Tumor size: 2.3 cm",
            {"margins": "negative", "tumor_size": (23.0,)},
        ),
        (
            "No lymphovascular invasion. 12 lymph nodes examined",
            {"lymphovascular_invasion": "no", "nodes_examined": 12.0},
        ),
    ],
)
def test_tnm(text: str, expected: dict[str, object]) -> None:
    filled = fill(TemplateSchema.read("tnm"), text)
    assert {k: v for k, v in filled.values()[0].items() if v is not None} == expected
    assert filled.faults() == []


def test_bi_rads() -> None:
    text = (
        "BREAST COMPOSITION: The breasts are heterogeneously dense.\nFINDINGS: An irregular mass "
        "with spiculated margins in the left breast at 2 o'clock measuring 1.4 x 0.9 cm. No "
        "suspicious calcifications.\nIMPRESSION: BI-RADS category 4C."
    )
    filled = fill(TemplateSchema.read("bi_rads"), text)
    assert {k: v for k, v in filled.values()[0].items() if v is not None} == {
        "composition": "c",
        "side": "left",
        "mass": "yes",
        "mass_shape": "irregular",
        "mass_margin": "spiculated",
        "mass_size": (14.0, 9.0),
        "calcifications": "no",
        "clock": "2",
        "category": "4C",
    }
    assert filled.faults() == []


def test_rows_of_a_text() -> None:
    text = (
        "FINDINGS: A 2.3 x 1.1 cm nodule in the right lung, previously 1.8 cm (series 4, image "
        "57), increased. No lymphadenopathy. Stable 8 mm lesion."
    )
    first, second = fill(TemplateSchema.read("recist"), text).values()
    assert (first["size"], first["previous"], first["series"], first["image"]) == (
        (23.0, 11.0),
        (18.0,),
        4.0,
        57.0,
    )
    assert (first["lesion"], first["side"], first["change"]) == ("nodule", "right", "increased")
    assert (second["lesion"], second["size"], second["change"]) == ("lesion", (8.0,), "stable")


def test_rows_of_findings() -> None:
    text = "A 2.3 cm nodule in the right upper lobe (se 4, im 57), was 1.8 cm; no mass."
    at = text.index("nodule")
    found = Finding(
        at,
        at + 6,
        "nodule",
        "nodule",
        laterality="right",
        location="right upper lobe",
        change="increased",
        measurements=(
            MeasuredValue((2.3,), "cm", "size", 2, 8),
            MeasuredValue((1.8,), "cm", "size", 63, 69, prior=True),
        ),
        refers=(ImageReference(4, 57, None, 41, 52),),
        detail={"laterality": [23, 28]},
    )
    denied = Finding(74, 78, "mass", "mass", assertion="absent")
    filled = fill(TemplateSchema.read("recist"), text, [found, denied])
    (row,) = filled.rows
    assert (row["size"].value, row["previous"].value) == ((23.0,), (18.0,))
    assert (row["size"].text, row["side"].text) == ("2.3 cm", "right")
    assert (row["lesion"].value, row["image"].value) == ("nodule", 57.0)
    assert filled.faults() == []
    assert "right upper lobe" in filled._repr_html_()


def test_hostile_text_is_shown_as_text() -> None:
    schema = TemplateSchema.of("template: x\nitems:\n- {name: a, type: text, words: [remark]}\n")
    page = fill(schema, "Remark: <script>alert(1)</script>")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_text_may_be_a_whole_section() -> None:
    schema = TemplateSchema.of(
        "template: x\nitems:\n- {name: a, type: text, sections: [comment]}\n"
    )
    text = "COMMENT: Seen again. Stable.\nIMPRESSION: Normal."
    assert fill(schema, text).values() == [{"a": "Seen again. Stable."}]


def test_a_table_has_a_line_a_slot() -> None:
    table = fill(TemplateSchema.read("lymphoma_ct"), LYMPHOMA).table()
    assert len(table) == 12
    assert list(table[table.state == "present"].unit.dropna()) == ["mm", "mm"]


def test_own_words_in_another_script() -> None:
    schema = TemplateSchema.of(
        "template: zh\nitems:\n"
        "- {name: 积液, type: yes_no, words: [胸腔积液]}\n"
        "- {name: 大小, type: size, unit: mm, words: [结节]}\n"
    )
    text = "检查所见：右肺上叶结节，约2.3cm。未见胸腔积液。"  # noqa: RUF001
    filled = fill(schema, text)
    assert filled.values() == [{"积液": "no", "大小": (23.0,)}]
    for slot in filled.slots.values():
        assert text[slot.start : slot.end] == slot.text


@pytest.mark.parametrize("name", TemplateSchema.own())
@settings(deadline=None, max_examples=20)
@given(
    text=st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from(LYMPHOMA.split(" "))).map(" ".join)
    )
)
def test_places_slice_back(name: str, text: str) -> None:
    for row in fill(TemplateSchema.read(name), text).rows:
        for slot in row.values():
            if slot.state == "present":
                assert slot.value is not None
                assert text[slot.start : slot.end] == slot.text
            else:
                assert slot.value is None
