from __future__ import annotations

from graphs.finding import Finding
from graphs.text.facts import facts

REPORT = (
    "INDICATION: Nodule on an  earlier film.\nFINDINGS: There is a 2.3 cm nodule in the right "
    "upper lobe, increased from 1.8 cm. No pleural effusion.\nIMPRESSION: Possible pneumonia."
)


def test_facts_are_apart_from_what_was_asked() -> None:
    found = facts(REPORT, language="en")
    assert found.indication == "Nodule on an  earlier film."
    assert found.serialised().splitlines() == [
        "indication: Nodule on an earlier film.",
        "present; nodule; lung_upper_lobe_right; right; 23 mm; earlier 18 mm; increased",
        "absent; pleural effusion; pleura",
        "uncertain; pneumonia; lung",
    ]
    assert [REPORT[one.start : one.end] for one in found.facts] == [
        "nodule",
        "pleural effusion",
        "pneumonia",
    ]


def test_style_makes_no_difference() -> None:
    one = facts("FINDINGS: There is a nodule in the right upper lobe.", language="en")
    other = facts("Findings: A right upper lobe nodule is again demonstrated.", language="en")
    assert one.tokens() == other.tokens()


def test_the_same_fact_is_there_once_and_denied_ones_are_no_tokens() -> None:
    text = "No mass. A mass. A mass."
    spans = [(3, 7, "absent"), (11, 15, "present"), (19, 23, "present")]
    found = facts(
        text, [Finding(a, b, "mass", "mass", assertion=how) for a, b, how in spans], parts=()
    )
    assert [one.text for one in found.facts] == ["absent; mass", "present; mass"]
    assert found.tokens() == ["mass"]


def test_a_report_without_facts() -> None:
    found = facts("", [])
    assert (found.indication, found.facts, found.tokens()) == ("", (), ["nothing"])
