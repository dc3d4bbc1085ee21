from __future__ import annotations

import numpy as np
import pytest

from explorer.draft import Grid
from explorer.regions import box_in_image, box_in_plane


@pytest.mark.parametrize(
    ("graphic", "points", "box"),
    [
        ("POINT", [(3.5, 7.2)], ((7, 8), (3, 4))),
        ("POINT", [(3.0, 7.0)], ((7, 8), (3, 4))),
        ("POLYLINE", [(1, 2), (4, 2), (4, 9)], ((2, 9), (1, 4))),
        ("CIRCLE", [(10, 10), (10, 13)], ((7, 13), (7, 13))),
        ("ELLIPSE", [(7, 10), (13, 10), (10, 8), (10, 12)], ((8, 12), (7, 13))),
        ("POLYLINE", [(-5, -5), (2.5, 1)], ((0, 1), (0, 3))),
        ("POINT", [(50, 5)], None),
    ],
)
def test_boxes_in_a_picture(
    graphic: str, points: list[tuple[float, float]], box: tuple[tuple[int, int], ...] | None
) -> None:
    assert box_in_plane(graphic, points, (20, 30)) == box


def test_boxes_in_space_go_by_voxels() -> None:
    affine = np.diag([2.0, 2.0, 5.0, 1.0])
    affine[:3, 3] = [100, 200, 300]
    grid = Grid("ct-1", (4, 10, 10), affine)
    # corners on the centres of voxels (z, y, x) = (1, 2, 3) and (2, 4, 5)
    box = box_in_image("POLYGON", [(106, 204, 305), (110, 208, 310)], grid)
    assert box == ((1, 3), (2, 5), (3, 6))
    ball = [(104, 208, 310), (112, 208, 310), (108, 204, 310), (108, 212, 310),
            (108, 208, 305), (108, 208, 315)]  # fmt: skip
    assert box_in_image("ELLIPSOID", ball, grid) == ((1, 4), (2, 7), (2, 7))
    assert box_in_image("POINT", [(0, 0, 0)], grid) is None
