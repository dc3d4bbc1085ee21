"""divide: who goes into which part, by the names alone and by what must be balanced."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.split.place_groups import place_groups
from explorer.split.split_error import SplitError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def divide(
    names: Sequence[str],
    shares: Mapping[str, float],
    strata: Sequence[Sequence[str]] = (),
    groups: Sequence[Hashable] | None = None,
    fixed: Mapping[int, str] | None = None,
    seed: int | str = 0,
    *,
    stable: bool = False,
) -> list[str]:
    """Give each patient one part.

    The order of the patients does not matter: each has a place by the sha256 of seed and name.
    Without groups every stratum has in each part the share of it, rounded up or down, and of one
    patient more or less the others of the stratum move by one place at the most. Groups stay
    whole; the largest are placed first, each where the balance suffers least, and those who are
    alone fill up.

    Parameters
    ----------
    names : sequence of str, (patient,)
        Different ones.
    shares : mapping
        Part to share; they are divided by their sum.
    strata : sequence of sequences of str, (column, patient)
        Labels that every part should have in the same proportions.
    groups : sequence, (patient,), optional
        Patients with the same one stay together.
    fixed : mapping, optional
        Position of a patient to his part; his whole group goes with him.
    seed : int or str
    stable : bool
        Each place follows from the patient's (or group's) name alone, whoever else is there; the
        shares are met only on average then, and strata are not looked at.

    Returns
    -------
    list of str, (patient,)

    Raises
    ------
    SplitError
        The shares are none, names are double, or a group is fixed to two parts.
    """
    parts, wanted = _shares(shares)
    if len(set(names)) != len(names):
        raise SplitError("Two patients have one name", expected="different names")
    if not names:
        return []
    ranks = [hash_of(seed, name) for name in names]
    order = sorted(range(len(names)), key=lambda k: ranks[k])
    units = _units(order, groups)
    placed = np.full(len(names), -1, np.int64)
    _fix(units, fixed or {}, parts, placed, names)
    if stable:
        edges = np.cumsum(wanted)
        for unit in units:
            if placed[unit[0]] < 0:
                place = np.searchsorted(edges, ranks[unit[0]], side="right")
                placed[unit] = min(int(place), len(parts) - 1)
    else:
        _balance(units, _rows(strata, len(names)), wanted, placed)
    return [parts[k] for k in placed.tolist()]


def hash_of(seed: int | str, name: str) -> float:
    """A number from 0 to 1 that follows from seed and name alone."""
    text = f"{seed}\0{name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big") / 2.0**56


def _shares(shares: Mapping[str, float]) -> tuple[list[str], Floats]:
    parts = list(shares)
    wanted = np.array([float(one) for one in shares.values()])
    if not parts or not np.isfinite(wanted).all() or (wanted < 0).any() or wanted.sum() <= 0:
        raise SplitError(
            f"The shares are {dict(shares)}", expected="parts with shares of 0 or more, not all 0"
        )
    return parts, wanted / wanted.sum()


def _units(order: list[int], groups: Sequence[Hashable] | None) -> list[list[int]]:
    """Positions that stay together, each in the order of the hash; so are the units."""
    if groups is None:
        return [[k] for k in order]
    found: dict[Hashable, list[int]] = {}
    for k in order:
        found.setdefault(groups[k], []).append(k)
    return list(found.values())


def _fix(
    units: list[list[int]],
    fixed: Mapping[int, str],
    parts: list[str],
    placed: Ints,
    names: Sequence[str],
) -> None:
    if not fixed:
        return
    unknown = sorted(set(fixed.values()) - set(parts))
    if unknown:
        raise SplitError(f"No part {unknown[0]!r}", expected=f"one of {parts}")
    for unit in units:
        said = {fixed[k]: k for k in unit if k in fixed}
        if len(said) > 1:
            who = ", ".join(f"{names[k]!r} in {part!r}" for part, k in sorted(said.items()))
            raise SplitError(
                f"Patients who stay together are fixed to {len(said)} parts: {who}",
                do="fix them to one part, or group by less",
            )
        for part in said:
            placed[unit] = parts.index(part)


def _rows(strata: Sequence[Sequence[str]], count: int) -> list[Ints]:
    """What is balanced: for each kind of row, which row a patient belongs to.

    First all patients, then each column by itself, last the columns together.
    """
    columns = [np.unique(list(labels), return_inverse=True)[1].astype(np.int64)
               for labels in strata]  # fmt: skip
    joint = np.zeros(count, np.int64)
    for column in columns:
        both = joint * (int(column.max(initial=0)) + 1) + column
        joint = np.unique(both, return_inverse=True)[1].astype(np.int64)
    alone = [np.zeros(count, np.int64)]
    return [*alone, *(columns if len(columns) > 1 else []), *([joint] if columns else alone)]


def _balance(units: list[list[int]], rows: list[Ints], wanted: Floats, placed: Ints) -> None:
    sizes = [int(row.max(initial=0)) + 1 for row in rows]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    where = np.stack([row + start for row, start in zip(rows, starts, strict=True)], axis=1)
    target = np.bincount(where.ravel(), minlength=sum(sizes))[:, None] * wanted
    have = np.zeros_like(target)
    for k in np.flatnonzero(placed >= 0):
        have[where[k], placed[k]] += 1
    free = [unit for unit in units if placed[unit[0]] < 0]
    big = [unit for unit in free if len(unit) > 1]
    if big:
        counts = np.zeros((len(big), len(target)))
        for row, unit in enumerate(big):
            np.add.at(counts[row], where[unit].ravel(), 1)
        for unit, part in zip(big, place_groups(counts, target, have), strict=True):
            placed[unit] = part
    alone = [unit[0] for unit in free if len(unit) == 1]
    if alone:
        _fill(np.array(alone), where, target, have, placed)


def _fill(alone: Ints, where: Ints, target: Floats, have: Floats, placed: Ints) -> None:
    """Those who are alone, stratum by stratum: the share, rounded down, then what is left over."""
    stratum = where[alone, -1]
    strata = list(dict.fromkeys(stratum.tolist()))
    seats = {}
    for one in strata:
        members = alone[stratum == one]
        need = np.maximum(target[one] - have[one], 0)
        if need.sum() <= 0:
            need = target[one] + 1e-12 * (target[one] >= 0)
        exact = need * len(members) / need.sum()
        seats[one] = exact, np.floor(exact + 1e-9)
        # every row that the members stand in gets what is certain
        share = np.repeat(np.arange(len(exact)), seats[one][1].astype(int))
        np.add.at(have, (where[members[: len(share)]], share[:, None]), 1)
    for one in strata:
        members = alone[stratum == one]
        exact, certain = seats[one]
        fraction = exact - certain
        for k in range(int(certain.sum()), len(members)):
            # where the shares say the same, what is missing elsewhere decides
            missing = (target - have)[where[members[k]]]
            weight = 1.0 / np.maximum(target[where[members[k]]].sum(axis=1), 1.0) ** 0.5
            score = np.where(fraction > 1e-9, (missing * weight[:, None]).sum(axis=0), -np.inf)
            best = int(np.argmax(score))
            certain[best] += 1
            fraction[best] = 0
            have[where[members[k]], best] += 1
        placed[members] = np.repeat(np.arange(len(certain)), certain.astype(int))
