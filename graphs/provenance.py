"""Provenance: what made a prediction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """What made a prediction.

    Attributes
    ----------
    model, version : str
        Name of the model, and the version of the package that brings it.
    checkpoint : str
        sha256 of what was learnt.
    snapshot : str
        Of the data that it was trained on; empty where nobody has said it.
    seed : int
    """

    model: str
    version: str
    checkpoint: str
    snapshot: str
    seed: int
