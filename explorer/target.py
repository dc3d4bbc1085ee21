"""Target: what an address points at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.address import Address
from explorer.errors import AddressError, NotFoundError
from explorer.image import Image
from explorer.report import Report
from explorer.segmentation import Segmentation
from explorer.space import index_to_lps, lps_to_index
from explorer.target_rows import ROW_KINDS, target_rows

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.store import Store


@dataclass(frozen=True)
class Target:
    """Something that was pointed at.

    Attributes
    ----------
    address : Address
    patient : Patient
    item : Image, Segmentation, Report or str
        A fact's name where the kind is 'facts'.
    value : object
        A number (voxel, point), an ``xarray.DataArray`` (box, label, a whole item), text
        (chars, a whole report), or rows (facts).
    units : str or None
    point : tuple of float or None
        mm LPS of a voxel or point.
    """

    address: Address
    patient: Patient
    item: Any
    value: Any
    units: str | None = None
    point: tuple[float, float, float] | None = None

    def __repr__(self) -> str:
        shown = str(self.value) if np.isscalar(self.value) else type(self.value).__name__
        units = "" if self.units in (None, "1") else f" {self.units}"
        at = "" if self.point is None else f" at {tuple(round(v, 1) for v in self.point)} mm LPS"
        return f"<Target {self.address}: {shown}{units}{at}>"


def resolve(address: Address, store: Store) -> Target:
    """Look up what an address points at; see `Address.resolve`."""
    if address.key == "~":
        do = f"store.cohort({address.item!r})" if address.kind == "cohort" else None
        raise AddressError(
            f"{address} is not a patient's", expected="an address of a patient", do=do
        )
    patient = store[address.key]
    if address.version is not None and address.version != patient.version:
        patient = patient.at(address.version)
    if address.kind == "images":
        return _in_image(address, patient, patient.images[address.item])
    if address.kind == "segmentations":
        return _in_segmentation(address, patient, patient.segmentations[address.item])
    if address.kind == "reports":
        return _in_report(address, patient, patient.reports[address.item])
    if address.kind == "waveforms":
        waveform = patient.waveforms[address.item]
        return Target(address, patient, waveform, waveform.data, waveform.units)
    if address.kind == "slides":
        slide = patient.slides[address.item]
        return Target(address, patient, slide, slide.thumbnail)
    if address.kind == "facts":
        facts = patient.facts
        return Target(address, patient, address.item, facts[facts["name"] == address.item])
    if address.kind in _DERIVED:
        return _in_derived(address, patient)
    if address.kind in ROW_KINDS:
        return Target(address, patient, address.item, target_rows(address, patient))
    if address.kind == "patients" and address.item == patient.key:
        return Target(address, patient, patient, patient.attributes)
    raise AddressError(
        f"{address.kind!r} in {address}",
        expected="images, segmentations, waveforms, slides, reports, facts, findings, groundings, "
        f"nodes, {', '.join(ROW_KINDS)}",
    )


# Kind of an address to the column that names its rows.
_DERIVED = {"findings": "finding", "groundings": "grounding", "nodes": "node"}


def _in_derived(address: Address, patient: Patient) -> Target:
    frame = patient.derived(address.kind)
    found = frame[frame[_DERIVED[address.kind]] == address.item]
    if found.empty:
        raise NotFoundError(
            f"No {address.kind} {address.item!r}",
            where=f"patient {patient.label}",
            do="it may be of an earlier run: patient.derived(..., every=True)",
        )
    return Target(address, patient, address.item, found)


def _in_image(address: Address, patient: Patient, image: Image) -> Target:
    fragment = address.fragment
    if "voxel" in fragment:
        index, value = _voxel(image, address)
        by_name = dict(zip(_without_color(image.dims), index, strict=True))
        at = tuple(by_name.get(name, 0) for name in "zyx")
        x, y, z = (float(v) for v in index_to_lps(image.affine, at, image.slice_origins))
        return Target(address, patient, image, value, image.units, (x, y, z))
    if "point" in fragment:
        point = np.asarray(fragment["point"], float)
        nearest = np.rint(lps_to_index(image.affine, point, image.slice_origins)).astype(int)
        if image.dims != ("z", "y", "x") or (nearest < 0).any() or (nearest >= image.shape).any():
            raise AddressError(f"The point of {address} lies outside of the image")
        value = image.read(tuple(int(i) for i in nearest))[()]
        x, y, z = (float(v) for v in point)
        return Target(address, patient, image, value, image.units, (x, y, z))
    if "box" in fragment:
        return Target(address, patient, image, _box(image.data, address), image.units)
    return Target(address, patient, image, image.data, image.units)


def _without_color(dims: tuple[str, ...]) -> tuple[str, ...]:
    """The dims that a voxel or box counts along: colours are values of a voxel, and no place."""
    return tuple(name for name in dims if name != "c")


def _voxel(image: Image, address: Address) -> tuple[tuple[int, ...], Any]:
    """Index along the dims without colour, and the value there: three of a picture in colour."""
    dims = _without_color(image.dims)
    shape = tuple(n for n, name in zip(image.shape, image.dims, strict=True) if name != "c")
    index = _inside(address.fragment["voxel"], shape, address)
    by_name: dict[str, Any] = dict(zip(dims, index, strict=True))
    return index, image.read(tuple(by_name.get(name, slice(None)) for name in image.dims))[()]


def _in_segmentation(address: Address, patient: Patient, seg: Segmentation) -> Target:
    label = address.fragment.get("label")
    if label is None:
        return Target(address, patient, seg, seg.labels)
    mask = seg.mask(str(label))
    if "voxel" in address.fragment:
        index = _inside(address.fragment["voxel"], mask.shape, address)
        return Target(address, patient, seg, bool(mask[index].item()))
    if "box" in address.fragment:
        mask = _box(mask, address)
    return Target(address, patient, seg, mask)


def _in_report(address: Address, patient: Patient, report: Report) -> Target:
    if "chars" not in address.fragment:
        return Target(address, patient, report, report.text)
    start, end = (int(v) for v in address.fragment["chars"])  # type: ignore[arg-type]
    if end > len(report.text):
        raise AddressError(
            f"{address} ends at {end}", expected=f"at most {len(report.text)} characters"
        )
    return Target(address, patient, report, report.text[start:end])


def _inside(index: Any, shape: tuple[int, ...], address: Address) -> tuple[int, ...]:
    if len(index) != len(shape) or any(i >= n for i, n in zip(index, shape, strict=False)):
        raise AddressError(f"{address} points outside", expected=f"an index inside {shape}")
    return tuple(int(i) for i in index)


def _box(data: Any, address: Address) -> Any:
    box: Any = address.fragment["box"]
    dims = _without_color(data.dims)[-len(box) :]
    if len(box) > len(dims) or any(
        b[1] > data.sizes[name] for b, name in zip(box, dims, strict=True)
    ):
        raise AddressError(f"{address} reaches outside", expected=f"a box inside {data.shape}")
    return data.isel(
        {name: slice(start, end) for name, (start, end) in zip(dims, box, strict=True)}
    )
