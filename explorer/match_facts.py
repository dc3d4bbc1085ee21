"""What else is known of two patients: supporting, or against their being one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from explorer.store import Store

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_DEATH_FACTS = ("death_date", "date_of_death", "deceaseddatetime", "dateofdeath")
_VITAL_FACTS = ("vital_status", "vitalstatus", "deceased", "deceasedboolean")
_DEAD = {"dead", "deceased", "died", "true", "1:deceased"}
_ALIVE = {"alive", "living", "false", "0:living"}


@dataclass
class Known:
    """What one patient's records say."""

    sex: set[str] = field(default_factory=set)
    born: set[str] = field(default_factory=set)
    died: set[str] = field(default_factory=set)
    alive: set[bool] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    arrays: bool = False


class MatchFacts:
    """Facts about the patients of proposals, read once for all of them.

    Parameters
    ----------
    known : dict
        Key to what is known.
    """

    def __init__(self, known: dict[str, Known]) -> None:
        self._known = known

    @classmethod
    def read(cls, store: Store, keys: Collection[str]) -> MatchFacts:
        """Read them from a store.

        Parameters
        ----------
        store : Store
        keys : collection of str
        """
        known: dict[str, Known] = defaultdict(Known)
        if not keys:
            return cls(known)
        for row in _of(store, "attributes", keys, ["sex", "birth_date"]):
            one = known[row["patient"]]
            if _sex(row["sex"]):
                one.sex.add(_sex(row["sex"]))
            if row["birth_date"]:
                one.born.add(row["birth_date"])
        for row in _of(store, "items", keys, ["acquired"]):
            if row["acquired"]:
                known[row["patient"]].dates.add(row["acquired"])
        for row in _of(store, "events", keys, ["kind", "date"]):
            if row["date"]:
                one = known[row["patient"]]
                (one.died if (row["kind"] or "").casefold() == "death" else one.dates).add(
                    row["date"]
                )
        for row in _of(store, "facts", keys, ["name", "value", "date"]):
            _fact(known[row["patient"]], row)
        for head in store.records.heads():
            if head.patient in keys and head.snapshot:
                known[head.patient].arrays = True
        return cls(known)

    def rank(self, key: str) -> tuple[bool, int, str]:
        """Who takes the other in: who has arrays, then who has more dated things."""
        one = self._known.get(key, Known())
        return one.arrays, len(one.dates), key

    def compare(self, patient: str, into: str) -> tuple[list[str], list[str]]:
        """What supports that two patients are one, and what contradicts it.

        None of it is a reason to propose a pair: many people share a birthday.

        Returns
        -------
        supporting, against : list of str
        """
        one, other = self._known.get(patient, Known()), self._known.get(into, Known())
        supporting, against = [], []
        born = one.born & other.born
        if born and one.sex & other.sex:
            supporting.append(f"the same birth date ({min(born)}) and sex")
        shared = one.dates & other.dates
        if shared:
            supporting.append(f"{len(shared)} dates in common, such as {min(shared)}")
        for what in ("sex", "born", "died"):
            mine, theirs = getattr(one, what), getattr(other, what)
            if mine and theirs and not mine & theirs:
                words = {"sex": "sex", "born": "birth date", "died": "date of death"}[what]
                said = f"{', '.join(sorted(mine))} and {', '.join(sorted(theirs))}"
                against.append(f"{words} differs: {said}")
        if one.alive and other.alive and not one.alive & other.alive:
            against.append("one is said to be alive, the other dead")
        for dead, living in ((one, other), (other, one)):
            late = max(living.dates, default="")
            if dead.died and late > max(dead.died):
                against.append(f"something of {late} comes after the other's death")
        return supporting, against


def _of(
    store: Store, table: str, keys: Collection[str], columns: list[str]
) -> list[dict[str, Any]]:
    data = store.records.visible(table, ["patient", *columns])
    wanted = pc.is_in(data["patient"], value_set=pa.array(sorted(keys), pa.string()))
    return list(data.filter(wanted).to_pylist())


def _fact(one: Known, row: dict[str, Any]) -> None:
    name = (row["name"] or "").casefold().rpartition(".")[2]
    value = (row["value"] or "").strip()
    if name in _DEATH_FACTS:
        found = _ISO.match(value) or _ISO.match(row["date"] or "")
        if found:
            one.died.add(found[0])
    elif name in _VITAL_FACTS:
        said = value.casefold()
        if said in _DEAD | _ALIVE:
            one.alive.add(said in _ALIVE)
    elif name in ("sex", "gender") and _sex(value):
        one.sex.add(_sex(value))


def _sex(text: str | None) -> str:
    """'F' or 'M', or nothing where it says neither (DICOM's 'O' is also used for 'not told')."""
    first = (text or "").strip()[:1].upper()
    return first if first in ("F", "M") else ""
