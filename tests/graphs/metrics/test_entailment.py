from __future__ import annotations

from graphs.finding import Finding
from graphs.metrics.entailment import entailment

SAID = {
    "left effusion": Finding(0, 0, "", "effusion", laterality="left"),
    "effusions on both sides": Finding(0, 0, "", "effusion", laterality="bilateral"),
    "effusion": Finding(0, 0, "", "effusion"),
    "no effusion": Finding(0, 0, "", "effusion", assertion="absent"),
    "no left effusion": Finding(0, 0, "", "effusion", assertion="absent", laterality="left"),
    "nodule in the liver": Finding(0, 0, "", "nodule", anatomy=("liver",)),
    "nodule in the spleen": Finding(0, 0, "", "nodule", anatomy=("spleen",)),
}


def _answer(statement: str, *premises: str) -> str:
    read = lambda text: [SAID[text]] if text in SAID else []  # noqa: E731
    return entailment([statement], premises, read)[0].answer


def test_side_and_place_have_to_agree() -> None:
    assert _answer("effusion", "left effusion") == "entailed"
    assert _answer("left effusion", "effusion") == "not entailed"
    assert _answer("left effusion", "effusions on both sides") == "entailed"
    assert _answer("nodule in the liver", "nodule in the spleen") == "not entailed"


def test_none_at_all_is_none_on_the_left() -> None:
    assert _answer("no left effusion", "no effusion") == "entailed"
    assert _answer("no effusion", "no left effusion") == "not entailed"
    assert _answer("effusion", "no effusion") == "not entailed"


def test_what_cannot_be_read_is_unknown() -> None:
    assert _answer("The study is complete.", "effusion") == "unknown"


def test_the_evidence_is_named() -> None:
    read = lambda text: [SAID[text]]  # noqa: E731
    (found,) = entailment(["effusion"], ["nodule in the liver", "left effusion"], read)
    assert found.evidence == (1,)
    (missed,) = entailment(["effusion"], ["no effusion"], read)
    assert "absent instead of present" in missed.reason
