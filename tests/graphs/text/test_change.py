"""Change over time, and words that only look like it."""

from __future__ import annotations

import pytest

from graphs.text.rules import RulesExtractor

RULES = RulesExtractor()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New 4 mm nodule.", "new"),
        ("The nodule is stable.", "stable"),
        ("No significant interval change in the nodule.", "stable"),
        ("The nodule has increased in size.", "increased"),
        ("Nodule, decreased from 12 mm to 8 mm.", "decreased"),
        ("Interval decrease in the effusion.", "decreased"),
        ("The effusion has resolved.", "resolved"),
        ("The mass has not increased in size.", "stable"),
        ("The nodule did not grow.", "stable"),
        ("No increase in size of the effusion.", "stable"),
        ("The nodule has significantly enlarged.", "increased"),
        ("The nodule doubled in size.", "increased"),
        ("The effusion has not completely resolved.", "decreased"),
        ("There is no longer a pleural effusion.", "resolved"),
        ("Increased interstitial markings.", None),
        ("Nodule with increased density.", None),
        ("No new nodule.", None),
        ("Unchanged mediastinum, without nodule.", None),
    ],
)
def test_change(text: str, expected: str | None) -> None:
    assert RULES.extract(text)[0].change == expected


def test_what_has_resolved_is_absent() -> None:
    (one,) = RULES.extract("The pneumothorax has resolved.")
    assert (one.assertion, one.change) == ("absent", "resolved")
