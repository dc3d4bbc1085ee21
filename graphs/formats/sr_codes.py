"""Codes and units of structured reports: as rows have them, and as DICOM writes them."""

from __future__ import annotations

import hashlib
from typing import Any

from explorer.printable import printable

# What stands for a concept that has no public code; PS3.16 section 8 leaves '99...' to us.
PRIVATE = "99ONCOGRAPH"
# A side needs a site to stand on: where there is none, the body itself.
BODY = ("SCT:123037004", "Body structure")
_MEANING, _SHORT = 64, 16
# Units as rows have them to UCUM's, with the meaning that DICOM CID 7181 and others give them.
_UNITS = {
    "HU": ("[hnsf'U]", "Hounsfield unit"),
    "SUVbw": ("{SUVbw}g/ml", "Standardized Uptake Value body weight"),
    "SUV": ("{SUVbw}g/ml", "Standardized Uptake Value body weight"),
    "BQML": ("Bq/ml", "Becquerels/milliliter"),
    "mm": ("mm", "millimeter"),
    "cm": ("cm", "centimeter"),
    "mm2": ("mm2", "square millimeter"),
    "mm3": ("mm3", "cubic millimeter"),
    "cm3": ("cm3", "cubic centimeter"),
    "ml": ("ml", "milliliter"),
    "g": ("g", "gram"),
    "%": ("%", "percent"),
    "1": ("1", "no units"),
}
_BACK = {code: unit for unit, (code, _) in _UNITS.items() if unit != "SUV"}


def coded(code: str | None, meaning: str | None) -> Any:
    """A coded concept of a row's ``SCHEME:value`` and name.

    Parameters
    ----------
    code : str or None
        Without one the concept gets a private code that follows from its name.
    meaning : str or None
        Hostile; DICOM takes 64 characters, no backslash and none that cannot be printed.

    Returns
    -------
    highdicom.sr.CodedConcept
    """
    from highdicom.sr import CodedConcept

    shown = sr_text(meaning or "unnamed", _MEANING)
    scheme, colon, value = (code or "").partition(":")
    if not colon or not value or len(scheme) > _SHORT or len(value) > _MEANING:
        digest = hashlib.sha256((meaning or "").encode("utf-8", "surrogatepass")).hexdigest()
        scheme, value = PRIVATE, digest[:_SHORT]
    return CodedConcept(value, scheme, shown)


def triple(said: Any) -> Any:
    """A coded concept of ``[value, scheme, meaning]``, as a row's detail has it; else None."""
    from highdicom.sr import CodedConcept

    if not isinstance(said, list) or len(said) != 3 or not all(said):
        return None
    return CodedConcept(str(said[0]), str(said[1]), sr_text(str(said[2]), _MEANING))


def sr_unit(unit: str | None, said: Any = None) -> Any:
    """A unit in UCUM; `said` is the code that the row was read with."""
    from highdicom.sr import CodedConcept

    if isinstance(said, list) and len(said) == 3 and said[0] == unit:
        return triple(said)
    value, meaning = _UNITS.get(unit or "1", (unit or "1", unit or "1"))
    return CodedConcept(value[:_MEANING], "UCUM", sr_text(meaning, _MEANING))


def unit_of_sr(code: str | None) -> str | None:
    """The unit as rows of ours have it: HU for ``[hnsf'U]``."""
    return _BACK.get(code, code) if code else code


def sr_text(text: str, most: int) -> str:
    """Text that an attribute of a structured report holds; a backslash would end the value."""
    shown = printable(" ".join(text.split())).replace("\\", "/").strip()
    return shown[:most] or "unnamed"


def made_uid(named: str) -> str:
    """A UID that follows from what it names."""
    return f"2.25.{int.from_bytes(hashlib.sha256(named.encode()).digest()[:16], 'big')}"
