"""MeasuredValue: a number with its unit, as a report writes it."""

from __future__ import annotations

from dataclasses import dataclass

_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "µm": 0.001}


@dataclass(frozen=True)
class MeasuredValue:
    """One to three numbers of a statement.

    Attributes
    ----------
    value : tuple of float
        As written: one to three axes of a size, or one number.
    unit : str
        As written, normalised: 'mm', 'cm', 'HU', 'SUV', 'ml', '%', 'ng/ml', ...
    kind : str
        'size', 'volume', 'suvmax', 'suvmean', 'suvpeak', 'hu', 'distance', 'count', ...
    start, end : int
        Where it stands in the report; Unicode code points, half-open.
    prior : bool
        Whether it is the earlier value ('previously 1.8 cm').
    """

    value: tuple[float, ...]
    unit: str
    kind: str
    start: int
    end: int
    prior: bool = False

    @property
    def mm(self) -> tuple[float, ...] | None:
        """The same in mm; None where it is no length."""
        factor = _MM.get(self.unit)
        return None if factor is None else tuple(v * factor for v in self.value)
