"""shared_values: the same UID, hash or text under two patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from explorer.split.leak import Leak, Sides

# of a value that more patients have, each is paired with the first one only
_ALL_PAIRS = 32
_SHOWN = 3


@dataclass
class Holder:
    """A value of a patient, and where it stands.

    Attributes
    ----------
    value, key, kind, item : str
    """

    value: str
    key: str
    kind: str = field(compare=False)
    item: str = field(compare=False)


def shared_values(
    holders: Iterable[Holder], sides: Sides, check: str, what: str, severity: str = "leak"
) -> Iterator[Leak]:
    """Leaks of values that several patients have; one for each pair of patients.

    Of a value with very many holders each is paired with the first: a value crosses parts if and
    only if one of these pairs does.

    Parameters
    ----------
    holders : iterable of Holder
    sides : Sides
    check, what : str
        Name of the check, and of the value: 'SOPInstanceUID'.
    severity : str
    """
    first: dict[str, dict[str, Holder]] = {}
    for one in holders:
        if one.value:
            first.setdefault(one.value, {}).setdefault(one.key, one)
    pairs: dict[tuple[str, str], list[tuple[Holder, Holder]]] = {}
    for value in sorted(value for value, by_key in first.items() if len(by_key) > 1):
        some = [first[value][key] for key in sorted(first[value])]
        every = combinations(some, 2)
        star = ((some[0], other) for other in some[1:])
        for pair in every if len(some) <= _ALL_PAIRS else star:
            pairs.setdefault((pair[0].key, pair[1].key), []).append(pair)
    for (one_key, other_key), found in sorted(pairs.items()):
        one, other = found[0]
        values = ", ".join(pair[0].value[:80] for pair in found[:_SHOWN])
        more = ", ..." if len(found) > _SHOWN else ""
        yield Leak(
            check, severity, sides.of(one_key, one.kind, one.item),
            sides.of(other_key, other.kind, other.item),
            f"{len(found)} x the same {what}: {values}{more}",
        )  # fmt: skip
