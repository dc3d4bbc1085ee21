"""What stands for nothing in real tables, and the state that it gets."""

from __future__ import annotations

import pytest

from explorer.readers.absence import STATES, absence, state_of


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (None, "unknown"),
        ("", "unknown"),
        ("  ", "unknown"),
        ("NA", "unknown"),
        ("N/A", "unknown"),
        ("<NA>", "unknown"),
        ("'--", "unknown"),  # GDC's clinical TSV
        ("[Not Available]", "unknown"),  # TCGA's biotab
        ("[Discrepancy]", "unknown"),
        ("not reported", "unknown"),
        ("not_reported", "unknown"),
        ("[Not Applicable]", "absent"),
        ("[Not Evaluated]", "not acquired"),
        ("Not done", "not acquired"),
        ("[Pending]", "not extracted"),
        ("Redacted", "withheld"),
        ("Not Allowed To Collect", "withheld"),
    ],
)
def test_codes_of_real_tables(text: str | None, state: str) -> None:
    assert absence(text) == state
    assert state in STATES


@pytest.mark.parametrize("text", ["no", "0", "none", "absent", "N0", "Nadia", "unknown primary"])
def test_words_that_are_values_stay_values(text: str) -> None:
    assert absence(text) is None


def test_none_is_no_number_and_no_date() -> None:
    assert absence("None", text_due=False) == "unknown"
    assert absence(".", text_due=False) == "unknown"
    assert absence("3.5", text_due=False) is None


def test_a_person_says_more_and_otherwise() -> None:
    codes = {"-9": "not acquired", "NA": "present"}
    assert absence("-9", codes) == "not acquired"
    assert absence(" -9 ", codes) == "not acquired"
    assert absence("NA", codes) is None  # Namibia
    assert absence("-9") is None


def test_the_text_is_kept_beside_the_state() -> None:
    assert state_of("[Discrepancy]", "unknown") == "unknown: '[Discrepancy]'"
    assert state_of("", "unknown") == "unknown"
