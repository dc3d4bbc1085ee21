"""ComparedPair: how the places of one image are found in another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GeometryError
from explorer.image import Image
from explorer.patient import Patient
from graphs.register import register
from graphs.registration import Registration
from widgets.lattice import Lattice

Link = Literal["place", "relative", "off"]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ComparedPair:
    """Two volumes, and a rigid move where there is one.

    Attributes
    ----------
    left, right : Image
    matrix : ndarray, (4, 4), or None
        Takes ``(x, y, z, 1)`` of the left image to the right one, mm LPS; None: not known.
    said : str
        How it is known, or that it is not.
    trusted : bool
        Whether places may be compared.
    """

    left: Image
    right: Image
    matrix: FloatArray | None
    said: str
    trusted: bool

    @classmethod
    def of(cls, left: Image, right: Image, registered: Registration | bool | None) -> ComparedPair:
        """Look at what is known of the two.

        Parameters
        ----------
        left, right : Image
            Volumes ``(z, y, x)`` or ``(t, z, y, x)``.
        registered : Registration, bool or None
            A move that was found before; True: find one now (`graphs.register`); else only a
            frame of reference that both share counts.

        Raises
        ------
        GeometryError
            One of them is no volume, or the registration is of other images.
        """
        for one in (left, right):
            if "z" not in one.dims:
                raise GeometryError(
                    f"A picture with the dims {one.dims}", expected="a volume", where=one.where
                )
        if registered is None or registered is False:
            frames = {left.frame_of_reference, right.frame_of_reference}
            if len(frames) == 1 and None not in frames:
                return cls(left, right, np.eye(4), "one frame of reference", True)
            return cls(
                left, right, None,
                "not registered: the two have no common frame of reference", False,
            )  # fmt: skip
        found = register(left, right) if registered is True else registered
        return cls._registered(left, right, found)

    @classmethod
    def _registered(cls, left: Image, right: Image, found: Registration) -> ComparedPair:
        names = [f"images/{one.id}" for one in (left, right)]
        matrix = found.matrix
        if [found.fixed, found.moving] == names[::-1]:
            matrix = np.asarray(np.linalg.inv(matrix), np.float64)
        elif [found.fixed, found.moving] != names:
            raise GeometryError(
                f"The registration is of {found.fixed} and {found.moving}",
                expected=" and ".join(names),
            )
        word = "registered" if found.trusted else "registered, not to be trusted"
        return cls(left, right, matrix, f"{word}: {found.reason}", found.trusted)

    @property
    def swapped(self) -> ComparedPair:
        """The other way round."""
        matrix = None if self.matrix is None else np.asarray(np.linalg.inv(self.matrix), float)
        return ComparedPair(self.right, self.left, matrix, self.said, self.trusted)

    def to_right(self, point: ArrayLike, link: str) -> FloatArray | None:
        """Where a point of the left image lies in the right one, mm LPS.

        Parameters
        ----------
        point : array_like, (3,)
        link : {'place', 'relative', 'off'}
            By the move; or at the same part of the way through the array, which says nothing of
            anatomy.

        Returns
        -------
        ndarray, (3,), or None
            None where it is not known, or not asked for.
        """
        xyz = np.asarray(point, float)
        if link == "place" and self.matrix is not None:
            return np.asarray(self.matrix[:3, :3] @ xyz + self.matrix[:3, 3])
        if link != "relative":
            return None
        one, other = (
            Lattice(image.affine, image.shape[-3:], image.slice_origins)
            for image in (self.left, self.right)
        )
        index, _ = one.nearest(xyz)
        part = index / np.maximum(np.array(one.shape) - 1, 1)
        there = np.rint(part * (np.array(other.shape) - 1)).astype(np.int64)
        return other.to_lps(there)


def first_and_last(patient: Patient) -> tuple[Image, Image]:
    """The earliest and the latest volume of the modality of which there are most.

    Raises
    ------
    GeometryError
        There are no two of one modality.
    """
    by_kind: dict[str, list[Image]] = {}
    for one in patient.images.values():
        if "z" in one.dims:
            by_kind.setdefault(one.modality, []).append(one)
    most = max(by_kind.values(), key=len, default=[])
    if len(most) < 2:
        raise GeometryError(
            "There are no two volumes of one modality to compare", where=f"patient {patient.label}"
        )
    ordered = sorted(most, key=lambda one: (one.acquired or "", one.id))
    return ordered[0], ordered[-1]
