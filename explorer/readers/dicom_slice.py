"""One slice of a series: a plane, the file that it is in, and the header that ingest knows."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.draft import Header
from explorer.readers.dicom_instance import Instance, Plane


@dataclass(frozen=True, slots=True)
class Slice:
    """A plane of a file.

    Attributes
    ----------
    header : Header
    instance : Instance
    plane : Plane
    spooled : int or None
        Where its decoded pixels lie in the series' spool, for compressed files.
    """

    header: Header
    instance: Instance
    plane: Plane
    spooled: int | None = None

    @property
    def key(self) -> str:
        """Names the slice, the same at every ingest: SOP instance (else contents) and frame."""
        name = self.instance.sop_uid or self.header.source.sha256
        return f"{name}#{self.plane.index:06d}"

    @property
    def place(self) -> tuple[str, int]:
        """File and frame."""
        return self.header.source.uri, self.plane.index

    @property
    def order(self) -> tuple[float, str, int]:
        """Place where geometry says nothing: InstanceNumber, then file, then frame."""
        number = self.plane.order.get("InstanceNumber", float("inf"))
        return number, self.header.source.uri, self.plane.index
