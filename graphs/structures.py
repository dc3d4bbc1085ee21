"""Structures: the masks of a segmentation, packed into as few label maps as hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.segmentation import Segmentation
from graphs.ray_grid import RayGrid


@dataclass(frozen=True)
class Structures:
    """Masks that may overlap, for walks along rays.

    Attributes
    ----------
    labels : tuple of str
        Number ``i + 1`` in the maps is ``labels[i]``.
    maps : tuple of ndarray, (z, y, x), uint16
        Masks that overlap are in different maps.
    grid : RayGrid
        Of the maps.
    segmentation : str
        Item id.
    made_from : str
        The segmentation's address, with the version of the patient.
    """

    labels: tuple[str, ...]
    maps: tuple[NDArray[np.uint16], ...]
    grid: RayGrid
    segmentation: str = ""
    made_from: str = ""

    @classmethod
    def of(cls, segmentation: Segmentation, labels: Sequence[str] | None = None) -> Structures:
        """Read a segmentation's masks.

        Parameters
        ----------
        segmentation : Segmentation
        labels : sequence of str, optional
            All of them by default.

        Raises
        ------
        NotFoundError
            There is no such segment.
        """
        chosen = tuple(segmentation.labels if labels is None else labels)
        unknown = [label for label in chosen if label not in segmentation.labels]
        if unknown:
            raise NotFoundError(
                f"No segments {unknown}",
                expected=f"of {segmentation.labels}",
                where=segmentation.where,
            )
        grid = RayGrid.of(segmentation)

        def mask(label: str) -> NDArray[np.bool_]:
            return grid.layers(np.asarray(segmentation.own_mask(label).values, bool))

        return cls.packed(chosen, mask, grid, segmentation.id, str(segmentation.address))

    @classmethod
    def packed(
        cls,
        labels: tuple[str, ...],
        mask: Callable[[str], NDArray[np.bool_]],
        grid: RayGrid,
        segmentation: str = "",
        made_from: str = "",
    ) -> Structures:
        """Pack masks ``(z, y, x)``, bool, that a callable gives one at a time."""
        maps: list[NDArray[np.uint16]] = []
        for number, label in enumerate(labels, 1):
            inside = mask(label)
            free = next((one for one in maps if not one[inside].any()), None)
            if free is None:
                free = np.zeros(grid.shape, np.uint16)
                maps.append(free)
            free[inside] = number
        return cls(labels, tuple(maps), grid, segmentation, made_from)
