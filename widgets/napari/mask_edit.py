"""MaskEdit: masks that a person changes, and what has been changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.segmentation import Segmentation
from widgets.napari.lazy_labels import lazy_labels


@dataclass(frozen=True)
class Change:
    """What was done to one segment.

    Attributes
    ----------
    added, removed : ndarray of int
        Voxels, counted along the flattened ``(z, y, x)``.
    """

    added: NDArray[np.int64]
    removed: NDArray[np.int64]


class MaskEdit:
    """An edit of a segmentation, from the version that it was opened at.

    Parameters
    ----------
    segmentation : Segmentation

    Examples
    --------
    >>> edit = MaskEdit(patient.segmentations["seg-1"])
    >>> labels = edit.begin([0])
    >>> labels[3, 10:12, 20:24] = 1
    >>> save_edit(edit, "A. Reader")
    """

    def __init__(self, segmentation: Segmentation) -> None:
        self.segmentation = segmentation
        self._before: dict[tuple[int, ...], NDArray[Any]] = {}
        self._now: dict[tuple[int, ...], NDArray[Any]] = {}

    def begin(self, positions: Sequence[int]) -> NDArray[Any]:
        """Load segments to be changed.

        Parameters
        ----------
        positions : sequence of int
            Of segments that do not overlap, or of a single one.

        Returns
        -------
        ndarray, (z, y, x)
            Labels: a segment's is its position and one. Change it in place, or hand another one
            to `take`; a label that no segment has becomes a new segment.
        """
        group = tuple(positions)
        if group not in self._now:
            self._before[group] = np.asarray(lazy_labels(self.segmentation, positions))
            self._now[group] = self._before[group].copy()
        return self._now[group]

    def take(self, positions: Sequence[int], labels: NDArray[Any]) -> None:
        """Set what the labels of `begin` have become.

        Raises
        ------
        GeometryError
            They have another shape.
        """
        if labels.shape != self.segmentation.shape:
            raise GeometryError(
                f"Labels of shape {labels.shape}",
                expected=str(self.segmentation.shape),
                where=self.segmentation.where,
            )
        self._now[tuple(positions)] = labels

    def changes(self) -> dict[str, Change]:
        """What was changed, by segment; segments that are as they were are left out.

        Returns
        -------
        dict
            Name to `Change`; of a label without a segment the name is ``new segment`` and the
            label.
        """
        names = self.segmentation.labels
        found: dict[str, Change] = {}
        for group, now in self._now.items():
            before = self._before[group]
            flat, was = now.ravel(), before.ravel()
            differ = np.flatnonzero(flat != was)
            for label in np.union1d(flat[differ], was[differ]):
                if label == 0:
                    continue
                known = int(label) - 1 in group
                name = names[int(label) - 1] if known else f"new segment {int(label)}"
                change = Change(differ[flat[differ] == label], differ[was[differ] == label])
                if name in found:  # a new label that was painted in two layers
                    change = Change(np.union1d(found[name].added, change.added), change.removed)
                found[name] = change
        return found
