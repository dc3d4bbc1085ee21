"""Organs around a lesion: which outlined structure holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.segmentation import Segmentation
from graphs.anatomy import anatomy
from graphs.placed_mask import FloatArray, PlacedMask, looked_up, shares_space
from graphs.segment_role import segment_role
from graphs.target_text import target_text

if TYPE_CHECKING:
    from explorer.patient import Patient

_HELD = 0.5  # share of a lesion's voxels, or of those around it, from which a structure holds it
_EQUAL = 0.02  # two structures hold it alike: the smaller one says more


@dataclass(frozen=True)
class Organ:
    """A structure that holds a lesion, or why none is known.

    Attributes
    ----------
    name : str or None
        The ontology's name (`graphs.anatomy`); of a structure that it lacks, the label: hostile.
    segmentation : Segmentation or None
    label : str or None
    by : str
    """

    name: str | None
    segmentation: Segmentation | None
    label: str | None
    by: str

    @property
    def target(self) -> str | None:
        """Address without key and version of the organ's outline."""
        if self.segmentation is None or self.label is None:
            return None
        return target_text("segmentations", self.segmentation.id, label=self.label)


def organ_of(placed: PlacedMask, patient: Patient) -> Organ:
    """The outlined organ that holds most of a lesion.

    An organ map that leaves lesions out still says where they are: then the organ that holds most
    of the voxels around the lesion is taken.

    Parameters
    ----------
    placed : PlacedMask
    patient : Patient

    Returns
    -------
    Organ
    """
    maps = list(organ_maps(placed.segmentation, patient))
    if not maps:
        return Organ(None, None, None, "no organ is outlined on its images")
    for points, part in ((placed.points(), "it"), (placed.shell(), "what surrounds it")):
        held = _held(points, maps)
        if held is not None:
            share, segmentation, label = held
            by = f"{100 * share:.0f} % of {part} lies in it"
            return Organ(organ_name(label), segmentation, label, by)
    return Organ(None, None, None, "no outlined organ holds half of it")


def organ_maps(
    segmentation: Segmentation, patient: Patient
) -> Iterable[tuple[Segmentation, list[str]]]:
    """Segmentations in the same space, each with the labels of its organs."""
    for other in patient.segmentations.values():
        if shares_space(segmentation, other):
            organs = [x for x in other.labels if segment_role(other, x).role == "organ"]
            if organs:
                yield other, organs


def organ_name(label: str) -> str:
    """The ontology's name of a structure where it knows it, else the label as it is."""
    found = anatomy().find(label)
    return label if found is None else found.name


def display_name(name: str) -> str:
    """What people call an organ; of one that the ontology lacks 'outlined organ'."""
    known = anatomy().get(name)
    return "outlined organ" if known is None else known.display


def _held(
    points: FloatArray, maps: list[tuple[Segmentation, list[str]]]
) -> tuple[float, Segmentation, str] | None:
    found = []
    for segmentation, labels in maps:
        inside = looked_up(points, segmentation, labels)
        volumes = {row["name"]: row["volume_mm3"] or 0.0 for row in segmentation.segments}
        found += [
            (float(inside[label].mean()), volumes[label], segmentation, label) for label in labels
        ]
    held = [one for one in found if one[0] >= _HELD]
    if not held:
        return None
    most = max(one[0] for one in held)
    share, _, segmentation, label = min(
        (one for one in held if one[0] >= most - _EQUAL), key=lambda one: one[1]
    )
    return share, segmentation, label
