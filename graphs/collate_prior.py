"""Batches of examinations with views and a prior, where an absent one is said to be absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from graphs.errors import FollowError

Sample = Mapping[str, Any]


def collate_prior(
    samples: Sequence[Sample],
    slots: Sequence[str] = ("frontal", "lateral", "prior frontal", "prior lateral"),
    absent: ArrayLike | None = None,
) -> dict[str, Any]:
    """Put examinations of unlike length into arrays.

    Each slot (a view of the current or the prior study) that an examination lacks is one token,
    `absent`, which a model attends to like any other: 'there is no prior' is something known.
    Padding is not: ``mask`` leaves it out. What one examination lacks changes nothing of another
    one's tokens, slots or mask but the padding behind them (row 'multi-view and prior' of MLRG,
    Liu et al., CVPR 2025).

    Parameters
    ----------
    samples : sequence of mappings
        'id', and for each slot that is there its name and an array ``(tokens, features)`` or
        ``(features,)``; None, or no entry, means absent.
    slots : sequence of str
        In the order of the tokens.
    absent : array_like, (features,), optional
        The absent token; zeros by default. A model may learn its own: ``absent_token`` says
        where it stands.

    Returns
    -------
    dict
        ids : list; slots : list; tokens : (batch, length, features) float32; slot : (batch,
        length) int64, -1 of padding; mask : (batch, length) bool, True of tokens; absent_token :
        (batch, length) bool; present : (batch, slots) bool; state : list of dict, slot to
        'present' or what the sample says in '<slot> state' ('absent').

    Raises
    ------
    FollowError
        No samples, unlike numbers of features, values that are not finite, an unknown slot.
    """
    rows = [_parts(sample, slots) for sample in samples]
    width = _width(rows, absent)
    token = np.zeros(width, np.float32) if absent is None else np.asarray(absent, np.float32)
    lengths = [sum(1 if p is None else len(p) for p in row) for row in rows]
    shape = (len(rows), max(lengths))
    tokens = np.zeros((*shape, width), np.float32)
    slot = np.full(shape, -1, np.int64)
    missing = np.zeros(shape, bool)
    for b, row in enumerate(rows):
        at = 0
        for s, part in enumerate(row):
            count = 1 if part is None else len(part)
            tokens[b, at : at + count] = token if part is None else part
            slot[b, at : at + count] = s
            missing[b, at : at + count] = part is None
            at += count
    return {
        "ids": [sample.get("id") for sample in samples],
        "slots": list(slots),
        "tokens": tokens,
        "slot": slot,
        "mask": slot >= 0,
        "absent_token": missing,
        "present": np.array([[part is not None for part in row] for row in rows]),
        "state": [
            {
                name: "present" if part is not None else str(sample.get(f"{name} state", "absent"))
                for name, part in zip(slots, row, strict=True)
            }
            for sample, row in zip(samples, rows, strict=True)
        ],
    }


def _parts(sample: Sample, slots: Sequence[str]) -> list[NDArray[np.float32] | None]:
    known = {"id", *slots, *(f"{name} state" for name in slots)}
    strange = sorted(set(sample) - known)
    if strange:
        raise FollowError(f"Unknown slots {strange}", expected=f"of {list(slots)}")
    found: list[NDArray[np.float32] | None] = []
    for name in slots:
        values = sample.get(name)
        if values is None:
            found.append(None)
            continue
        part = np.atleast_2d(np.asarray(values, np.float32))
        if part.ndim != 2 or not part.size or not np.isfinite(part).all():
            raise FollowError(
                f"{name!r} of {sample.get('id')!r} has shape {part.shape}, or is not finite",
                expected="(tokens, features)",
            )
        found.append(part)
    return found


def _width(rows: list[list[NDArray[np.float32] | None]], absent: ArrayLike | None) -> int:
    widths = {part.shape[1] for row in rows for part in row if part is not None}
    if absent is not None:
        widths.add(np.asarray(absent).size)
    if len(widths) != 1:
        raise FollowError(
            f"{len(rows)} samples with {sorted(widths)} features", expected="one number of them"
        )
    return int(widths.pop())
