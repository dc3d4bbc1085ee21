"""A place that a person gives a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.address import Address
from explorer.derived import derived
from explorer.errors import AddressError, NotFoundError
from graphs.grounding.grounding import Geometry, Grounding, Region
from graphs.grounding.store_review import store_review

if TYPE_CHECKING:
    from explorer.patient import Patient


def draw(
    patient: Patient,
    finding: str,
    target: str,
    reviewer: str,
    reason: str = "",
    *,
    region: Region = "lesion",
) -> Grounding:
    """Store the place that a person gives a finding.

    Parameters
    ----------
    patient : Patient
    finding : str
        The finding's id.
    target : str
        Address without key and version: a segment, a box, a voxel or a point of an image.
    reviewer, reason : str
    region : {'lesion', 'organ', 'examined'}

    Returns
    -------
    Grounding
        Accepted, by the method 'manual'.

    Raises
    ------
    NotFoundError
        There is no such finding, or the target is not the patient's.
    AddressError
        It is no target, or points outside.
    """
    there = patient.store[patient.key]
    if not any(row["finding"] == finding for row in derived(there, "findings")):
        raise NotFoundError(f"No finding {finding!r}", where=f"patient {patient.label}")
    address = Address.parse(f"onco:{there.key}/{target}")
    geometry = _geometry(address)
    address.resolve(there.store)  # raises where there is nothing
    drawn = Grounding(finding, "accepted", "manual", region, geometry, target, 1.0, reason=reason)
    return store_review(there, drawn, reviewer)


def _geometry(address: Address) -> Geometry:
    fragment: dict[str, Any] = address.fragment
    if address.kind == "segmentations" and "label" in fragment:
        return "mask"
    if address.kind == "images" and "box" in fragment:
        return "box3d" if len(fragment["box"]) == 3 else "box2d"
    if address.kind == "images" and {"voxel", "point"} & set(fragment):
        return "point"
    raise AddressError(
        f"{address} is no place in an image", expected="a segment, a box, a voxel or a point"
    )
