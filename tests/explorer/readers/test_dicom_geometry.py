from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

STEP = 3.27  # mm, of the STS patients' slices


@pytest.fixture(scope="module")
def ct(sts: Path) -> Path:
    return sts / "STS_002" / "CT" / "image"


def keep(index: int, file: Any) -> None:
    """Change nothing."""


def ten(files: list[Any]) -> list[Any]:
    return files[:10]


def shift(file: Any, axis: int, by: float) -> None:
    position = [float(one) for one in file.ImagePositionPatient]
    position[axis] += by
    file.ImagePositionPatient = [f"{one:.6f}" for one in position]


def test_missing_slices_are_counted_and_positions_kept(
    ct: Path, dicom: Any, tmp_path: Path
) -> None:
    paths = dicom.edit(ct, tmp_path, keep, lambda files: files[:10] + files[12:20])
    draft = dicom.image(paths)
    assert draft.problems == [
        "2 slice(s) missing after slice 9 (a step of 9.810 mm, usually 3.270 mm)"
    ]
    assert draft.slice_origins is not None
    np.testing.assert_allclose(np.diff(draft.slice_origins[:, 2])[9], 3 * STEP, atol=1e-6)
    np.testing.assert_allclose(draft.affine[2, 2], 19 * STEP / 17, atol=1e-6)
    np.testing.assert_array_equal(draft.load(), np.delete(dicom.image(ct).load(), [10, 11], 0)[:18])


def test_uneven_slices(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        shift(file, 2, 0.0 if index < 5 else 1.0)

    draft = dicom.image(dicom.edit(ct, tmp_path, change, ten))
    assert draft.problems == [
        "uneven slices: steps from 3.270 to 4.270 mm, usually 3.270 mm; "
        "the position of each is kept"
    ]
    assert draft.slice_origins.shape == (10, 3)


def test_a_tilted_gantry_shears_the_affine(ct: Path, dicom: Any, tmp_path: Path) -> None:
    """Each slice is shifted along y, as a tilted gantry leaves them: 10 degrees."""
    by = STEP * np.tan(np.radians(10))
    draft = dicom.image(
        dicom.edit(ct, tmp_path, lambda index, file: shift(file, 1, index * by), ten)
    )
    assert len(draft.problems) == 1
    assert "tilted" in draft.problems[0]
    assert "10.00 degrees" in draft.problems[0]
    np.testing.assert_allclose(draft.affine[:3, 2], [0, by, STEP], atol=1e-5)
    placed = draft.affine @ np.array([[0, 0, k, 1] for k in range(10)]).T
    np.testing.assert_allclose(placed[:3].T, draft.slice_origins, atol=1e-5)


def test_shifted_slices(ct: Path, dicom: Any, tmp_path: Path) -> None:
    draft = dicom.image(
        dicom.edit(ct, tmp_path, lambda index, file: shift(file, 0, 2.0 * (index == 4)), ten)
    )
    assert draft.problems == ["slices are shifted in their plane by up to 2.000 mm"]
    assert draft.slice_origins is not None


def test_slices_that_say_no_position(ct: Path, dicom: Any, tmp_path: Path) -> None:
    def change(index: int, file: Any) -> None:
        file.InstanceNumber = index
        del file.ImagePositionPatient
        del file.ImageOrientationPatient

    draft = dicom.image(dicom.edit(ct, tmp_path, change, ten))
    assert draft.frame_of_reference is None
    assert "no position and orientation" in draft.problems[0]
    np.testing.assert_array_equal(draft.load(), dicom.image(ct).load()[:10])
