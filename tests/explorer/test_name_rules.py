"""Which identifiers are shown to a person as maybe one patient, and which are not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.name_rules import MOST_HOLDERS, Clue, Named, name_rules, spelling, tcga_case


def clues(*identifiers: str, issuers: Iterable[str] = ()) -> list[Clue]:
    given = list(issuers) or [f"tree-{n}" for n in range(len(identifiers))]
    return name_rules(
        Named(f"key-{n}", issuer, name)
        for n, (name, issuer) in enumerate(zip(identifiers, given, strict=True))
    )


def test_the_name_of_a_collection_before_it() -> None:
    """PatientID of the DICOM files on TCIA, and PatientID in the index of IDC."""
    found = clues("CMB-CRC-MSB-06489", "MSB-06489")
    assert [(c.patient, c.into, c.rule) for c in found] == [("key-0", "key-1", "suffix")]
    assert "with 'cmb crc' before it" in found[0].evidence
    assert found[0].against == ()


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("MSB-06489", "msb 6489", "spelling"),
        ("MSB-06489", "MSB06489", "spelling"),
        ("STS_002", "STS-2", "spelling"),
        ("\uff30\uff21\uff34-\uff11\uff12", "pat-12", "spelling"),
        ("TCGA-BP-5195.25c0b433-5557-4165-922e-2c1eac9c26f0", "TCGA-BP-5195", "barcode"),
        ("TCGA-02-0001-01C-01D-0182-01", "TCGA-02-0001", "barcode"),
        ("MSB-06489-CMB", "MSB-06489", "prefix"),
        ("X", "X", "other issuer"),
    ],
)
def test_alike(one: str, other: str, rule: str) -> None:
    assert [clue.rule for clue in clues(one, other)] == [rule]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STS_002", "002"),  # a bare number is everybody's
        ("A-12-3", "A-123"),  # numbers that stand apart stay apart
        ("MSB-06489", "MSB-064890"),
        ("TCGA-BP-5195", "TCGA-BP-5196"),
        ("--", "  "),
        ("", ""),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    assert clues(one, other) == []


def test_what_speaks_against_is_said() -> None:
    visits = clues("PAT-1234", "PAT-1234-2", issuers=["one", "one"])
    assert visits[0].rule == "prefix"
    assert visits[0].against == (
        "one source (one) uses both",
        "'2' holds a number: another person, a visit or a sample?",
    )
    three = clues("MSB-06489", "A-MSB-06489", "MSB-6489")
    suffix = [clue for clue in three if clue.rule == "suffix"]
    assert all("2 patients fit" in clue.against[0] for clue in suffix)


def test_a_name_that_everybody_has_gives_no_pairs() -> None:
    many = MOST_HOLDERS + 1
    assert clues(*["patient 1"] * many) == []
    assert len(clues(*["patient 1"] * MOST_HOLDERS)) == MOST_HOLDERS * (MOST_HOLDERS - 1) // 2


def test_one_patient_is_not_alike_to_itself() -> None:
    assert name_rules([Named("key", "a", "MSB-06489"), Named("key", "b", "CMB-MSB-06489")]) == []


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from("ab")), max_size=12))
def test_any_text_is_taken_and_the_order_does_not_matter(names: list[tuple[str, str]]) -> None:
    known = [Named(f"k{n}", issuer, text) for n, (text, issuer) in enumerate(names)]
    found = name_rules(known)
    assert found == name_rules(reversed(known))
    assert all(clue.patient != clue.into for clue in found)


def test_spelling_and_cases() -> None:
    assert spelling("MSB-00012 a") == "msb12a"
    assert spelling("000") == "0"
    assert tcga_case("TCGA-BP-5195.txt") == "TCGA-BP-5195"
    assert tcga_case("TCGA-BP-5195") is None
