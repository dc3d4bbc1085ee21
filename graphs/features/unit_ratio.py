"""unit_ratio: by what a number in one unit is multiplied to be in another."""

from __future__ import annotations

from explorer.days_in import days_in

# Each group has one base; times are `days_in`'s.
_GROUPS: tuple[dict[str, float], ...] = (
    {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "µm": 0.001},
    {"mm2": 1.0, "cm2": 100.0},
    {"mm3": 1.0, "ml": 1000.0, "mL": 1000.0, "cm3": 1000.0, "l": 1e6, "L": 1e6},
    {"g": 1.0, "kg": 1000.0, "mg": 0.001},
    {"g/l": 1.0, "g/L": 1.0, "g/dl": 10.0, "g/dL": 10.0, "mg/dl": 0.01, "mg/dL": 0.01},
)  # fmt: skip


def unit_ratio(unit: str, wanted: str) -> float | None:
    """Compare two units.

    Parameters
    ----------
    unit, wanted : str
        As sources write them (UCUM, or words for times).

    Returns
    -------
    float or None
        None where they do not measure the same, or nothing is known of one of them. Nothing is
        converted between amounts of substance and mass: that needs the substance.
    """
    if unit == wanted:
        return 1.0
    length, other = days_in(unit), days_in(wanted)
    if length is not None and other is not None:
        return length / other
    for group in _GROUPS:
        if unit in group and wanted in group:
            return group[unit] / group[wanted]
    return None
