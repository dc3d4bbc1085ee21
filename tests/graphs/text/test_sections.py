from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.text.section_names import SectionNames
from graphs.text.sections import sections

HEADED = [
    (
        "CT CHEST WITH CONTRAST\nINDICATION: Lung cancer.\nTECHNIQUE: Axial images were obtained.\n"
        "COMPARISON: None.\nFINDINGS:\nLungs: Nodule.\nLiver: normal.\nIMPRESSION:\n1. Nodule.",
        "examination indication technique comparison findings impression",
    ),
    (
        "EXAM: MRI brain\nClinical history: Headache\nProcedure and technique: T1.\n"
        "Findings - No mass.\nConclusion\nNormal.",
        "examination history technique findings conclusion",
    ),
    (
        "PET/CT SKULL BASE TO THIGH\nRADIOPHARMACEUTICAL: 370 MBq FDG\nREASON FOR EXAM: staging\n"
        "FINDINGS: SUVmax 8.1.\nIMPRESSION (final): Avid node.\nRECOMMENDATION: biopsy",
        "examination technique indication findings impression recommendation",
    ),
    (
        "INDICATION: Screening.\nBREAST COMPOSITION: b.\nFINDINGS: No mass.\n"
        "BI-RADS CATEGORY: 1\nRECOMMENDATION: Annual.",
        "indication breast composition findings assessment recommendation",
    ),
    (
        "SPECIMEN(S) SUBMITTED: Left breast.\nCLINICAL HISTORY: Mass.\nGROSS DESCRIPTION: 3 cm.\n"
        "MICROSCOPIC DESCRIPTION: Glands.\nIMMUNOHISTOCHEMISTRY: ER positive.\n"
        "FINAL DIAGNOSIS: Carcinoma.\nCOMMENT: none.\nADDENDUM: HER2 0.",
        "specimen|history|gross description|microscopic description|ancillary studies"
        "|final diagnosis|comment|addendum",
    ),
    (
        "Indicatie: hoesten\nBevindingen: nodus.\nConclusie: maligniteit.\nAdvies: PET",
        "indication findings conclusion recommendation",
    ),
    (
        "Motivo de la exploración: tos.\nHallazgos: nódulo de 2 cm.\nImpresión diagnóstica: tumor.",
        "indication findings impression",
    ),
    ("检查所见：右肺上叶结节。诊断意见：肺癌。建议：复查。", "findings impression recommendation"),  # noqa: RUF001
    (
        "【検査目的】精査\n【所見】右肺に結節。\n【診断】肺癌疑い。",
        "indication findings impression",
    ),
    ("Chest pain FINDINGS: clear lungs IMPRESSION: normal.", "indication findings impression"),
    ("## Findings\nA mass.\n**Impression:** cancer", "findings impression"),
    ("Comparison: None. Findings: A mass. Impression: Cancer.", "comparison findings impression"),
    ("IMPRESSION Stable chest.", "impression"),
    ("CT CHEST FINDINGS: nodule\nCT ABDOMEN FINDINGS: cyst", "findings findings"),
]


@pytest.mark.parametrize(("text", "expected"), HEADED)
def test_headers(text: str, expected: str) -> None:
    wanted = expected.split("|") if "|" in expected else None
    got = [one.name for one in sections(text)]
    assert (got if wanted else " ".join(got)) == (wanted or expected)


def test_places_slice_back() -> None:
    text = "  1. FINDINGS:  A nodule.\nIMPRESSION:\nCancer."
    first, second = sections(text)
    assert (first.start, first.header, first.body(text).strip()) == (0, "FINDINGS", "A nodule.")
    assert text[second.start : second.body_start] == "IMPRESSION:"
    assert second.body(text) == "\nCancer."


@pytest.mark.parametrize(
    "text",
    [
        "Comparison is made to the prior study. Findings are unchanged.",
        "The impression of the kidney on the liver. Note: the plan is unclear.",
        "Time: 12:30. History of cancer. No change",
    ],
)
def test_words_of_headers_in_sentences_are_none(text: str) -> None:
    assert all(one.header is None for one in sections(text))


