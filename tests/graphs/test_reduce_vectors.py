"""Planes of vectors: equal to the decomposition by hand, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from graphs.reduce_vectors import reduce_vectors


def test_pca_is_that_of_the_correlation_matrix() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    plane = reduce_vectors(values)
    scaled = (values - values.mean(0)) / values.std(0)
    _, sizes, axes = np.linalg.svd(scaled, full_matrices=False)
    assert np.allclose(np.abs(plane.xy), np.abs(scaled @ axes[:2].T), atol=1e-4)
    share = (sizes**2 / (sizes**2).sum())[:2].sum()
    assert f"{share:.0%} of the variance" in plane.how
    assert "seed 0" in plane.how


def test_tsne_says_its_seed_and_keeps_it() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(size=(15, 6)), rng.normal(size=(15, 6)) + 8])
    one, two = (reduce_vectors(values, "tsne", 3) for _ in range(2))
    assert np.array_equal(one.xy, two.xy)
    assert "seed 3" in one.how
    near = np.linalg.norm(one.xy[:, None] - one.xy[None], axis=2)
    np.fill_diagonal(near, np.inf)
    assert ((near.argmin(1) < 15) == (np.arange(30) < 15)).all()


def test_what_cannot_be_laid_out_is_refused() -> None:
    for bad in (np.ones((2, 5)), np.full((5, 5), np.nan)):
        with pytest.raises(ValueError, match=r"shape|missing"):
            reduce_vectors(bad)
    with pytest.raises(ValueError, match="umap"):
        reduce_vectors(np.ones((5, 5)), "umap")
