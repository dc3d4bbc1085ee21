"""Neighbours of other patients, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.encoders.nearest import VectorIndex, nearest
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag


def _bag(count: int, dim: int, seed: int = 0, each: int = 4) -> Bag:
    rng = np.random.default_rng(seed)
    # as of networks: most of the length in few directions
    values = (rng.normal(size=(count, dim)) / np.arange(1, dim + 1) ** 0.5).astype(np.float32)
    owner = np.arange(count) // each
    keys = tuple(f"p{k}" for k in range(owner[-1] + 1))
    names = tuple(map(str, range(dim)))
    where = tuple(f"onco:{keys[k]}/images/i@1#box={n}:{n + 1},0:9,0:9" for n, k in enumerate(owner))
    return Bag("CT", keys, values, owner, names, where, np.full(len(keys), "present"))


def test_nearest() -> None:
    """What looking at all gives, without the own patient's and others who are left out."""
    bag = _bag(3000, 200)
    index = VectorIndex(bag)
    unit = bag.values / np.linalg.norm(bag.values, axis=1, keepdims=True)
    for at in (0, 17, 2999):
        scores = unit @ unit[at]
        whose = bag.owner[at]
        scores[(bag.owner == whose) | (bag.owner == 5)] = -2
        order = np.argsort(-scores, kind="stable")[:7]
        found = index.like(bag.addresses[at], 7, without=["p5"])
        assert [one.address for one in found] == [bag.addresses[k] for k in order]
        assert np.allclose([one.cosine for one in found], scores[order], atol=1e-5)
        assert f"p{whose}" not in {one.patient for one in found}
    mine = index.find(bag.values[8], None, 1)[0]
    assert mine.address == bag.addresses[8]
    assert nearest(bag, bag.values[8], "p2", 1)[0].patient != "p2"
    assert "neighbours" in index.like(bag.addresses[0])._repr_html_()


@pytest.mark.parametrize("count", [12, 40, 600])
def test_flat_vectors(count: int) -> None:
    """Where few are ruled out, and where few may be found, the answer is the same."""
    bag = _bag(count, 120)
    bag.values[:] = np.random.default_rng(1).normal(size=bag.values.shape)
    unit = bag.values / np.linalg.norm(bag.values, axis=1, keepdims=True)
    scores = np.where(bag.owner == 0, -2, unit @ unit[1])
    order = np.argsort(-scores, kind="stable")[:8]
    found = VectorIndex(bag).find(bag.values[1], "p0", 8)
    assert [one.address for one in found] == [bag.addresses[k] for k in order]


def test_odd_questions() -> None:
    """Few vectors, one patient, zeros, and what is no vector."""
    bag = _bag(3, 5)
    bag.values[1] = 0
    index = VectorIndex(bag)
    assert len(index) == 2
    assert len(index.find(bag.values[0], None, 99)) == 2
    assert not index.find(bag.values[0], "p0")
    for wrong in (np.zeros(5), np.ones(4), np.full(5, np.nan)):
        with pytest.raises(ExamplesError):
            index.find(wrong)
    with pytest.raises(ExamplesError):
        index.like("onco:nobody/images/i")
    with pytest.raises(ExamplesError):
        VectorIndex(bag.hide([True]))
