"""target_address: the whole address of what a derived row points at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.address import Address

if TYPE_CHECKING:
    from explorer.patient import Patient


def target_address(patient: Patient, target: str) -> Address:
    """The address of a target that is kept without key and version.

    Parameters
    ----------
    patient : Patient
        At the version that the row was read or made from.
    target : str
        'segmentations/seg-1#label=lesion'.

    Returns
    -------
    Address
        It resolves to the same thing when the patient has changed.

    Raises
    ------
    AddressError
        The target does not follow the grammar of addresses.
    """
    return replace(Address.parse(f"onco:{patient.key}/{target}"), version=patient.version)
