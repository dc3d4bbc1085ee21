"""The mask of an anatomical structure: the union of its parts that a segmentation has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from explorer.errors import NotFoundError
from graphs.anatomy import Anatomy, Structure, anatomy

if TYPE_CHECKING:
    from explorer.segmentation import Segmentation


@dataclass(frozen=True)
class AnatomyMask:
    """A structure in a segmentation.

    Attributes
    ----------
    structure : Structure
    mask : xarray.DataArray or None
        bool, ``(z, y, x)``, coordinates in mm, on the image's grid; None where nothing of it is
        there.
    labels : tuple of str
        Segments that it is the union of.
    missing : tuple of str
        Names of the parts that the segmentation does not have.
    container : str or None
        Where there is no mask: the nearest structure around it that has one.
    """

    structure: Structure
    mask: xr.DataArray | None
    labels: tuple[str, ...]
    missing: tuple[str, ...]
    container: str | None = None

    @property
    def complete(self) -> bool:
        """Whether all of it is there."""
        return self.mask is not None and not self.missing


def anatomy_mask(
    segmentation: Segmentation, name: str, *, ontology: Anatomy | None = None
) -> AnatomyMask:
    """Unite the segments that make up a structure.

    Parameters
    ----------
    segmentation : Segmentation
    name : str
        A name, an English term or a synonym: 'right lung', 'lung_right'.
    ontology : Anatomy or None
        Ours where None.

    Returns
    -------
    AnatomyMask

    Raises
    ------
    NotFoundError
        The ontology does not know the term; the message suggests others.
    """
    known = ontology or anatomy()
    structure = known.find(name)
    if structure is None:
        near = ", ".join(one.display for one in known.suggest(name))
        raise NotFoundError(
            f"No structure {name!r}", expected=f"such as {near}" if near else "an anatomical term"
        )
    at = segment_structures(segmentation, known)
    labels, missing = cover(structure.name, at, known)
    if not labels:
        around = [one for one in known.parents(structure.name) if cover(one, at, known)[0]]
        return AnatomyMask(structure, None, (), missing, around[0] if around else None)
    first = segmentation.mask(labels[0])
    values = np.array(first.values, dtype=bool)
    for label in labels[1:]:
        values |= segmentation.mask(label).values
    whole = xr.DataArray(values, first.coords, first.dims, structure.name)
    whole.attrs = {"labels": list(labels), "missing": list(missing)}
    return AnatomyMask(structure, whole, labels, missing)


def segment_structures(
    segmentation: Segmentation, ontology: Anatomy | None = None
) -> dict[str, str]:
    """Name of the structure to label, of the segments that are anatomy.

    By the segment's name; where that is no term, by its code if only one structure has it.
    """
    known = ontology or anatomy()
    found: dict[str, str] = {}
    codes = segmentation.codes
    for label in segmentation.labels:
        structure = known.find(label)
        code = codes.get(label)
        if structure is None and code is not None:
            words = label.casefold()
            side = "left" if "left" in words else "right" if "right" in words else None
            alike = known.of_code(f"{code.scheme}:{code.value}", side)
            structure = alike[0] if len(alike) == 1 else None
        if structure is not None:
            found.setdefault(structure.name, label)
    return found


def cover(name: str, at: dict[str, str], known: Anatomy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which segments make up a structure; reads no mask.

    Parameters
    ----------
    name : str
        Of the ontology.
    at : dict
        As `segment_structures`.
    known : Anatomy

    Returns
    -------
    labels : tuple of str
        Of the structure, or of the parts that are there.
    missing : tuple of str
        Names of the parts that are not.
    """
    if name in at:
        return (at[name],), ()
    labels: dict[str, None] = {}
    for child in known.children(name):
        labels.update(dict.fromkeys(cover(child, at, known)[0]))
    # a part can be there by several ways: the left upper lobe alone, or in the left lung
    reached = {part for one, label in at.items() if label in labels for part in known.parts(one)}
    return tuple(labels), tuple(part for part in known.parts(name) if part not in reached)
