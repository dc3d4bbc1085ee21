"""A patient as one xarray.DataTree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from explorer.layout import RECORDS, ROW_NAMES

if TYPE_CHECKING:
    from explorer.patient import Patient

_RECORDS = tuple(table for table in RECORDS if table != "attributes")


def tree(patient: Patient) -> xr.DataTree:
    """Build the tree of a patient.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    xarray.DataTree
        ``/images/<id>`` with the values (lazy; HU, SUVbw, ...), ``/segmentations/<id>`` with one
        lazy bool variable a segment, ``/waveforms/<id>`` and ``/slides/<id>`` (the thumbnail),
        ``/records/<table>`` with the rows as text and numbers.
    """
    nodes: dict[str, xr.Dataset] = {
        "/": xr.Dataset(attrs={"patient": patient.label, "version": patient.version})
    }
    for name, image in patient.images.items():
        nodes[f"/images/{name}"] = xr.Dataset({"values": image.data})
    for name, seg in patient.segmentations.items():
        variables = {
            f"segment_{row['position']}": seg.own_mask(row["name"]) for row in seg.segments
        }
        nodes[f"/segmentations/{name}"] = xr.Dataset(variables, attrs={"image": seg.image or ""})
    for name, waveform in patient.waveforms.items():
        nodes[f"/waveforms/{name}"] = xr.Dataset({"values": waveform.data})
    for name, slide in patient.slides.items():
        nodes[f"/slides/{name}"] = xr.Dataset({"thumbnail": slide.thumbnail})
    for table in _RECORDS:
        rows = patient.rows(table)
        if rows:
            frame = pd.DataFrame(rows).drop(columns=list(ROW_NAMES))
            frame = frame.map(_plain)
            frame.index.name = "row"
            nodes[f"/records/{table}"] = frame.to_xarray()
    return xr.DataTree.from_dict(nodes)


def _plain(value: object) -> object:
    # lists have no place in a one-dimensional variable
    return " ".join(map(str, value)) if isinstance(value, list) else value
