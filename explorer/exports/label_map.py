"""Masks that may overlap as one map of labels, by a rule that is stated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import StoreError
from explorer.exports.options import Overlap

_MOST = 65_000


@dataclass
class LabelMaps:
    """Makes label maps of a data set, all with the same numbers.

    Parameters
    ----------
    names : list of str
        The segments of the data set, in the order of their labels (from 1); later ones win.
    overlap : {'refuse', 'order', 'regions'}
    combinations : dict
        Of 'regions': JSON list of names to label, grown on the way.
    """

    names: list[str]
    overlap: Overlap
    combinations: dict[str, int] = field(default_factory=dict)

    def compose(
        self, masks: Iterable[tuple[str, NDArray[np.bool_]]], shape: tuple[int, int, int]
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """One map of a case.

        Parameters
        ----------
        masks : iterable of (name, mask)
            Masks bool ``(z, y, x)``; at most one a name.
        shape : tuple of int

        Returns
        -------
        labels : ndarray, (z, y, x)
            uint8, or uint16 where numbers need it.
        about : dict
            segments (the names that the case has), overlapping_voxels.

        Raises
        ------
        StoreError
            Masks overlap, and that was to be refused.
        """
        numbers = {name: k for k, name in enumerate(self.names, start=1)}
        given = dict(masks)
        chosen = sorted((name for name in given if name in numbers), key=numbers.__getitem__)
        found: NDArray[Any] = np.zeros(shape, np.uint16)
        covered = np.zeros(shape, bool)
        twice = np.zeros(shape, bool)
        for name in chosen:
            twice |= covered & given[name]
            covered |= given[name]
            found[given[name]] = numbers[name]  # the later one wins
        overlapping = int(twice.sum())
        if overlapping and self.overlap == "refuse":
            raise StoreError(
                f"{overlapping} voxels lie in several masks, and a label map has one label a "
                'voxel: ask for overlap="order" or "regions"'
            )
        if self.overlap == "regions":
            found = self._combine(chosen, given, shape)
        elif len(self.names) < 256:
            found = found.astype(np.uint8)
        return found, {"segments": chosen, "overlapping_voxels": overlapping}

    def _combine(
        self, chosen: list[str], given: dict[str, NDArray[np.bool_]], shape: tuple[int, int, int]
    ) -> NDArray[np.uint16]:
        """A label for each combination of masks, so that every mask is a union of labels."""
        code = np.zeros(shape, np.uint16)
        sets: list[tuple[str, ...]] = [()]
        for name in chosen:
            # codes of the voxels so far, split by this mask; there are never more than voxels
            pairs = np.unique(code[given[name]])
            table = np.zeros(len(sets), np.uint16)
            for old in pairs:
                table[old] = len(sets)
                sets.append((*sets[old], name))
                if len(sets) > _MOST:
                    raise StoreError("its masks overlap in too many ways for one map of labels")
            code[given[name]] = table[code[given[name]]]
        used = [int(one) for one in np.unique(code) if one]
        labels = np.zeros(len(sets), np.uint16)
        for one in used:
            key = json.dumps(sets[one])
            labels[one] = self.combinations.setdefault(key, len(self.combinations) + 1)
        return np.asarray(labels[code])

    def labels(self) -> dict[str, int | list[int]]:
        """Name to label, or to the labels whose union it is; for an index, background left out."""
        if self.overlap != "regions":
            return {name: k for k, name in enumerate(self.names, start=1)}
        found: dict[str, list[int]] = {name: [] for name in self.names}
        for key, label in self.combinations.items():
            for name in json.loads(key):
                found[name].append(label)
        plain = all(len(json.loads(key)) == 1 for key in self.combinations)
        return {
            name: labels[0] if plain else sorted(labels) for name, labels in found.items() if labels
        }
