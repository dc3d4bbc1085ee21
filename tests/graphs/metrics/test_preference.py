"""Votes on pairs, simulated with a known order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.metrics.preference import preference

TRUE = {"a": 1.5, "b": 0.6, "c": 0.0, "d": -0.7, "e": -1.4}


def _votes(seed: int, count: int, readers: int = 0) -> list[tuple[str, str, float, str]]:
    rng = np.random.default_rng(seed)
    made = []
    for k in range(count):
        one, other = rng.choice(list(TRUE), 2, replace=False)
        chance = 1 / (1 + np.exp(TRUE[other] - TRUE[one]))
        reader = f"r{k % readers}" if readers else ""
        made.append((str(one), str(other), float(rng.random() < chance), reader))
    return made


def test_the_order_of_simulated_votes_is_found() -> None:
    covered = 0
    for seed in range(10):
        found = preference(_votes(seed, 800))
        assert found.names == tuple(TRUE)
        covered += sum(one.low <= TRUE[one.name] <= one.high for one in found.order)
    assert covered >= 42  # of 50, at 95 %
    html = found._repr_html_()
    assert "800 votes" in html


def test_readers_widen_the_intervals_and_do_not_move_the_order() -> None:
    found = preference(_votes(3, 800, readers=8))
    assert found.names == tuple(TRUE)
    assert found.readers == 8
    assert all(np.isfinite([one.low, one.high]).all() for one in found.order)


def test_two_methods_are_the_odds_themselves() -> None:
    found = preference([("a", "b", 1.0)] * 30 + [("b", "a", 1.0)] * 9 + [("a", "b", 0.5)] * 2)
    assert found.order[0].strength - found.order[1].strength == pytest.approx(np.log(31 / 10))
    assert (found.order[0].votes, found.order[0].won) == (41, 31.0)


@given(st.permutations(list(TRUE)))
@settings(max_examples=10, deadline=None)
def test_names_and_sides_do_not_matter(names: list[str]) -> None:
    votes = _votes(1, 300)
    plain = {one.name: one.strength for one in preference(votes).order}
    other = dict(zip(TRUE, names, strict=True))
    turned = preference([(other[b], other[a], 1 - share) for a, b, share, _ in votes])
    for one in turned.order:
        back = {new: old for old, new in other.items()}[one.name]
        assert one.strength == pytest.approx(plain[back], abs=1e-6)


def test_what_has_no_order_says_so() -> None:
    for votes in ([], [("a", "b", 1.0)], [("a", "b", 0.5), ("c", "d", 0.5)]):
        found = preference(votes)
        assert found.order == ()
        assert found.why.startswith("cannot tell")
        assert "cannot tell" in found._repr_html_()
    hostile = preference([("<b>", "x", 0.5)])
    assert "<b>" not in hostile._repr_html_()
    for bad in (("a", "a", 1.0), ("a", "b", 1.5), ("a", "b", float("nan"))):
        with pytest.raises(ValueError, match="A vote of"):
            preference([bad])
