"""An Open-i eCitation: sections, MeSH, images."""

from pathlib import Path

import pytest

from explorer.errors import FileRefusedError
from explorer.readers.openi_report import openi_report

DATA = Path(__file__).parents[2] / "data" / "openi" / "CXR9001.xml"


def test_a_report_says_what_its_file_says() -> None:
    report = openi_report(DATA.read_bytes())
    assert report.uid == "CXR9001"
    assert [(one.label, bool(one.span)) for one in report.sections] == [
        ("COMPARISON", True), ("INDICATION", False), ("FINDINGS", True), ("IMPRESSION", True),
    ]  # fmt: skip
    assert report.text == (
        "COMPARISON: Chest radiograph of XXXX.\n\nFINDINGS: The heart is of normal size. A "
        "calcified granuloma of 4 mm lies in the right upper lobe — unchanged. There is no "
        "pleural effusion & no pneumothorax.\n\nIMPRESSION: No acute disease of the chest."
    )
    for section in report.sections:
        if section.span:
            assert report.text[slice(*section.span)] == section.text
    assert report.mesh == [
        ("major", "Calcified Granuloma/lung/upper lobe/right"),
        ("automatic", "calcified granuloma"),
    ]
    assert [(one.id, one.figure) for one in report.images] == [
        ("CXR9001_IM-0001-1001", "F1"), ("CXR9001_IM-0001-2001", "F2"),
    ]  # fmt: skip
    assert report.published == "2013-08-01"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<article/>", "'article'"),
        (b"<eCitation/>", "no uId"),
        (b'<eCitation><uId id=" "/></eCitation>', "no uId"),
        (DATA.read_bytes()[:900], "broken"),
    ],
)
def test_what_is_no_ecitation_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FileRefusedError, match=why):
        openi_report(data)
