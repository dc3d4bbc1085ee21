from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from graphs.errors import ExamplesError
from graphs.examples.examples import Examples
from graphs.examples.target import Target
from graphs.explanation.deletion_test import deletion_test
from graphs.models.attribution import Attribution

pytest.importorskip("sksurv")

from graphs.models.ridge_cox import RidgeCox

PATIENTS = 240


def planted(seed: int = 0) -> Examples:
    """Twelve facts and thirty genes; one of each carries the hazard, the rest is noise."""
    rng = np.random.default_rng(seed)
    facts = rng.normal(size=(PATIENTS, 12)).astype(np.float32)
    genes = rng.normal(size=(PATIENTS, 30)).astype(np.float32)
    facts[rng.random(facts.shape) < 0.05] = np.nan
    hazard = np.exp(1.2 * np.nan_to_num(facts[:, 3]) + 0.8 * genes[:, 7])
    time = rng.exponential(1 / hazard)
    ends = rng.exponential(2.0, PATIENTS)
    keys = [f"p{n}" for n in range(PATIENTS)]
    return Examples.of_frames(
        {
            "clinical": pd.DataFrame(facts, keys, [f"fact {n}" for n in range(12)]),
            "rna": pd.DataFrame(genes, keys, [f"gene {n}" for n in range(30)]),
        },
        Target.survival(np.minimum(time, ends), time <= ends, "months"),
    )


@pytest.fixture(scope="module")
def fitted() -> tuple[RidgeCox, Examples]:
    examples = planted()
    train, test = examples.take(np.arange(140)), examples.take(np.arange(140, PATIENTS))
    return RidgeCox().fit(train), test


def test_what_carries_the_hazard_matters_more_than_chance(
    fitted: tuple[RidgeCox, Examples],
) -> None:
    model, test = fitted
    found = deletion_test(model, test, top=2)
    assert found.passed
    assert found.interval[0] < found.difference < found.interval[1]
    assert len(found.keys) + found.left_out == len(test)
    assert "more than" in found.words
    assert deletion_test(model, test, top=2).p == found.p
    # also among features of the same modality
    within = deletion_test(model, test, top=2, within=True)
    assert within.passed
    assert "of the same modalities" in within._repr_html_()
    found.figure()._repr_png_()  # type: ignore[attr-defined]


def test_a_made_up_attribution_fails(fitted: tuple[RidgeCox, Examples]) -> None:
    model, test = fitted
    passed = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        shuffled = Attribution(
            {name: rng.normal(size=(len(test), len(test.blocks[name].names)))
             for name in test.modalities}, "drawn at random",
        )  # fmt: skip
        found = deletion_test(model, test, shuffled, top=2, seed=seed)
        passed += found.passed
        assert found.passed == ("more than" in found.words)
    assert passed <= 1  # each has a chance of 2.5 %


def test_too_few_who_have_more_than_what_is_named(fitted: tuple[RidgeCox, Examples]) -> None:
    model, test = fitted
    with pytest.raises(ExamplesError, match="more than what is named"):
        deletion_test(model, test, top=100)
