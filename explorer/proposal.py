"""Proposal: two patients who may be one person, for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.item_id import item_id


@dataclass(frozen=True)
class Proposal:
    """A pair, why it may be one person, and what speaks against it.

    Attributes
    ----------
    id : str
        Short, and the same for the same pair as long as the store lives.
    patient, into : str
        Keys: what `patient` has would go into `into`.
    labels : tuple of str
        What people call the two (hostile text), in the same order.
    rule : str
        The strongest rule that found the pair.
    evidence : tuple of str
        What speaks for it, the strongest first (hostile text).
    against : tuple of str
        What speaks against it.
    safe : bool
        Whether ``--accept-matches safe`` takes it: the rule is about identifiers that are unique
        in the world, or that contain each other by their own definition, only one patient fits,
        and nothing speaks against it.
    """

    id: str
    patient: str
    into: str
    labels: tuple[str, str]
    rule: str
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    safe: bool

    def document(self) -> dict[str, Any]:
        """The same, for JSON."""
        return {
            "id": self.id,
            "patient": {"id": self.labels[0], "key": self.patient},
            "into": {"id": self.labels[1], "key": self.into},
            "rule": self.rule,
            "evidence": list(self.evidence),
            "against": list(self.against),
            "safe": self.safe,
        }


def proposal_id(one: str, other: str) -> str:
    """The id of a pair of keys, whichever comes first."""
    return item_id("match", *sorted((one, other)))
