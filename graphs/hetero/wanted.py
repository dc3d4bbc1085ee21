"""Wanted: which nodes become tensors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

_TABLE = {
    "fact": "facts", "treatment": "events", "outcome": "events", "event": "events",
    "gene set": "vectors", "measurement": "observations", "observation": "observations",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which nodes to take.

    Attributes
    ----------
    kinds : collection of str, optional
        None: all but outcomes, which are what is to be predicted.
    without : mapping of str to collection of str
        Table to names of rows that are left out: 'facts', 'events', 'vectors', 'observations'.
    predicted : bool
        Whether what a model predicted is taken.
    """

    kinds: Collection[str] | None = None
    without: Mapping[str, Collection[str]] = field(default_factory=dict)
    predicted: bool = False

    def kind(self, kind: str) -> bool:
        """Whether nodes of a kind are wanted."""
        if kind == "patient":
            return True
        return kind != "outcome" if self.kinds is None else kind in self.kinds

    def node(self, about: Mapping[str, Any], predicted: Collection[str]) -> bool:
        """Whether one node is wanted.

        Parameters
        ----------
        about : mapping
            Its attributes.
        predicted : collection of str
            Runs of models.
        """
        kind = about["kind"]
        if not self.kind(kind):
            return False
        if not self.predicted and (
            about.get("run") in predicted or about.get("source") in predicted
        ):
            return False
        return about.get("name") not in self.names(kind)

    def names(self, kind: str) -> Collection[str]:
        """Names of a kind's nodes that are left out."""
        return self.without.get(_TABLE.get(kind, ""), ())

    def listed(self) -> list[str] | None:
        """The kinds for `graphs.assemble`; None where all are asked for."""
        return None if self.kinds is None else sorted(self.kinds)
