"""What every item of a patient has: an id, a place in time, a source, an address."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numpy.typing import NDArray

from explorer.address import Address
from explorer.check_trust import check_trust
from explorer.fork import refuse_fork

if TYPE_CHECKING:
    from explorer.patient import Patient


class Item:
    """One thing that is known about a patient.

    Attributes
    ----------
    patient : Patient
        At the version that this item was opened from.
    id, kind, modality, name : str
        `name` is hostile text: show it, never run it.
    acquired : str or None
        ISO date.
    day : int or None
        Days from the patient's time zero; `day_state` says why where it is None.
    problems : list of str
        What was odd at ingest.
    synthetic : bool
    meta : dict
    """

    collection = "items"

    def __init__(self, patient: Patient, row: dict[str, Any]) -> None:
        self.patient = patient
        self._row = row
        self.id: str = row["item"]
        self.kind: str = row["kind"]
        self.modality: str = row["modality"]
        self.name: str = row["name"] or ""
        self.acquired: str | None = row["acquired"]
        self.day: int | None = row["day"]
        self.day_state: str = row["day_state"]
        self.state: str = row["state"]
        self.storage: str = row["storage"]
        self.study_uid: str | None = row["study_uid"]
        self.series_uid: str | None = row["series_uid"]
        self.frame_of_reference: str | None = row["frame_of_reference"]
        self.body_part: str | None = row["body_part"]
        self.laterality: str | None = row["laterality"]
        self.problems: list[str] = list(row["problems"] or [])
        self.synthetic: bool = bool(row["synthetic"])
        self.meta: dict[str, Any] = json.loads(row["meta"] or "{}")
        self._group: zarr.Group | None = None
        self._trusted = self.storage != "referenced"

    @property
    def address(self) -> Address:
        """The item's address at this version."""
        return Address(self.patient.key, self.collection, self.id, self.patient.version)

    @property
    def where(self) -> str:
        """Patient and item, for messages."""
        return f"patient {self.patient.label}, item {self.id}"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the item's array, in the order of `dims`."""
        return tuple(self._row["shape"] or ())

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the array's dims."""
        return tuple(self._row["dims"] or ())

    @property
    def spacing_mm(self) -> tuple[float, ...]:
        """Voxel spacing in mm along z, y, x (or y, x)."""
        return tuple(self._row["spacing_mm"] or ())

    @property
    def affine(self) -> NDArray[np.float64]:
        """Index ``(x, y, z, 1)`` to mm LPS, (4, 4) float64."""
        return np.asarray(self._row["affine"], float).reshape(4, 4)

    @property
    def group(self) -> zarr.Group:
        """The item's Zarr group at this version, read-only."""
        refuse_fork()
        if self._group is None:
            root = self.patient.arrays()
            self._group = root[f"{self.collection}/{self.id}"]  # type: ignore[assignment]
        assert self._group is not None  # noqa: S101 - for the type checker only
        return self._group

    @cached_property
    def slice_origins(self) -> NDArray[np.float64] | None:
        """Origins ``(z, 3)`` in mm LPS of uneven or sheared slices; None where they are even."""
        found = self.group.get("slice_origins")
        return np.asarray(found[...], float) if isinstance(found, zarr.Array) else None

    def sources(self) -> list[dict[str, Any]]:
        """The files that it was made from, in slice order: uri, sha256, status, reason."""
        rows = [row for row in self.patient.rows("files") if row["item"] == self.id]
        return sorted(rows, key=lambda row: row["position"] or 0)

    def check_trust(self) -> None:
        """Call before a source file is read that the store has only a reference to.

        Raises
        ------
        UntrustedError
            It lies in a folder that this user has not trusted the store with.
        """
        if not self._trusted:
            uris = (row["uri"] for row in self.sources())
            check_trust(self.patient.store, uris, self.where)
            self._trusted = True

    def __reduce__(self) -> tuple[Any, ...]:
        return (_reopen, (self.patient, self.collection, self.id))

    def __repr__(self) -> str:
        shape = " x ".join(str(n) for n in self.shape)
        return f"<{type(self).__name__} {self.id} {self.modality} {self.name!r} {shape}>"


def _reopen(patient: Patient, collection: str, item: str) -> Item:
    found: Item = getattr(patient, collection)[item]
    return found
