from __future__ import annotations

import pytest

from graphs.checks.against import against, kind_of_error
from graphs.text.rules import RulesExtractor

READER = RulesExtractor()
TRUE = "Small left pleural effusion. A 9 mm nodule in the right upper lobe. No pneumothorax."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (TRUE, None),
        (TRUE.replace("left", "right"), "side"),
        (TRUE.replace("9 mm", "19 mm"), "size"),
        (TRUE.replace("No pneumothorax", "Pneumothorax"), "negation"),
        (TRUE.replace("nodule", "fracture"), "swap"),
        (TRUE.replace("Small left pleural effusion. ", ""), "omission"),
        (TRUE + " Cardiomegaly.", "addition"),
    ],
)
def test_which_error(said, kind):
    found = against(READER.extract(said), READER.extract(TRUE))
    assert kind_of_error(found) == kind
    assert all(one.verdict == "contradicts" and one.evidence for one in found)
