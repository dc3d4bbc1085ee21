"""PatientLinks: from what a person points at to everything that is about the same thing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np

from explorer.address import Address
from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.space import index_to_lps, lps_to_index
from graphs.grounding.speaks_of import speaks_of
from widgets.link_index import LinkIndex

_log = logging.getLogger(__name__)
_CANNOT = (OncographError, OSError, np.linalg.LinAlgError)


class PatientLinks:
    """Tells what of a patient is about the same thing; the `related` of a `Selection`.

    Words of a report lead to the finding, to where it was grounded, to the outline there, to its
    lesion and what was measured on it; a voxel, a node of the patient graph, a row of a table lead
    to the words. What was rejected leads nowhere; a finding whose grounding abstained leads to its
    words and nodes, and to no place. The index is built at the first question, and again when the
    patient has moved on.

    Parameters
    ----------
    patient : Patient

    Examples
    --------
    >>> selection = Selection(PatientLinks(patient))
    >>> selection.pick(patient.reports["report-1"].address.at(chars=(24, 30)))
    >>> selection.of_kind("segmentations")
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self._index: LinkIndex | None = None

    @property
    def index(self) -> LinkIndex:
        """What is known of the patient; built when it is first asked for."""
        if self._index is None:
            self._index = LinkIndex(self.patient)
        return self._index

    def refresh(self, patient: Patient | None = None) -> None:
        """Read again; after a run of a grounder, a review, or another commit.

        Parameters
        ----------
        patient : Patient, optional
            The version to read; the newest one by default.
        """
        self.patient = self.patient.store[self.patient.key] if patient is None else patient
        self._index = None

    def __call__(self, address: str | Address) -> list[str]:
        """Addresses that are about the same thing, the most particular first.

        Parameters
        ----------
        address : str or Address

        Returns
        -------
        list of str
            Without versions, and without the address itself. Empty for an address of another
            patient, of an older version, or of nothing; nothing is raised.
        """
        found: dict[str, None] = {}
        plain = ""
        try:
            where = Address.parse(address) if isinstance(address, str) else address
            if where.key != self.patient.key:
                return []
            plain = str(Address(where.key, where.kind, where.item, None, where.fragment))
            for one in self._related(where, plain):
                found[one] = None
        except _CANNOT as error:  # a file that is gone; what was found before that still holds
            _log.info("%s: what is related to it is not all known: %s", address, error)
        found.pop(plain, None)
        return list(found)

    def _related(self, where: Address, plain: str) -> Iterator[str]:
        index, fragment = self.index, where.fragment
        chars: Any = fragment.get("chars")
        if where.kind == "reports" and chars is not None:
            yield from index.words(where.item, *chars)
        elif where.kind == "findings":
            yield from index.finding(where.item)
        elif where.kind == "groundings":
            yield from index.grounding(where.item)
        elif where.kind == "segmentations":
            yield from self._outline(where, plain)
        elif where.kind == "images" and fragment.keys() & {"voxel", "point", "box"}:
            yield from self._spot(where, plain)
        elif plain in index.graph:
            yield from self._node(plain)

    def _node(self, node: str) -> Iterator[str]:
        index = self.index
        kind = index.graph.nodes[node]["kind"]
        by_kind = {
            "study": index.study, "image": index.item, "slide": index.item,
            "waveform": index.item, "report": index.report, "anatomy": index.structure,
            "fact": index.dated, "gene set": index.dated, "event": index.dated,
            "treatment": index.dated, "outcome": index.dated,
        }  # fmt: skip
        address = Address.parse(node)
        if address.kind == "nodes":
            yield from index.node(node)
        elif address.kind == "lesions":
            yield from index.lesion(node)
        elif address.kind == "observations":
            yield from index.observation(node)
        elif kind in by_kind:
            yield from by_kind[kind](node)

    def _outline(self, where: Address, plain: str) -> Iterator[str]:
        item = self.patient.segmentations.get(where.item)
        if not isinstance(item, Segmentation):
            return
        if "label" in where.fragment:
            if where.fragment["label"] in item.labels:
                yield from self.index.place(plain)
            return
        for label in item.labels:
            yield self.index.address("segmentations", where.item, label=label)

    def _spot(self, where: Address, plain: str) -> Iterator[str]:
        """A place in an image: what was grounded or outlined there, and the sentences about it."""
        image = self.patient.images.get(where.item)
        if not isinstance(image, Image):
            return
        index = self.index
        middle = _middle(image, where)
        if middle is None:
            return
        yield from index.place(plain)
        if index.known(plain):
            return  # a box that was said or measured, not one that a person has just drawn
        for one in speaks_of(self.patient, where):
            if one.how == "anatomy" and index.lies(one.finding.id):
                continue  # it names the organ here, but lies elsewhere in it
            yield index.address("findings", one.finding.id)
            yield from index.said(one.finding.id)
            if one.grounding is not None:
                yield index.address("groundings", one.grounding.id)
            yield index.full(one.target)
        for target in self._outlines_at(image, middle):
            yield from index.place(target)
        yield from index.places_at(where.item, middle)
        yield index.address("images", where.item)

    def _outlines_at(self, image: Image, voxel: tuple[int, ...]) -> Iterator[str]:
        """The segments that hold a voxel, whatever grid they are on."""
        point = index_to_lps(image.affine, _three(voxel), image.slice_origins)
        for item in self.patient.segmentations.values():
            frames = {item.frame_of_reference, image.frame_of_reference}
            if item.image != image.id and (len(frames) > 1 or None in frames):
                continue
            at = np.rint(lps_to_index(item.affine, point, item.slice_origins)).astype(int)
            if not all(0 <= k < n for k, n in zip(at, item.shape[-3:], strict=True)):
                continue
            least = 0.5 if item.fraction_max is None else item.fraction_max / 2
            stored: Any = item.stored
            for label, value in zip(item.labels, stored[(slice(None), *at)], strict=True):
                if value >= least:
                    yield self.index.address("segmentations", item.id, label=label)


def _three(voxel: tuple[int, ...]) -> tuple[int, ...]:
    """``(z, y, x)`` of a voxel of a picture, which has no z, and of a volume in time."""
    return (0, *voxel) if len(voxel) == 2 else tuple(voxel[-3:])


def _middle(image: Image, where: Address) -> tuple[int, ...] | None:
    """The voxel that a fragment is at, or about; None where the image has no such place."""
    fragment: dict[str, Any] = where.fragment
    if "voxel" in fragment:
        found = _three(tuple(fragment["voxel"]))
    elif "box" in fragment:
        found = _three(tuple((low + high - 1) // 2 for low, high in fragment["box"]))
    else:
        at = lps_to_index(image.affine, fragment["point"], image.slice_origins)
        found = tuple(int(k) for k in np.rint(at))
    sizes = dict(zip(image.dims, image.shape, strict=True))
    shape = (sizes.get("z", 1), sizes["y"], sizes["x"])
    return found if all(0 <= k < n for k, n in zip(found, shape, strict=True)) else None