CHEST = (
    "XXXX-year-old male with chest pain.\nNone.\n"
    "The heart is normal in size. The mediastinum is unremarkable. The lungs are clear. "
    "No pleural effusion or pneumothorax is seen.\nNo acute cardiopulmonary disease."
)


def test_without_headers_the_wording_tells() -> None:
    found = sections(CHEST)
    assert [one.name for one in found] == ["indication", "comparison", "findings", "impression"]
    assert all(one.header is None and 0.5 < one.score <= 1 for one in found)
    assert found[2].body(CHEST).startswith("The heart")
    assert found[3].body(CHEST) == "No acute cardiopulmonary disease."


def test_a_section_under_a_header_ends_where_another_one_begins() -> None:
    text = CHEST.replace("XXXX-year", "INDICATION: XXXX-year").replace("None.", "COMPARISON: None.")
    text = text.replace("No acute", "IMPRESSION: No acute")
    found = sections(text)
    assert [one.name for one in found] == ["indication", "comparison", "findings", "impression"]
    assert [one.header is None for one in found] == [False, False, True, False]
    assert [one.name for one in sections(text, infer=False)] == [
        "indication",
        "comparison",
        "impression",
    ]


def test_what_has_a_header_is_not_found_elsewhere() -> None:
    text = f"FINDINGS: {CHEST}\nIMPRESSION: Normal.\nINDICATION: pain\nCOMPARISON: none"
    assert [one.name for one in sections(text)][:2] == ["findings", "impression"]


@pytest.mark.parametrize(
    "text", ["右肺に結節。", "Nodus in de rechter long. Geen vocht.", "zzz qqq"]
)
def test_text_that_the_model_does_not_know_is_unknown(text: str) -> None:
    assert [one.name for one in sections(text)] == ["unknown"]


def test_the_date_of_a_report_is_no_header() -> None:
    text = "Material: bone. Date of Report: 09/04/2019\nCONCLUSION: A metastasis."
    assert [one.name for one in sections(text)][-1] == "conclusion"
    assert "findings" not in [one.name for one in sections(text)]


def test_nothing_is_inferred_in_a_report_of_pathology() -> None:
    text = "FINAL DIAGNOSIS: Cancer. The heart is normal. The lungs are clear.\nGROSS: 3 cm."
    assert [one.name for one in sections(text)] == ["final diagnosis", "gross description"]


def test_own_names(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("section,language,header\nfindings,de,Befund\nimpression,de,Beurteilung\n")
    text = "Befund: Rundherd.\nBeurteilung: Karzinom."
    own = SectionNames.read(table)
    assert [one.name for one in sections(text, names=own)] == ["findings", "impression"]
    assert [one.name for one in sections(text)] == ["unknown"]


def test_an_empty_text_has_none() -> None:
    assert sections("") == []
    assert [one.name for one in sections(" \n ")] == ["unknown"]


PIECES = st.sampled_from(
    ["FINDINGS:", "Impression:", "所見：", "【診断】", "\n", " ", ". ", "No effusion", "chest pain"]  # noqa: RUF001
)
MORE = st.sampled_from(
    ["COMPARISON", "None.", "\r\n", "1. ", "CT CHEST", "*", ":", "The heart is normal.", "é"]
)


@settings(deadline=None, max_examples=100)
@given(st.one_of(st.text(), st.lists(PIECES | MORE, max_size=25).map("".join)))
def test_the_whole_text_is_covered_once(text: str) -> None:
    for found in (sections(text), sections(text, infer=False)):
        at = 0
        for one in found:
            assert one.start == at <= one.body_start <= one.end
            assert one.name
            assert one.header is None or one.header in text[one.start : one.body_start]
            assert 0 <= one.score <= 1
            at = one.end
        assert at == len(text)


def test_a_long_hostile_text_takes_linear_time() -> None:
    # quadratic time would take minutes here, and run into the test's time limit
    for piece in ("FINDINGS:", "A: ", ":", "【", "* ", "\n", "FINDINGS ", "(", "findings\n"):
        text = piece * 20_000
        assert sections(text)[-1].end == len(text)
