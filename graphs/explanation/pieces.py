"""pieces: the weights of one patient, summed to what has an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from graphs.examples.bag import Bag
from graphs.examples.block import Block
from graphs.explanation.evidence import Evidence

Floats = NDArray[np.float64]
TextAt = Callable[[str], str]
_NAMED = 3


def no_text(address: str) -> str:
    """Where no store says what stands at an address."""
    return ""


def block_pieces(
    block: Block, patient: int, weight: Floats, text_at: TextAt = no_text
) -> list[Evidence]:
    """The evidence of a block.

    A feature that is in several groups gives each of them an equal share, so that all evidence
    adds up to the modality's sum. Features that stand at one address are one piece, such as the
    entries of a report's vector; a feature without an address is one of its own.

    Parameters
    ----------
    block : Block
    patient : int
        Position.
    weight : ndarray of float64, (feature,)
    text_at : callable
        Address to what stands there.

    Returns
    -------
    list of Evidence
        In no order; without what has no weight.
    """
    if not block.present[patient]:
        return [absent(block, patient, float(weight.sum()))]
    key, names = block.keys[patient], block.names
    place = {name: at for at, name in enumerate(names)}
    groups: dict[int, list[str]] = defaultdict(list)
    for group, members in block.groups.items():
        for member in members:
            groups[place[member]].append(group)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for at in np.flatnonzero(weight).tolist():
        address = block.address(key, names[at])
        # what has no place is told apart by its name
        own = groups.get(at) or ["" if address else f"\0{names[at]}"]
        for group in own:
            found[address, group].append(at)
            sums[address, group] += float(weight[at]) / len(own)
    row = block.frame.iloc[patient]
    return [
        Evidence(
            block.modality, address, _said(block, row, group, parts, weight, address, text_at),
            sums[address, group], parts=tuple(parts),
        )
        for (address, group), parts in found.items()
    ]  # fmt: skip


def _said(
    block: Block, row: pd.Series, group: str, parts: list[int], weight: Floats, address: str,
    text_at: TextAt,
) -> str:  # fmt: skip
    if len(parts) == 1 and (not group or group.startswith("\0")):
        return f"{block.names[parts[0]]}: {_value(row.iloc[parts[0]])}"
    most = sorted(parts, key=lambda at: -abs(weight[at]))[:_NAMED]
    named = ", ".join(f"{block.names[at]} {_value(row.iloc[at])}" for at in most)
    if group and not group.startswith("\0"):
        return f"{group}: {len(parts)} of {len(block.groups[group])} features; most {named}"
    there = text_at(address)
    return f"{there} ({len(parts)} features)" if there else f"{len(parts)} features; most {named}"


def bag_pieces(
    bag: Bag, patient: int, weight: Floats, text_at: TextAt = no_text, *, pooled: bool = False
) -> list[Evidence]:
    """The evidence of a bag: an instance, or all that stand at one address, is a piece.

    Parameters
    ----------
    bag : Bag
    patient : int
        Position.
    weight : ndarray of float64, (instance,) or (feature,)
        Of the patient's instances, or of the features of their mean.
    text_at : callable
        Address to what stands there.
    pooled : bool
        Whether the model took the mean: then all instances together are one piece.

    Returns
    -------
    list of Evidence
    """
    if not bag.present[patient]:
        return [absent(bag, patient, float(weight.sum()))]
    where = bag.of(patient)
    addresses, count = bag.addresses[where], where.stop - where.start
    if pooled:
        only = addresses[0] if len(set(addresses)) == 1 else ""
        text = (only and text_at(only)) or f"the mean of {count} instances"
        return [Evidence(bag.modality, only, text, float(weight.sum()), parts=tuple(range(count)))]
    found: dict[str, list[int]] = defaultdict(list)
    for at, address in enumerate(addresses):
        if weight[at] != 0:
            found[address or f"\0{at}"].append(at)
    made = []
    for name, parts in found.items():
        address = "" if name.startswith("\0") else name
        text = (address and text_at(address)) or f"instance {parts[0] + 1} of {count}"
        made.append(
            Evidence(bag.modality, address, text, float(weight[parts].sum()), parts=tuple(parts))
        )
    return made


def graph_pieces(
    name: str, weight: Floats, addresses: list[str], text_at: TextAt = no_text
) -> list[Evidence]:
    """The evidence of what is no block: nodes of the graph, neighbours among the training.

    Parameters
    ----------
    name : str
        As the attribution calls it.
    weight : ndarray of float64, (instance,)
    addresses : list of str
        Of the same instances; those with one address are one piece, and so are those without.
    text_at : callable
        Address to what stands there.
    """
    sums: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for address, one in zip(addresses, weight.tolist(), strict=True):
        if one != 0:
            sums[address] += one
            count[address] += 1
    return [
        Evidence(
            name, address,
            (address and text_at(address)) or f"{count[address]} that are not told apart here",
            one,
        )
        for address, one in sums.items()
    ]  # fmt: skip


def absent(block: Block | Bag, patient: int, weight: float) -> Evidence:
    """A modality of which the patient has nothing, named with its state."""
    state = str(block.state[patient])
    return Evidence(block.modality, "", f"nothing: {state}", weight, state)


def _value(value: Any) -> str:
    if pd.isna(value):
        return "not known"
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
