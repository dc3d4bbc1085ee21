"""finding_boxes: where findings were grounded, on the grids of training volumes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.address import Address
from explorer.errors import AddressError
from explorer.patient_set import PatientSet
from explorer.space import index_to_lps, lps_to_index
from explorer.training.volume import TrainingVolume
from graphs.stream.sampling import Spans

_USABLE = ("accepted", "proposed")


def finding_boxes(cohort: PatientSet, volumes: Sequence[TrainingVolume]) -> dict[int, list[Spans]]:
    """Boxes of the patients' groundings.

    Parameters
    ----------
    cohort : PatientSet
    volumes : sequence of TrainingVolume

    Returns
    -------
    dict
        Position of a volume to boxes ``(z, y, x)`` on its grid, clipped to it. Groundings that a
        reader has rejected, that were replaced, or that are no place in an image are left out.
    """
    columns = ["status", "target", "current"]
    rows = cohort.rows("groundings", columns).to_pylist()
    places: dict[tuple[str, str], list[Address]] = {}
    for row in rows:
        if not row["current"] or row["status"] not in _USABLE or not row["target"]:
            continue
        try:
            address = Address.parse(f"onco:{row['patient']}/{row['target']}")
        except AddressError:
            continue
        places.setdefault((address.key, address.item), []).append(address)
    found: dict[int, list[Spans]] = {}
    for position, volume in enumerate(volumes):
        for about in volume.about["images"].values():
            for address in places.get((volume.patient, about["item"]), ()):
                box = _on_grid(volume, about, address)
                if box is not None:
                    found.setdefault(position, []).append(box)
    return found


def _on_grid(volume: TrainingVolume, about: dict[str, object], address: Address) -> Spans | None:
    spans = _source_spans(about, address)
    if spans is None:
        return None
    corners = np.array(np.meshgrid(*(spans - 0.5), indexing="ij")).reshape(3, -1).T
    origins = about["slice_origins"]
    lps = index_to_lps(
        np.asarray(about["affine"], float).reshape(4, 4),
        corners,
        None if origins is None else np.asarray(origins, float),
    )
    at = lps_to_index(volume.affine, lps, volume.slice_origins) + 0.5
    low = np.clip(np.floor(at.min(axis=0) + 1e-4), 0, volume.shape).astype(int)
    high = np.clip(np.ceil(at.max(axis=0) - 1e-4), 0, volume.shape).astype(int)
    if (high <= low).any():
        return None
    z, y, x = ((int(a), int(b)) for a, b in zip(low, high, strict=True))
    return z, y, x


def _source_spans(about: dict[str, object], address: Address) -> np.ndarray | None:
    """Voxel edges ``(3, 2)`` in the image that was spoken of."""
    if "box" in address.fragment:
        spans = np.asarray(address.fragment["box"], float)
        return spans if len(spans) == 3 else np.vstack([[[0.0, 1.0]], spans])
    if "voxel" in address.fragment:
        at = np.asarray(address.fragment["voxel"], float)
        if len(at) == 2:
            at = np.concatenate([[0.0], at])
        return np.stack([at[-3:], at[-3:] + 1], axis=1)
    if "point" in address.fragment:
        origins = about["slice_origins"]
        at = lps_to_index(
            np.asarray(about["affine"], float).reshape(4, 4),
            np.asarray(address.fragment["point"], float),
            None if origins is None else np.asarray(origins, float),
        )
        return np.stack([np.rint(at), np.rint(at) + 1], axis=1)
    return None
