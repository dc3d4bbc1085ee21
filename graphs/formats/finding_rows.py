"""A report's finding as measurement rows, so that it can stand in a structured report."""

from __future__ import annotations

import json
from typing import Any

from graphs.finding import Finding
from graphs.measured_value import MeasuredValue

Row = dict[str, Any]

_ONE = (("Diameter", "SCT:81827009"),)
_TWO = (("Long Axis", "SCT:103339001"), ("Short Axis", "SCT:103340004"))
_THREE = (("Length", "SCT:410668003"), ("Width", "SCT:103355008"), ("Height", "DCM:121207"))
_MAXIMUM = ["56851009", "SCT", "Maximum"]
_MEAN = ["373098007", "SCT", "Mean"]
_KINDS: dict[str, tuple[str, str, list[str] | None]] = {
    "volume": ("Volume", "SCT:118565006", None),
    "suvmax": ("SUVbw", "DCM:126401", _MAXIMUM),
    "suvmean": ("SUVbw", "DCM:126401", _MEAN),
    "suvpeak": ("SUVbw", "DCM:126401", ["126031", "DCM", "Peak Value Within ROI"]),
    "hu": ("Attenuation Coefficient", "DCM:112031", _MEAN),
    "distance": ("Distance", "SCT:246132006", None),
}
_ASSERTIONS = {
    "present": ["52101004", "SCT", "Present"],
    "absent": ["2667000", "SCT", "Absent"],
    "uncertain": ["82334004", "SCT", "Indeterminate"],
    "not_assessed": ["1631000175102", "SCT", "Not examined"],
}


def finding_rows(finding: Finding, target: str | None = None) -> list[Row]:
    """Make rows of the table ``observations`` of a finding.

    Earlier values ('previously 1.8 cm') are left out: they belong to an earlier report.

    Parameters
    ----------
    finding : Finding
    target : str, optional
        Where it lies, as a grounding says it: an address without key and version.

    Returns
    -------
    list of dict
        A row a number, one for the assertion, one for a change.
    """
    common: Row = {
        "group": finding.text,
        "finding": finding.entity,
        "finding_code": finding.code,
        "site": finding.anatomy[0] if finding.anatomy else None,
        "site_code": finding.anatomy_codes[0] if finding.anatomy_codes else None,
        "laterality": finding.laterality,
        "target": target,
        "state": "present",
    }
    rows = [
        {**common, **said}
        for value in finding.measurements
        if not value.prior
        for said in _numbers(value)
    ]
    said = _ASSERTIONS[finding.assertion]
    rows.append(
        {**common, "name": "Assertion", "code": None, "number": None, "value": said[2],
         "detail": json.dumps({"value_code": said})}
    )  # fmt: skip
    if finding.change:
        rows.append(
            {**common, "name": "Change", "code": None, "number": None, "value": finding.change}
        )
    return rows


def _numbers(value: MeasuredValue) -> list[Row]:
    unit = "SUVbw" if value.kind.startswith("suv") else value.unit
    if value.kind == "size":
        names = {1: _ONE, 2: _TWO}.get(len(value.value), _THREE)
        # the first is not always the longest: axes are named by their length
        numbers = sorted(value.value, reverse=True) if len(value.value) == 2 else value.value
        return [
            {"name": name, "code": code, "number": float(number), "unit": unit}
            for (name, code), number in zip(names, numbers, strict=False)
        ]
    name, code, derivation = _KINDS.get(value.kind, (value.kind, None, None))
    detail = json.dumps({"derivation": derivation}) if derivation else None
    return [
        {"name": name, "code": code, "number": float(one), "unit": unit, "detail": detail}
        for one in value.value
    ]
