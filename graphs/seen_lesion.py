"""SeenLesion: a lesion at one visit, as RECIST looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["present", "absent", "not evaluated"]


@dataclass(frozen=True)
class SeenLesion:
    """A lesion at one visit.

    Attributes
    ----------
    lesion : str
        The same at every visit.
    state : {'present', 'absent', 'not evaluated'}
    longest_mm, short_mm : float or None
        Longest diameter and short axis in one axial plane.
    node : bool
        Whether it is a lymph node: its short axis counts.
    organ : str or None
    slice_mm : float or None
        Slice distance of the image; above 5 mm the least measurable size is two slices.
    progressed : bool
        A reader calls it unequivocally worse (non-target lesions).
    missing : str
        Of 'not evaluated': what would be needed, in words; 'the size of ...' by default.
    """

    lesion: str
    state: State = "present"
    longest_mm: float | None = None
    short_mm: float | None = None
    node: bool = False
    organ: str | None = None
    slice_mm: float | None = None
    progressed: bool = False
    missing: str = ""

    @property
    def size_mm(self) -> float | None:
        """What the sum adds: nothing of an absent lesion, the short axis of a node."""
        if self.state == "absent":
            return 0.0
        if self.state == "not evaluated":
            return None
        return self.short_mm if self.node else self.longest_mm
