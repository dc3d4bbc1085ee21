"""View position: AP, PA or lateral, from what a radiograph's header says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["frontal", "lateral", "oblique", "other"]

# DICOM PS3.3 C.8.1.1.1 and C.8.11.5 (View Position), and what exports make of them.
_KNOWN: dict[str, tuple[str, Kind]] = {
    "AP": ("AP", "frontal"), "ANTEROPOSTERIOR": ("AP", "frontal"), "APAXIAL": ("AP", "frontal"),
    "PA": ("PA", "frontal"), "POSTEROANTERIOR": ("PA", "frontal"), "PAAXIAL": ("PA", "frontal"),
    "LL": ("LL", "lateral"), "LEFTLATERAL": ("LL", "lateral"), "LLAT": ("LL", "lateral"),
    "RL": ("RL", "lateral"), "RIGHTLATERAL": ("RL", "lateral"), "RLAT": ("RL", "lateral"),
    "LATERAL": ("lateral", "lateral"), "LAT": ("lateral", "lateral"),
    "FRONTAL": ("frontal", "frontal"),
    "LLD": ("LLD", "frontal"), "RLD": ("RLD", "frontal"),  # lying on a side, beam level
    "LLO": ("LLO", "oblique"), "RLO": ("RLO", "oblique"), "LAO": ("LAO", "oblique"),
    "RAO": ("RAO", "oblique"), "LPO": ("LPO", "oblique"), "RPO": ("RPO", "oblique"),
    "OBLIQUE": ("oblique", "oblique"), "OBL": ("oblique", "oblique"),
}  # fmt: skip
_LETTERS = re.compile(r"[^A-Z]+")


@dataclass(frozen=True)
class ViewPosition:
    """From where a radiograph was taken.

    Attributes
    ----------
    name : str or None
        'AP', 'PA', 'LL', 'RL', 'LLD', ..., or as much as is known: 'frontal', 'lateral'. None:
        unknown.
    kind : {'frontal', 'lateral', 'oblique', 'other'} or None
    mirrored : bool
        The patient's left lies on the left of a frontal picture.
    by : str
        'ViewPosition', 'PatientOrientation', or why it is unknown.
    contradicts : bool
        The two attributes speak of different kinds of view.
    """

    name: str | None
    kind: Kind | None
    mirrored: bool = False
    by: str = ""
    contradicts: bool = False


def view_position(
    position: str | None = None, orientation: Sequence[str] | str | None = None
) -> ViewPosition:
    r"""Normalise the view of a radiograph.

    Parameters
    ----------
    position : str or None
        ViewPosition (0018,5101): 'PA', 'AP', 'LL', also 'postero-anterior', 'LATERAL', ...
    orientation : sequence of str, str or None
        PatientOrientation (0020,0020): the patient's directions along rows and columns, ``L\F``
        of a frontal view as it is hung, ``P\F`` or ``A\F`` of a lateral one. It does not tell
        AP from PA, nor which side lay at the detector (DICOM PS3.3 C.7.6.1.1.1).

    Returns
    -------
    ViewPosition
        Unknown, never guessed, where neither says it.
    """
    row, _ = _directions(orientation)
    lies: Kind | None = {"L": "frontal", "R": "frontal", "A": "lateral", "P": "lateral"}.get(row)  # type: ignore[assignment]
    mirrored = row == "R"
    said = _LETTERS.sub("", (position or "").upper())
    if said in _KNOWN:
        name, kind = _KNOWN[said]
        against = lies is not None and kind in ("frontal", "lateral") and kind != lies
        return ViewPosition(name, kind, mirrored and kind == "frontal", "ViewPosition", against)
    if lies is not None:
        return ViewPosition(lies, lies, mirrored, "PatientOrientation")
    if said:
        return ViewPosition(None, "other", by=f"ViewPosition {position!r} is not known")
    return ViewPosition(None, None, by="neither ViewPosition nor PatientOrientation")


def _directions(orientation: Sequence[str] | str | None) -> tuple[str, str]:
    """First letters of the directions along rows and columns; empty where they are not said."""
    parts = orientation.split("\\") if isinstance(orientation, str) else list(orientation or ())
    if len(parts) != 2:
        return "", ""
    row, column = (str(part).strip().upper()[:1] for part in parts)
    return (row, column) if column in ("F", "H") else ("", "")
