from __future__ import annotations

from graphs.metrics.bleu import bleu
from graphs.metrics.card import card
from graphs.metrics.radgraph_f1 import radgraph_f1
from graphs.metrics.score import Score

REFERENCE = "there is no pleural effusion or pneumothorax on the left"
SAID = {"entities": {"1": {"tokens": "effusion", "label": "OBS-DA", "relations": []}}}
WRONG = {"entities": {"1": {"tokens": "effusion", "label": "OBS-DP", "relations": []}}}


def test_a_pair_that_bleu_and_facts_rank_otherwise_is_named() -> None:
    # one word turns the meaning; the other report says the same in other words
    systems = {
        "copier": ("there is a pleural effusion or pneumothorax on the left", WRONG),
        "reader": ("no fluid and no free air beside the left lung", SAID),
    }
    scores = {
        name: {"bleu": bleu([text], [REFERENCE]), "facts": radgraph_f1([graph], [SAID])}
        for name, (text, graph) in systems.items()
    }
    found = card(scores, words=["bleu"], facts=["facts"])
    assert found.warnings == (
        "bleu prefers copier, and facts prefers reader: words in common do not say that a report "
        "is right",
    )
    assert "copier" in found._repr_html_()
    assert not card({"reader": scores["reader"]}, words=["bleu"], facts=["facts"]).warnings


def test_length_is_told() -> None:
    scores = {"<b>long</b>": {"bleu": Score("bleu", 0.5, length_ratio=2.0)}}
    found = card(scores, words=["bleu"], facts=[])
    assert "2.0 times as much" in found.warnings[0]
    assert "<b>" not in found._repr_html_()
