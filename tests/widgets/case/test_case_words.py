"""What a page may say of a patient, and of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.patient import Patient
from widgets.case.case_words import CaseWords


def test_the_data_are_named_and_a_person_is_not(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    words = CaseWords.of(made(image_draft("ct", np.zeros((2, 3, 4), np.int16), np.eye(4))))
    doi = "https://doi.org/10.7937/K9/TCIA.2015.7GO2GSKS"
    said = words.terms(f"Data: a set, {doi}. Licence: CC BY 3.0, see http://host/1")
    assert said == f"Data: a set, {doi}. Licence: CC BY 3.0, see [LINK]"
    assert "made-up" not in words.terms("Data: https://doi.org/10.1/made-up/x")
    assert "made-up" not in words.terms("Data: https://doi.org/10.1234/made-up/x")
