"""match_fingerprints: which images show the same, however they were cropped or mirrored."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from explorer.split.fingerprint import Fingerprint, mirrored

#: Points that agree in one shift: so many may be chance, and are shown to a person; so many are
#: not. Measured on real images (benchmarks/near_duplicates.py).
FEWEST, CERTAIN = 6, 12
#: Below it two blocks are not alike (cosine).
ALIKE = 0.9
_SHIFT_MM = 5.0
_ROWS = 2048
_MOST_MATCHES = 400


@dataclass(frozen=True)
class Match:
    """Two images that show the same.

    Attributes
    ----------
    one, other : int
        Positions.
    points : int
        How many agree in one shift.
    mirrored : tuple of int
        Axes along which one of the two is mirrored.
    exact : bool
        The same values in the same shape.
    """

    one: int
    other: int
    points: int
    mirrored: tuple[int, ...] = ()
    exact: bool = False


def match_fingerprints(
    prints: Sequence[Fingerprint],
    owners: Sequence[Hashable],
    *,
    flips: bool = True,
    fewest: int = FEWEST,
) -> list[Match]:
    """Compare all images of different owners.

    Blocks are compared by blocked cosine, every one with every one, of the images alone that
    have as many dims; then the points that are alike must be shifted by the same vector.

    Parameters
    ----------
    prints : sequence of Fingerprint
    owners : sequence
        Of each the patient; images of one are not compared.
    flips : bool
        Also mirrored along any axes.
    fewest : int
        Points that must agree.

    Returns
    -------
    list of Match
        The first of the two has the lower position; each pair once.
    """
    found: dict[tuple[int, int], Match] = {}
    first: dict[str, list[int]] = {}
    for k, one in enumerate(prints):
        for other in first.setdefault(one.exact, []):
            if owners[other] != owners[k]:
                found[other, k] = Match(other, k, len(one), exact=True)
        first[one.exact].append(k)
    for dims in (2, 3):
        some = [k for k, one in enumerate(prints) if one.dims == dims and len(one) >= fewest]
        if len({owners[k] for k in some}) > 1:
            axes = [c for n in range(dims + 1) for c in combinations(range(dims), n)]
            for mirror in axes if flips else axes[:1]:
                for match in _alike(prints, owners, some, dims, mirror, fewest):
                    pair = match.one, match.other
                    known = found.get(pair)
                    if known is None or (not known.exact and known.points < match.points):
                        found[pair] = match
    return [found[pair] for pair in sorted(found)]


def _alike(
    prints: Sequence[Fingerprint],
    owners: Sequence[Hashable],
    some: Sequence[int],
    dims: int,
    mirror: tuple[int, ...],
    fewest: int,
) -> list[Match]:
    blocks = np.concatenate([prints[k].blocks for k in some])
    image = np.repeat(np.arange(len(some)), [len(prints[k]) for k in some])
    codes = {owner: k for k, owner in enumerate(dict.fromkeys(owners[k] for k in some))}
    owner = np.array([codes[owners[k]] for k in some])[image]
    start = np.concatenate([[0], np.cumsum([len(prints[k]) for k in some])])
    turned = mirrored(blocks, dims, mirror)
    one_row, other_row, cosine = [], [], []
    for low in range(0, len(blocks), _ROWS):
        rows = slice(low, low + _ROWS)
        like = turned[rows] @ blocks.T
        i, j = np.nonzero(like > ALIKE)
        held = (image[i + low] < image[j]) & (owner[i + low] != owner[j])
        cosine.append(like[i[held], j[held]])
        one_row.append(i[held] + low)
        other_row.append(j[held])
    i, j = np.concatenate(one_row), np.concatenate(other_row)
    if not len(i):
        return []
    # each point has one counterpart: edges that look alike everywhere have too many
    likeness = np.concatenate(cosine)
    best = _best(i * len(some) + image[j], likeness) & _best(j * len(some) + image[i], likeness)
    i, j = i[best], j[best]
    pair = image[i].astype(np.int64) * len(some) + image[j]
    order = np.argsort(pair, kind="stable")
    i, j, pair = i[order], j[order], pair[order]
    values, begin = np.unique(pair, return_index=True)
    ends = np.append(begin[1:], len(pair))
    sign = np.where(np.isin(np.arange(dims), mirror), -1, 1).astype(np.float32)
    found = []
    for value, a, b in zip(values.tolist(), begin.tolist(), ends.tolist(), strict=True):
        if b - a < fewest:
            continue
        p, q = divmod(value, len(some))
        one, other = prints[some[p]], prints[some[q]]
        left, right = i[a:b] - start[p], j[a:b] - start[q]
        points = _agreeing(one.points[left] * sign, other.points[right], left, right)
        if points >= fewest:
            found.append(Match(some[p], some[q], points, mirror))
    return found


def _best(group: NDArray[np.int64], value: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which entries have the highest value of their group."""
    _, place = np.unique(group, return_inverse=True)
    top = np.full(int(place.max(initial=0)) + 1, -np.inf, np.float32)
    np.maximum.at(top, place, value)
    return np.asarray(value >= top[place])


def _agreeing(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> int:
    """Points that are shifted by one vector, each counted once on either side."""
    shift = other - one
    # uniform areas match each other in great numbers; some of them are as good as all
    step = max(1, len(shift) // _MOST_MATCHES)
    tried = shift[::step]
    near = np.all(np.abs(tried[:, None] - shift[None]) <= _SHIFT_MM, axis=-1)
    best = near[int(near.sum(axis=1).argmax())]
    return min(len(np.unique(left[best])), len(np.unique(right[best])))
