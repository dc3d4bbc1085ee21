"""What the regions of an ultrasound picture measure (DICOM PS3.3 C.8.5.5)."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from explorer.readers.dicom_values import integer, items, number

TAGS = ("SequenceOfUltrasoundRegions",)
_MOST = 64
# PS3.3 C.8.5.5.1.1, C.8.5.5.1.2, C.8.5.5.1.15
_FORMATS = {0: "none", 1: "2D", 2: "M-mode", 3: "spectral", 4: "waveform", 5: "graphics"}
_DATA = {
    1: "tissue", 2: "color flow", 3: "PW Doppler", 4: "CW Doppler", 5: "Doppler mean trace",
    6: "Doppler mode trace", 7: "Doppler max trace", 8: "volume trace", 9: "d(volume)/dt trace",
    10: "ECG trace", 11: "pulse trace", 12: "phonocardiogram trace", 13: "gray bar",
    14: "color bar", 15: "integrated backscatter", 16: "area trace", 17: "d(area)/dt trace",
    18: "other physiological trace",
}  # fmt: skip
_UNITS = {
    0: None, 1: "%", 2: "dB", 3: "cm", 4: "s", 5: "Hz", 6: "dB/s", 7: "cm/s", 8: "cm2",
    9: "cm2/s", 10: "cm3", 11: "cm3/s", 12: "deg",
}  # fmt: skip


def us_regions(dataset: Dataset, rows: int, columns: int) -> list[dict[str, Any]]:
    """Describe the calibrated regions of a picture.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Parsed with `TAGS`.
    rows, columns : int
        Of the picture, pixels.

    Returns
    -------
    list of dict
        ``box`` (``[[y0, y1], [x0, x1]]``, voxel edges, half-open), ``inside`` (whether the
        picture holds it; where not, the picture was scaled and the calibration is not to be
        believed), ``format``, ``data``, ``units`` and ``delta`` along ``[y, x]`` (physical units
        a pixel), and ``spacing_mm`` (``[y, x]``) where both are lengths.
    """
    return [_region(one, rows, columns) for one in items(dataset, TAGS[0])[:_MOST]]


def _region(region: Dataset, rows: int, columns: int) -> dict[str, Any]:
    x0, y0, x1, y1 = (
        integer(region, f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")
    )
    whole = None not in (x0, y0, x1, y1)
    # some count the last pixel from one: that is no reason to doubt all the rest
    ends = [end - 1 if end == n else end for end, n in ((y1 or 0, rows), (x1 or 0, columns))]
    box = [[y0 or 0, ends[0] + 1], [x0 or 0, ends[1] + 1]] if whole else None
    units = [_UNITS.get(integer(region, f"PhysicalUnits{axis}Direction") or 0) for axis in "YX"]
    delta = [number(region, f"PhysicalDelta{axis}") for axis in "YX"]
    found: dict[str, Any] = {
        "box": box,
        "inside": box is not None and _holds(box, rows, columns),
        "format": _FORMATS.get(integer(region, "RegionSpatialFormat") or 0, "unknown"),
        "data": _DATA.get(integer(region, "RegionDataType") or 0, "unknown"),
        "units": units,
        "delta": delta,
    }
    if units == ["cm", "cm"] and all(one for one in delta):
        found["spacing_mm"] = [abs(one or 0) * 10 for one in delta]
    return found


def _holds(box: list[list[int]], rows: int, columns: int) -> bool:
    (y0, y1), (x0, x1) = box
    return 0 <= y0 < y1 <= rows and 0 <= x0 < x1 <= columns
