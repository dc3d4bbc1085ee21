from __future__ import annotations

import numpy as np

from widgets.lattice import Lattice

TILTED = np.array([[0.8, 0, 0, 5], [0, 0.8, 0.7, -3], [0, 0, 2.5, 11], [0, 0, 0, 1.0]])


def test_there_and_back_with_a_sheared_affine() -> None:
    lattice = Lattice(TILTED, (4, 5, 6))
    index = np.array([[0, 0, 0], [3, 4, 5], [1, 2, 3]])
    points = lattice.to_lps(index)
    np.testing.assert_allclose(points[1], [5 + 5 * 0.8, -3 + 4 * 0.8 + 3 * 0.7, 11 + 7.5])
    found, inside = lattice.nearest(points + 0.1)
    assert found.tolist() == index.tolist()
    assert inside.all()


def test_a_point_outside_says_so_and_is_clipped() -> None:
    found, inside = Lattice(np.eye(4), (4, 5, 6)).nearest([[-3.0, 2.0, 9.0], [5.4, 0, 0]])
    assert found.tolist() == [[3, 2, 0], [0, 0, 5]]
    assert inside.tolist() == [False, True]


def test_uneven_slices_are_found_by_their_own_places() -> None:
    origins = np.array([[0, 0, 0], [0, 0, 2], [0, 0, 4], [0, 0, 20.0]])
    lattice = Lattice(np.diag([1.0, 1, 6.67, 1]), (4, 5, 6), origins)
    np.testing.assert_allclose(lattice.to_lps([3, 1, 2]), [2, 1, 20])
    found, inside = lattice.nearest([[2, 1, 19.5], [2, 1, 4.4], [2, 1, 12.0]])
    assert found[:2].tolist() == [[3, 1, 2], [2, 1, 2]]
    assert inside.tolist() == [True, True, False], "nothing was taken at 12 mm"


def test_slices_that_run_downwards() -> None:
    origins = np.array([[0, 0, 9], [0, 0, 5], [0, 0, 0.0]])
    affine = np.diag([1.0, 1, -4.5, 1])
    found, inside = Lattice(affine, (3, 5, 6), origins).nearest([[1, 2, 5.2], [0, 0, 0.3]])
    assert found.tolist() == [[1, 2, 1], [2, 0, 0]]
    assert inside.all()
