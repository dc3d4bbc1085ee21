from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from explorer.readers.us_regions import us_regions


def region(x1: int = 99, y1: int = 49, **more: object) -> Dataset:
    one = Dataset()
    one.RegionSpatialFormat, one.RegionDataType = 1, 2
    one.RegionLocationMinX0, one.RegionLocationMinY0 = 10, 20
    one.RegionLocationMaxX1, one.RegionLocationMaxY1 = x1, y1
    one.PhysicalUnitsXDirection = one.PhysicalUnitsYDirection = 3
    one.PhysicalDeltaX, one.PhysicalDeltaY = 0.02, -0.03
    for name, value in more.items():
        setattr(one, name, value)
    return one


def described(*regions: Dataset) -> list[dict[str, object]]:
    dataset = Dataset()
    dataset.SequenceOfUltrasoundRegions = list(regions)
    return us_regions(dataset, 50, 100)


def test_a_region_in_centimetres_has_a_spacing() -> None:
    (found,) = described(region())
    assert found["box"] == [[20, 50], [10, 100]]
    assert found["inside"] is True
    assert (found["format"], found["data"]) == ("2D", "color flow")
    assert found["spacing_mm"] == pytest.approx([0.3, 0.2])  # a delta has the sign of its axis


def test_an_axis_of_time_has_none() -> None:
    (found,) = described(region(PhysicalUnitsXDirection=4))
    assert found["units"] == ["cm", "s"]
    assert "spacing_mm" not in found


def test_the_last_pixel_may_be_counted_from_one() -> None:
    assert [one["inside"] for one in described(region(100, 50), region(101, 49))] == [True, False]


def test_a_real_picture_that_was_made_smaller() -> None:
    path = Path(str(get_testdata_file("examples_palette.dcm", download=False)))
    found = us_regions(pydicom.dcmread(path, stop_before_pixels=True), 350, 800)
    assert [one["inside"] for one in found] == [False, False]
    assert [one["format"] for one in found] == ["2D", "waveform"]


def test_none_and_nonsense() -> None:
    assert us_regions(Dataset(), 50, 100) == []
    (found,) = described(Dataset())
    assert found["box"] is None
    assert found["inside"] is False
