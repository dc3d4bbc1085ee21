"""SplitConfig: how the patients of a run are divided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from explorer.split.find_leaks import CHECKS
from graphs.errors import ConfigError


@dataclass(frozen=True)
class SplitConfig:
    """By folds, by shares, or as a split that was kept says.

    Attributes
    ----------
    folds : int
        Of a cross-validation; 0 where there is none.
    repeats : int
        Of the folds, each with a seed of its own.
    parts : dict of str to float
        Shares of 'train', 'validation' and 'test'; instead of folds.
    kept : str
        Name of a split that was kept with the frozen cohort; instead of both.
    group : str
        What must not be divided: 'site', 'scanner', ...; as `explorer.split.split_cohort`.
    checks, allow : list of str
        Which leaks are looked for (all by default), and which are accepted.
    """

    folds: int = 5
    repeats: int = 1
    parts: dict[str, float] = field(default_factory=dict)
    kept: str = ""
    group: str = ""
    checks: list[str] | None = None
    allow: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, said: Any) -> SplitConfig:
        """Read a mapping.

        Raises
        ------
        ConfigError
        """
        if not isinstance(said, Mapping):
            raise ConfigError(f"split: {said!r}", expected="names with values")
        given = dict(said)
        unknown = set(given) - set(cls.__dataclass_fields__)
        if unknown:
            raise ConfigError(f"split: {sorted(map(str, unknown))}",
                              expected=", ".join(cls.__dataclass_fields__))  # fmt: skip
        ways = [name for name in ("folds", "parts", "kept") if given.get(name)]
        if len(ways) > 1:
            raise ConfigError(f"split: {' and '.join(ways)}", expected="one of them")
        if given.get("parts") or given.get("kept"):
            given["folds"] = 0
        for name in ("checks", "allow"):
            if isinstance(given.get(name), str):
                given[name] = [given[name]]
        made = cls(**given)
        made._check()
        return made

    def _check(self) -> None:
        whole = (self.folds, self.repeats)
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in whole):
            raise ConfigError(f"split: folds and repeats {whole}", expected="whole numbers")
        for name in ("kept", "group"):
            if not isinstance(getattr(self, name), str):
                raise ConfigError(f"split: {name}: {getattr(self, name)!r}", expected="a name")
        for name, said in (("checks", self.checks or []), ("allow", self.allow)):
            if not isinstance(said, list) or (
                unknown := [one for one in said if one not in CHECKS]
            ):
                raise ConfigError(f"split: {name}: {unknown if isinstance(said, list) else said!r}",
                                  expected=f"some of {list(CHECKS)}")  # fmt: skip
        if self.repeats < 1 or (not self.parts and not self.kept and self.folds < 2):
            raise ConfigError(
                f"split: {self.folds} folds, {self.repeats} repeats", expected="2 folds or more"
            )
        if self.parts:
            try:
                shares = {str(name): float(one) for name, one in dict(self.parts).items()}
            except (TypeError, ValueError) as error:
                raise ConfigError(f"split: parts: {self.parts!r}", expected="shares") from error
            if not {"train", "test"} <= set(shares) <= {"train", "validation", "test"}:
                raise ConfigError(
                    f"split: parts {list(shares)}", expected="train, test and perhaps validation"
                )
            if abs(sum(shares.values()) - 1) > 1e-6 or min(shares.values()) <= 0:
                raise ConfigError(f"split: parts {shares}", expected="shares that make 1")

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
