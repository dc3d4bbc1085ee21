"""RadFact's six scores and its rule for boxes, on cases counted by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from graphs.finding import Finding
from graphs.metrics.entailment import Entailment
from graphs.metrics.radfact import box_overlap, boxes_entailed, radfact

YES, NO, UNKNOWN = "entailed", "not entailed", "unknown"


def box(x0: float, y0: float, x1: float, y1: float) -> dict[str, float]:
    return {"x_min": x0, "y_min": y0, "x_max": x1, "y_max": y1}


def phrase(text: str, *boxes: dict[str, float]) -> dict:
    return {"text": text, "boxes": list(boxes) or None}


# Two reports of four phrases: three follow each way; two and three have boxes.
MINE = [
    phrase("one", box(0.1, 0.1, 0.2, 0.2)),
    phrase("two", box(0.3, 0.3, 0.4, 0.4), box(0.5, 0.5, 0.6, 0.6)),
    phrase("three"),
    phrase("four"),
]
THEIRS = [
    phrase("one", box(0.1, 0.1, 0.2, 0.2)),
    phrase("two", box(0.3, 0.3, 0.4, 0.4)),
    phrase("three", box(0.5, 0.5, 0.6, 0.6)),
    phrase("five"),
]
GIVEN = [Entailment(YES, (0,)), Entailment(YES, (1,)), Entailment(YES, (2,)), Entailment(NO)]


def test_the_six_scores_with_given_entailment() -> None:
    found = radfact([MINE], [THEIRS], judged=[(GIVEN, GIVEN)])
    # of mine with boxes, 'two' has half of its pixels in the other's box: not more than half
    expected = {
        "logical_precision": 3 / 4, "logical_recall": 3 / 4,
        "grounding_precision": 1 / 2, "grounding_recall": 2 / 3,
        "spatial_precision": 1 / 2, "spatial_recall": 2 / 3,
    }  # fmt: skip
    assert {name: score.value for name, score in found.scores.items()} == pytest.approx(expected)


def test_grounding_is_of_what_follows_and_spatial_of_all() -> None:
    right, wrong = box(0.1, 0.1, 0.2, 0.2), box(0.3, 0.3, 0.4, 0.4)
    mine = [phrase("a"), phrase("b", right), phrase("c", wrong), phrase("d"), phrase("e", right)]
    theirs = [phrase("x"), phrase("y", right)]
    judged = [
        Entailment(YES, (0,)),
        Entailment(YES, (1,)),
        Entailment(YES, (1,)),
        *[Entailment(NO)] * 2,
    ]
    found = radfact([mine], [theirs], judged=[(judged, [Entailment(YES, (0,))] * 2)])
    assert found["logical_precision"].value == 3 / 5
    assert found["grounding_precision"].value == 1 / 2
    assert found["spatial_precision"].value == pytest.approx(1 / 3)


def test_what_cannot_be_judged_is_in_no_score() -> None:
    judged = [Entailment(UNKNOWN), *GIVEN[1:]]
    found = radfact([MINE], [THEIRS], judged=[(judged, GIVEN)])
    assert (found.unknown, found.statements) == (1, 8)
    assert found["logical_precision"].value == pytest.approx(2 / 3)
    assert found["spatial_precision"].value == 0.0
    nothing = radfact([MINE], [THEIRS], judged=[([Entailment(UNKNOWN)] * 4, GIVEN)])
    assert math.isnan(nothing["logical_precision"].value)


@pytest.mark.parametrize(
    ("mine", "truth", "iou", "precision", "recall"),
    [
        # the same; none in common; a corner; two boxes; one box of no area
        ([box(0.6, 0.6, 0.8, 0.8)], [box(0.6, 0.6, 0.8, 0.8)], 1, 1, 1),
        ([box(0.7, 0.7, 0.9, 0.9)], [box(0.5, 0.5, 0.7, 0.7)], 0, 0, 0),
        ([box(0.25, 0.25, 0.75, 0.75)], [box(0.5, 0.5, 1, 1)], 1 / 7, 1 / 4, 1 / 4),
        ([box(0, 0, 0.5, 0.5), box(0, 0, 0.5, 0.5)], [box(0, 0, 0.5, 1)], 1 / 2, 1, 1 / 2),
        ([box(0, 0, 0, 0)], [box(0.1, 0.1, 0.3, 0.3)], 0, math.nan, 0),
        ([box(0.1, 0.1, 0.3, 0.3)], [box(0, 0, 0, 0)], 0, 0, math.nan),
    ],
)
def test_overlap_of_boxes(mine, truth, iou, precision, recall) -> None:
    found = box_overlap(mine, truth)
    assert list(found.values()) == pytest.approx([iou, precision, recall], nan_ok=True)


def test_more_than_half_has_to_lie_inside() -> None:
    half, more = box(0, 0, 0.5, 0.5), box(0, 0, 0.5, 0.55)
    assert not boxes_entailed([box(0, 0, 0.5, 1)], [half])
    assert boxes_entailed([box(0, 0, 0.5, 1)], [more])
    assert not boxes_entailed([half], [])


def _read(text: str) -> list[Finding]:
    """Findings of made-up sentences: 'no' before the word, a side before it."""
    found = []
    for word in ("effusion", "nodule"):
        if word in text:
            at = text.index(word)
            found.append(
                Finding(
                    at, at + len(word), word, word,
                    assertion="absent" if "no " in text else "present",
                    laterality="left" if "left" in text else None,
                )
            )  # fmt: skip
    return found


def test_padding_changes_nothing_and_is_told() -> None:
    target = [phrase("left effusion"), phrase("no nodule")]
    empty = [phrase("The examination is complete, and was read with all of the images at hand.")]
    plain = radfact([target], [target], extract=_read)
    padded = radfact([target + empty], [target], extract=_read)
    for name in ("logical_precision", "logical_recall"):
        assert padded[name].value == plain[name].value == 1.0
        assert padded[name].alarm
        assert not plain[name].alarm
    assert padded.unknown == 1
    assert "could not be judged" in padded._repr_html_()


def test_real_grounded_reports_score_one_on_themselves(shared_data: Path) -> None:
    path = shared_data / "grounded_reports" / "grounded_reporting_examples.json"
    if not path.exists():
        pytest.skip("needs the shared data: grounded_reports")
    pairs = json.loads(path.read_text())
    targets = [pair["target"] for pair in pairs]
    itself = [([Entailment(YES, (i,)) for i in range(len(one))],) * 2 for one in targets]
    found = radfact(targets, targets, judged=itself)
    assert all(score.value == 1.0 for score in found.scores.values())
    assert found.statements == 2 * 133
    assert sum(bool(phrase["boxes"]) for one in targets for phrase in one) == 38
