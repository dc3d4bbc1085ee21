"""Which DICOM files are cines or colour pictures, and of what."""

from __future__ import annotations

from dataclasses import dataclass

_STORAGE = "1.2.840.10008.5.1.4.1.1."
# DICOM PS3.4 B.5; 6, 3 and 12.3 are retired, and met.
_MODALITY = {
    **dict.fromkeys(("3", "3.1", "6", "6.1"), "US"),
    **dict.fromkeys(("12.1", "12.1.1", "12.3"), "XA"),
    **dict.fromkeys(("12.2", "12.2.1"), "RF"),
}
_SECONDARY = {_STORAGE + part for part in ("7", "7.2", "7.3", "7.4")}
CLASSES = frozenset({_STORAGE + part for part in _MODALITY} | _SECONDARY)
_NAME = 16


@dataclass(frozen=True)
class CineKind:
    """What a file is.

    Attributes
    ----------
    modality : str
        'US', 'XA' or 'RF'; what a secondary capture says of itself, 'OT' where it says nothing.
    secondary : bool
        A secondary capture: what a screen or another program showed.
    """

    modality: str
    secondary: bool = False


def cine_kind(sop_class: str, modality: str, color: bool) -> CineKind | None:
    """Tell what a file is.

    Parameters
    ----------
    sop_class, modality : str
        As the file says them.
    color : bool
        Whether its pixels are colours. A grey secondary capture is for this reader where it is
        one of ultrasound or fluoroscopy.

    Returns
    -------
    CineKind or None
    """
    if sop_class in _SECONDARY:
        said = "".join(c for c in modality if c.isalnum())[:_NAME]
        taken = color or said in _MODALITY.values()
        return CineKind(said or "OT", secondary=True) if taken else None
    known = _MODALITY.get(sop_class.removeprefix(_STORAGE))
    if known is None and not sop_class and modality == "US":
        known = "US"
    return CineKind(known) if known else None
