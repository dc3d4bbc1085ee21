"""BLEU, ROUGE and length on strings that were counted by hand."""

from __future__ import annotations

import math
import socket

import pytest

from graphs.metrics.bleu import bleu
from graphs.metrics.length import count_words, length_ratio
from graphs.metrics.rouge import rouge

REFERENCE = "there is a small nodule in the left upper lobe"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a metric asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_same_is_one() -> None:
    assert bleu([REFERENCE], [REFERENCE]).value == pytest.approx(1.0)
    assert rouge([REFERENCE], [REFERENCE]).value == 1.0
    assert bleu([REFERENCE], [REFERENCE]).length_ratio == 1.0


def test_rouge_by_hand() -> None:
    text = "a small nodule in the right upper lobe"
    # eight words, seven of the reference's ten in order
    assert rouge([text], [REFERENCE]).value == pytest.approx(2 * 7 / (8 + 10))
    assert rouge([text], [REFERENCE], "rouge2").value == pytest.approx(2 * 5 / (7 + 9))


def test_bleu_by_hand() -> None:
    # eight words against ten: brevity exp(1 - 10/8); n-grams 7/8, 5/7, 3/6, 2/5
    text = "a small nodule in the right upper lobe"
    expected = math.exp(1 - 10 / 8) * (7 / 8 * 5 / 7 * 3 / 6 * 2 / 5) ** 0.25
    assert bleu([text], [REFERENCE]).value == pytest.approx(expected)


def test_padding_does_not_raise_and_is_told() -> None:
    padded = REFERENCE + " . the examination was performed and the images were reviewed today"
    for score in (bleu, rouge):
        assert score([padded], [REFERENCE]).value < score([REFERENCE], [REFERENCE]).value
        assert score([padded], [REFERENCE]).alarm


def test_words_of_scripts_without_spaces() -> None:
    assert count_words("右肺上葉に結節") == 7
    assert count_words("a 2.3 cm nodule") == 5
    assert math.isnan(length_ratio(["a"], [""]))
