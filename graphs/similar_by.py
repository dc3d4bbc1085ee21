"""SimilarBy: by which facts two patients are called similar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.errors import OncographError


class SimilarByError(OncographError, ValueError):
    """Facts that patients cannot be compared by."""


@dataclass(frozen=True)
class SimilarBy:
    """Facts, and how near they have to be.

    Similar is never the same: two patients with equal facts stay two.

    Attributes
    ----------
    facts : dict
        Name of a fact to the largest difference of its numbers, in the fact's own unit; None where
        the text has to be the same.
    nearest : int
        To how many others an edge is drawn from each patient.
    """

    facts: dict[str, float | None] = field(default_factory=dict)
    nearest: int = 5

    def __post_init__(self) -> None:
        if not self.facts:
            raise SimilarByError("No fact is named", expected="{'age': 5, 'sex': None}")
        if self.nearest < 1:
            raise SimilarByError(f"nearest is {self.nearest}", expected="1 or more")
        for name, within in self.facts.items():
            if within is not None and not 0 < float(within) < float("inf"):
                raise SimilarByError(
                    f"The difference of {name!r} is {within!r}",
                    expected="a number above 0 in the fact's unit, or None for the same text",
                )

    @classmethod
    def of(cls, given: SimilarBy | Mapping[str, float | None] | Sequence[str]) -> SimilarBy:
        """From itself, from a mapping, or from names whose texts have to be the same."""
        if isinstance(given, SimilarBy):
            return given
        if isinstance(given, str):
            return cls({given: None})
        return cls(dict(given) if isinstance(given, Mapping) else dict.fromkeys(given))
