"""reduce_vectors: a plane for vectors, so that people can look at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

METHODS = ("pca", "tsne")


@dataclass(frozen=True, eq=False)
class Plane:
    """Where each vector lies in the plane.

    Attributes
    ----------
    xy : ndarray of float32, (vector, 2)
    names : tuple of str
        Of the two axes.
    how : str
        Method, seed, and what it keeps, in words: distances in it are not the vectors' own.
    """

    xy: NDArray[np.float32]
    names: tuple[str, str]
    how: str


def reduce_vectors(vectors: ArrayLike, method: str = "pca", seed: int = 0) -> Plane:
    """Lay vectors out in a plane, by scikit-learn.

    Parameters
    ----------
    vectors : array-like, (vector, feature)
        Numbers, none missing; each feature is brought to mean 0 and standard deviation 1.
    method : {'pca', 'tsne'}
        Principal components keep most of the variance; t-SNE (van der Maaten and Hinton 2008)
        keeps neighbours, and neither sizes of groups nor distances between them.
    seed : int
        Of the pseudo-random numbers.

    Returns
    -------
    Plane

    Raises
    ------
    ValueError
        There are fewer than 3 vectors, numbers are missing, or there is no such method.
    """
    values = np.asarray(vectors, np.float64)
    if method not in METHODS:
        raise ValueError(f"No method {method!r}: one of {METHODS}")
    if values.ndim != 2 or len(values) < 3 or values.shape[1] < 2:
        raise ValueError(f"Vectors of shape {values.shape}: at least (3, 2) are needed")
    if not np.isfinite(values).all():
        raise ValueError("Numbers are missing from the vectors")
    from sklearn.decomposition import PCA

    spread = values.std(0)
    scaled = (values - values.mean(0)) / np.where(spread > 0, spread, 1)
    several = min(50, *scaled.shape)
    parts = PCA(n_components=several, svd_solver="auto", random_state=seed).fit(scaled)
    share = parts.explained_variance_ratio_
    if method == "pca":
        xy = parts.transform(scaled)[:, :2]
        names = (f"PC 1 ({share[0]:.0%})", f"PC 2 ({share[1]:.0%})")
        how = (
            f"PCA of {scaled.shape[1]} standardised features of {len(scaled)} vectors, seed "
            f"{seed}; the two axes hold {share[:2].sum():.0%} of the variance"
        )
        return Plane(xy.astype(np.float32), names, how)
    from sklearn.manifold import TSNE

    wide = min(30.0, (len(scaled) - 1) / 3)
    laid = TSNE(perplexity=wide, init="pca", random_state=seed).fit_transform(
        parts.transform(scaled)
    )
    how = (
        f"t-SNE of {several} principal components of {scaled.shape[1]} standardised features, "
        f"perplexity {wide:g}, seed {seed}; distances between groups mean nothing"
    )
    return Plane(laid.astype(np.float32), ("t-SNE 1", "t-SNE 2"), how)
