"""Producer: who said something, so that it can be asked again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Producer:
    """A program, or a person.

    Attributes
    ----------
    name : str
        'oncograph.rules', 'radgraph', 'person', ...
    version : str
        Raised whenever the same input may give another answer; of a person, the reader's name.
    checkpoint : str or None
        sha256 of a model's weights; None where there is no model.
    settings : dict
        JSON-able: what else the answer depends on (a lexicon's hash, a threshold, a seed).
    """

    name: str
    version: str
    checkpoint: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
