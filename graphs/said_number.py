"""SaidNumber: a number in a generated text, and what it was measured on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SaidNumber:
    """One number of a generated text.

    Attributes
    ----------
    quantity : str
        'longest diameter', 'volume', 'mean', 'maximum', 'distance', 'count', ...
    value : float
        As measured, not rounded, in `unit`.
    unit : str
        'mm', 'ml', 'HU', 'SUV', 'g', 'degrees'; empty of a count.
    targets : tuple of str
        Addresses without key and version: the outline that it was measured on; of a distance
        both; of a count every one that is counted.
    start, end : int
        Where it stands in the text; Unicode code points, half-open.
    """

    quantity: str
    value: float
    unit: str
    targets: tuple[str, ...]
    start: int = 0
    end: int = 0
