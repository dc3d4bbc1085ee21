"""Division: a cohort's patients divided into parts, folds and folds within folds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from explorer.patient_set import PatientSet
from explorer.split.by_time import TimeCut, When, by_time
from explorer.split.divide import divide
from explorer.split.shares_words import shares_words
from explorer.split.split_error import SplitError
from explorer.split.values_of import Values

PARTS = {"train": 0.7, "val": 0.15, "test": 0.15}


class Division:
    """Who is to be divided, and how.

    Parameters
    ----------
    cohort : PatientSet
    parts : mapping of str to float, optional
        Part to share; `PARTS` by default, and none where there are folds. They are divided by
        their sum, and fractions that sum to more than 1 are refused.
    folds, nested : int, optional
    seed : int
    bins : int
        Of strata by numbers.
    stable : bool
        See `divide`.

    Attributes
    ----------
    shares : dict of str to float
    strata : list of Values
        What every part should have in the same proportions; none at first.
    said : str
        What the shares come to, where they do not sum to 1; see `shares_words`.
    unit_of : dict of str to str
        Key to the unit that stays together.

    Raises
    ------
    SplitError
        The parts cannot be made.
    """

    def __init__(
        self,
        cohort: PatientSet,
        parts: Mapping[str, float] | None,
        folds: int | None,
        nested: int | None,
        seed: int,
        bins: int,
        stable: bool,
    ) -> None:
        self.cohort, self.seed, self.bins, self.stable = cohort, seed, bins, stable
        self.folds, self.nested = folds, nested
        self.shares = dict(PARTS if parts is None and folds is None else parts or {})
        self.said = shares_words(self.shares)
        if self.said and sum(self.shares.values()) > 1 > max(self.shares.values()):
            raise SplitError(
                f"The shares are fractions of more than the whole: {self.said}",
                expected="fractions that sum to 1, or whole numbers such as 8, 1, 1 or 80, 10, 10",
            )
        for count in (folds, nested):
            if count is not None and not 2 <= count <= max(len(cohort), 2):
                most = f"2 to {len(cohort)}" if len(cohort) > 2 else "2"
                raise SplitError(f"{count} folds of {len(cohort)} patients", expected=most)
        if nested is not None and folds is None:
            raise SplitError("Nested folds need outer ones", do="folds=5, nested=4")
        if bad := [one for one in self.shares if "/" in one or one.startswith("fold ")]:
            raise SplitError(f"A part is called {bad[0]!r}", expected="no '/', no 'fold '")
        if not len(cohort):
            raise SplitError("The cohort has no patients")
        if not self.shares and folds is None:
            raise SplitError("No part is named", expected="parts with shares: {'train': 0.8, ...}")
        self.strata: list[Values] = []
        self.unit_of: dict[str, str] = {}
        labels, twice = cohort.labels, Counter(cohort.labels.values())
        # labels are the same in another store; keys are not
        self.names = {key: one if twice[one] == 1 else f"{one}\0{key}"
                      for key, one in labels.items()}  # fmt: skip

    def divide(
        self, fixed: Mapping[str, Iterable[str]], time: When | None, dated: str
    ) -> tuple[dict[str, tuple[str, ...]], TimeCut | None]:
        """Divide.

        Parameters
        ----------
        fixed : mapping of str to iterable of str
            Part to names or keys of patients who belong there.
        time : str or mapping, optional
        dated : str
            See `by_time`.

        Returns
        -------
        members : dict of str to tuple of str
            Parts and folds to keys.
        cut : TimeCut or None
            What was cut off by time.

        Raises
        ------
        SplitError
            A patient is fixed twice, or folds are asked for by time.
        """
        keys = self.cohort.keys
        place = self._fixed(fixed)
        cut, members = None, {}
        shares = dict(self.shares)
        if time is not None:
            if not shares:
                raise SplitError("Folds have no time", do="name parts as well: parts={...}")
            busy = frozenset(self.unit_of[key] for key in place)
            cut = by_time(self.cohort, time, shares, self.unit_of, dated, busy)
            place = {**dict.fromkeys(cut.keys, cut.part), **place}
            if len(shares) > 1:
                shares[cut.part] = 0.0
        pool = list(keys)
        if shares:
            found = self._divide(keys, shares, place, self.seed)
            members = _members(shares, keys, found)
            pool = list(members[next(iter(shares))])
            place = {}
        if self.folds:
            names = {f"fold {k}": 1.0 for k in range(1, self.folds + 1)}
            found = self._divide(pool, names, place, f"{self.seed}/folds")
            members |= _members(names, pool, found)
            for fold in names if self.nested else ():
                rest = [key for key, one in zip(pool, found, strict=True) if one != fold]
                inner = {f"{fold}/inner {k}": 1.0 for k in range(1, (self.nested or 0) + 1)}
                seed = f"{self.seed}/{fold}"
                members |= _members(inner, rest, self._divide(rest, inner, {}, seed))
        return members, cut

    def _divide(
        self,
        keys: Sequence[str],
        shares: Mapping[str, float],
        place: Mapping[str, str],
        seed: int | str,
    ) -> list[str]:
        labels = [one.strata(self.bins) for one in self.strata]
        return divide(
            [self.names[key] for key in keys],
            shares,
            [[one[key] for key in keys] for one in labels],
            [self.unit_of[key] for key in keys],
            {k: place[key] for k, key in enumerate(keys) if key in place},
            seed,
            stable=self.stable,
        )

    def _fixed(self, fixed: Mapping[str, Iterable[str]]) -> dict[str, str]:
        place: dict[str, str] = {}
        for part, names in fixed.items():
            for name in (names,) if isinstance(names, str) else names:
                key = self.cohort[name].key
                if place.setdefault(key, part) != part:
                    raise SplitError(f"{name!r} is fixed to {place[key]!r} and to {part!r}")
        return place


def _members(
    parts: Iterable[str], keys: Sequence[str], found: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = {part: [] for part in parts}
    for key, part in zip(keys, found, strict=True):
        members[part].append(key)
    return {part: tuple(some) for part, some in members.items()}
