"""Edges between patients whose chosen facts are near to each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np

from graphs.assembly.builder import Builder
from graphs.assembly.items import patient_address
from graphs.similar_by import SimilarBy

Value = tuple[str | None, float | None]


def add_similar(builder: Builder, by: SimilarBy) -> dict[str, int]:
    """Draw an edge from each patient to the nearest others.

    Only facts that are in the graph count, so that an index date holds for them, too.

    Parameters
    ----------
    builder : Builder
        With patients and facts.
    by : SimilarBy

    Returns
    -------
    dict
        Why patients could not be compared, to how many they are.
    """
    values, why = _values(builder, by)
    groups: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    exact = [name for name, within in by.facts.items() if within is None]
    near = [name for name, within in by.facts.items() if within is not None]
    for key in sorted(values):
        groups[tuple(values[key][name][0] for name in exact)].append(key)
    for keys in groups.values():
        if len(keys) > 1:
            _group(builder, by, keys, values, near)
    return dict(why)


def _values(builder: Builder, by: SimilarBy) -> tuple[dict[str, dict[str, Value]], Counter[str]]:
    found: dict[str, dict[str, set[Value]]] = defaultdict(lambda: defaultdict(set))
    people = []
    for about in builder.nodes.values():
        if about["kind"] == "patient":
            people.append(about["patient"])
        elif about["kind"] == "fact" and about["name"] in by.facts and about["value"] is not None:
            within = by.facts[about["name"]]
            value = (about["value"], None) if within is None else (None, about.get("number"))
            if value != (None, None):
                found[about["patient"]][about["name"]].add(value)
    whole: dict[str, dict[str, Value]] = {}
    why: Counter[str] = Counter()
    for key in people:
        have = found[key]
        missing = next((name for name in by.facts if len(have[name]) != 1), None)
        if missing is None:
            whole[key] = {name: next(iter(values)) for name, values in have.items()}
        elif have[missing]:
            why[f"{missing!r} has several values"] += 1
        else:
            why[f"{missing!r} is not known"] += 1
    return whole, why


def _group(
    builder: Builder, by: SimilarBy, keys: list[str], values: dict[str, dict[str, Value]],
    near: list[str],
) -> None:  # fmt: skip
    """Edges among patients whose exact facts are the same."""
    said = "; ".join(
        f"{name} the same" if within is None else f"{name} within {within:g}"
        for name, within in by.facts.items()
    )
    if not near:
        last = len(keys)
        for place, key in enumerate(keys):
            # all are as near: the next ones in the order of the keys stand for them
            others = [keys[(place + k) % last] for k in range(1, min(by.nearest, last - 1) + 1)]
            for other in others:
                _draw(builder, key, other, said, 0.0, {}, last - 1)
        return
    from scipy.spatial import cKDTree

    scale = np.array([float(by.facts[name] or 1) for name in near])
    numbers = np.array([[values[key][name][1] for name in near] for key in keys], float)
    tree = cKDTree(numbers / scale)
    count = min(by.nearest + 1, len(keys))
    # Chebyshev's distance is at most 1 where each fact is within its own difference
    far, index = tree.query(numbers / scale, k=count, p=np.inf, distance_upper_bound=1 + 1e-9)
    far, index = np.atleast_2d(far), np.atleast_2d(index)
    for place, key in enumerate(keys):
        drawn = 0
        for distance, other in zip(far[place], index[place], strict=True):
            if other == place or not np.isfinite(distance) or drawn == by.nearest:
                continue
            drawn += 1
            apart = {
                name: float(value)
                for name, value in zip(near, numbers[other] - numbers[place], strict=True)
            }
            _draw(builder, key, keys[other], said, float(distance), apart, None)


def _draw(
    builder: Builder, tail: str, head: str, how: str, distance: float, apart: dict[str, float],
    as_near: int | None,
) -> None:  # fmt: skip
    more: dict[str, Any] = {"how": how, "distance": distance}
    if apart:
        more["apart"] = apart
    if as_near is not None:
        more["as_near"] = as_near
    ends = patient_address(tail), patient_address(head)
    if any(builder.nodes[one].get("synthetic") for one in ends):
        more["synthetic"] = True
    builder.edge(*ends, "similar_to", "chosen facts", None, **more)
