from __future__ import annotations

import numpy as np

from explorer.draft import Grid
from explorer.readers.find_image import find_image


def grid(item: str, series: str | None = None, frame: str | None = "F", sops: str = "") -> Grid:
    return Grid(item, (2, 3, 4), np.eye(4), None, frame, series, sops.split())


def everything(_: Grid) -> bool:
    return True


def nothing(_: Grid) -> bool:
    return False


def test_the_series_that_it_names() -> None:
    grids = [grid("a", "1"), grid("b", "2")]
    found, reason = find_image(grids, {"2"}, set(), "other", nothing)
    assert found is grids[1]
    assert reason == "the file names this image's series"


def test_of_a_series_in_two_stacks_the_one_with_its_instances() -> None:
    grids = [grid("a", "1", sops="x1 x2"), grid("b", "1", sops="y1 y2")]
    found, _ = find_image(grids, {"1"}, {"y1", "y2", "x1"}, "F", nothing)
    assert found is grids[1]
    found, _ = find_image(grids, {"1"}, set(), "F", lambda one: one.item == "a")
    assert found is grids[0]
    found, reason = find_image(grids, {"1"}, {"x1", "y1"}, "F", everything)
    assert found is None
    assert reason == "2 images come from the series that the file names"


def test_instances_where_no_series_is_named() -> None:
    grids = [grid("a", "1", sops="x1 x2"), grid("b", "2", sops="y1")]
    found, reason = find_image(grids, set(), {"x1", "z"}, None, nothing)
    assert found is grids[0]
    assert reason == "the file names 1 of this image's instances"


def test_the_only_one_in_its_frame_of_reference_that_it_fits() -> None:
    grids = [grid("a", "1"), grid("b", "2", frame="G"), grid("c", "3")]
    found, reason = find_image(grids, {"9"}, set(), "F", lambda one: one.item != "c")
    assert found is grids[0]
    assert reason.startswith("its image series 9 is not among the sources; the only image")
    found, reason = find_image(grids, {"9"}, set(), "F", everything)
    assert found is None
    assert reason.endswith("and 2 images in its frame of reference fit equally")


def test_geometry_alone_serves_only_where_no_frame_of_reference_contradicts() -> None:
    unsaid, said = grid("a", frame=None), grid("b", frame="G")
    assert find_image([unsaid, said], set(), set(), "F", everything)[0] is unsaid
    assert find_image([said], set(), set(), "F", everything)[0] is None
    assert find_image([said], set(), set(), None, everything)[0] is said
    found, reason = find_image([unsaid, said], set(), set(), None, everything)
    assert found is None
    assert reason == "the file names no image, and 2 images fit equally"


def test_none_fits() -> None:
    found, reason = find_image([grid("a", "1")], set(), {"q", "r"}, "F", nothing)
    assert found is None
    assert reason == "none of the 2 images that the file names is among the sources"
    assert find_image([], {"9" * 500}, set(), None, everything)[1].count("9") < 100
