"""Distance: how far a lesion is from another outlined structure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Distance:
    """From a lesion to another segment in the same space.

    Attributes
    ----------
    target : str
        Address without key and version of the other segment.
    name : str
        The ontology's name of an organ, else the label (hostile).
    role : {'organ', 'lesion'}
    mm : float
        Between the nearest voxel centres of the two; 0 where they share voxels.
    contact : bool
        They share voxels, or no voxel fits between them: `mm` is at most one voxel diagonal.
    overlap : float
        Share of the lesion's voxels that lie in it.
    vessel : bool
    angle : float or None
        Of a vessel in contact: largest part of its outline in one slice that the lesion touches,
        0 to 360 degrees.
    """

    target: str
    name: str
    role: str
    mm: float
    contact: bool
    overlap: float
    vessel: bool = False
    angle: float | None = None
