"""Edges are drawn without replacement, each as likely as any other."""

import numpy as np
import pytest

from graphs.hetero.csr import Csr


def made(degrees: list[int]) -> Csr:
    head = np.repeat(np.arange(len(degrees)), degrees)
    order = np.random.default_rng(0).permutation(len(head))
    return Csr.of(np.arange(len(head))[order], head[order], len(degrees))


def test_all_edges_are_those_of_the_list() -> None:
    csr = made([2, 0, 3])
    tail, place, edge = csr.draw(np.array([2, 0, 1]), -1, np.random.default_rng(0))
    assert place.tolist() == [0, 0, 0, 1, 1]
    assert sorted(tail[:3].tolist()) == [2, 3, 4]
    assert sorted(tail[3:].tolist()) == [0, 1]
    assert len(set(edge.tolist())) == 5


@pytest.mark.parametrize("most", [3, 70])
def test_draws_have_no_edge_twice(most: int) -> None:
    csr = made([100, 2, 0, 80])
    tail, place, edge = csr.draw(np.array([0, 1, 2, 3]), most, np.random.default_rng(1))
    assert np.bincount(place, minlength=4).tolist() == [most, 2, 0, most]
    assert len(set(edge.tolist())) == len(edge)
    ends = np.cumsum([0, 100, 2, 0, 80])
    assert ((tail >= ends[place]) & (tail < ends[place + 1])).all()


@pytest.mark.parametrize("most", [5, 65])
def test_each_edge_is_as_likely(most: int) -> None:
    degree = 2 * most
    csr = made([degree] * 400)
    tail, _, _ = csr.draw(np.arange(400), most, np.random.default_rng(2))
    count = np.bincount(tail % degree, minlength=degree)
    # 400 draws of one half: 5 standard deviations of a binomial
    assert np.abs(count - 200).max() < 5 * np.sqrt(400 * 0.25)
