"""Reported: what a finding says of a lesion, in numbers that an image can be held against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphs.finding import Finding
    from graphs.measured_value import MeasuredValue

# Reports round sizes to whole millimetres, be they written in mm or in cm with one decimal.
_SIZE_STEP_MM = 1.0
_SIDES = ("left", "right")


@dataclass(frozen=True)
class Reported:
    """The cues of a finding; None or empty where it is silent.

    Attributes
    ----------
    entity : str
    axes_mm : tuple of float
        Longest first, mm; of the present measurement, not of an earlier one.
    size_step_mm : float
        By how much the last digit of a size counts.
    side : {'left', 'right'} or None
    slices : mapping of str to tuple of int
        Image to the slices that its words can mean, from 0.
    suvmax, suv_step, hu : float or None
    count : int or None
        How many there are, where it is more than one.
    anatomy : tuple of str
        Structures of the ontology.
    """

    entity: str = ""
    axes_mm: tuple[float, ...] = ()
    size_step_mm: float = _SIZE_STEP_MM
    side: str | None = None
    slices: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    suvmax: float | None = None
    suv_step: float | None = None
    hu: float | None = None
    count: int | None = None
    anatomy: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        finding: Finding,
        slices: Mapping[str, tuple[int, ...]] | None = None,
        text: str = "",
    ) -> Reported:
        """Collect the cues of a finding.

        Parameters
        ----------
        finding : Finding
        slices : mapping, optional
            What its image references can mean (`graphs.grounding.slices`).
        text : str
            The report's: 'SUVmax 4.0' is known to a tenth, 'SUVmax 4' is not.
        """
        now = [one for one in finding.measurements if not one.prior]
        axes = next((one for one in now if one.kind == "size" and one.mm), None)
        suv = next((one for one in now if one.kind == "suvmax"), None)
        hu = next((one for one in now if one.kind == "hu"), None)
        count = next((one for one in now if one.kind == "count"), None)
        mm = axes.mm if axes else None
        return cls(
            entity=finding.entity,
            axes_mm=tuple(sorted(mm, reverse=True)) if mm else (),
            size_step_mm=_size_step(axes) if axes else _SIZE_STEP_MM,
            side=finding.laterality if finding.laterality in _SIDES else None,
            slices=dict(slices or {}),
            suvmax=suv.value[0] if suv else None,
            suv_step=_step(suv, text) if suv else None,
            hu=hu.value[0] if hu else None,
            count=int(count.value[0]) if count and count.value[0] > 1 else None,
            anatomy=finding.anatomy,
        )

    @property
    def cues(self) -> tuple[str, ...]:
        """Names of what it says."""
        said = {
            "size": bool(self.axes_mm),
            "side": self.side is not None,
            "slice": bool(self.slices),
            "suvmax": self.suvmax is not None,
            "hu": self.hu is not None,
            "count": self.count is not None,
            "anatomy": bool(self.anatomy),
        }
        return tuple(name for name, there in said.items() if there)


def _size_step(value: MeasuredValue) -> float:
    """Step of the last digit in mm: 0.1 of '4.5 mm', 1 of '12 mm' and of '1.2 cm'."""
    factor = 10.0 if value.unit == "cm" else 1.0
    least = min(_digits(one) for one in value.value)
    return min(_SIZE_STEP_MM, least * factor)


def _digits(value: float) -> float:
    """Step of the last digit of a number that was written in decimals."""
    tail = repr(float(value)).partition(".")[2]
    return 1.0 if tail == "0" else float(10.0 ** -len(tail))


def _step(value: MeasuredValue, text: str) -> float:
    written = re.search(r"\d+[.,](\d+)", text[value.start : value.end])
    return float(10.0 ** -len(written[1])) if written else _digits(value.value[0])
