"""ReXGroundingCT's masks: which channel is which finding, and which way they lie."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.errors import GeometryError
from explorer.space import flip_ras_lps, index_to_lps
from graphs.errors import FormatError
from graphs.formats import rexgroundingct

DOCUMENT = {"val": [{"name": "a.nii.gz", "findings": {"0": "a nodule", "1": "an effusion"}}]}
# asymmetric in shape, spacing and place: a flip or a swapped axis moves the two voxels
SHAPE = (5, 7, 4)  # i, j, k
RAS = np.array([[0.8, 0, 0, -100], [0, 0.9, 0, -50], [0, 0, 2.5, 30], [0, 0, 0, 1.0]])
AT = [(1, 5, 0), (4, 0, 3)]


def _channels() -> NDArray[np.uint8]:
    made = np.zeros((*SHAPE, 2), np.uint8)
    for channel, (i, j, k) in enumerate(AT):
        made[i, j, k, channel] = 1
    return made


def _points() -> NDArray[np.float64]:
    """Where the voxels of `AT` are, in mm LPS, by NIfTI's own rule."""
    ras = np.array([(RAS @ [*index, 1])[:3] for index in AT])
    return ras * [-1, -1, 1]


def _found(masks: rexgroundingct.FindingMasks) -> NDArray[np.float64]:
    index = [np.argwhere(one)[0] for one in masks.masks]
    return index_to_lps(masks.affine, np.array(index))


@pytest.mark.parametrize("flips", [(), (0,), (0, 1), (0, 1, 2)])
def test_findings_lie_where_the_file_says(tmp_path: Path, flips: tuple[int, ...]) -> None:
    """Turned arrays have turned affines: the points in the patient stay."""
    data, affine = _channels(), RAS.copy()
    for axis in flips:
        data = np.flip(data, axis)
        affine[:, 3] += affine[:, axis] * (SHAPE[axis] - 1)
        affine[:, axis] *= -1
    path = tmp_path / "a.nii.gz"
    nib.save(nib.Nifti1Image(data, affine), path)
    (graph,) = rexgroundingct.read(DOCUMENT)
    found = rexgroundingct.masks(graph, path)
    assert found.masks.shape == (2, 4, 7, 5)
    assert found.channels == (0, 1)
    np.testing.assert_allclose(_found(found), _points(), atol=1e-4)


def test_findings_along_the_first_axis_need_the_ct(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    nib.save(nib.Nifti1Image(np.moveaxis(_channels(), 3, 0), np.eye(4)), path)
    (graph,) = rexgroundingct.read(DOCUMENT)
    with pytest.raises(GeometryError, match="first axis"):
        rexgroundingct.masks(graph, path)
    found = rexgroundingct.masks(graph, path, affine=flip_ras_lps(RAS))
    np.testing.assert_allclose(_found(found), _points(), atol=1e-4)


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    (graph,) = rexgroundingct.read(DOCUMENT)
    path = tmp_path / "a.nii"
    path.write_bytes(b"nothing")
    with pytest.raises(FormatError):
        rexgroundingct.masks(graph, path)
    with pytest.raises(FormatError):
        rexgroundingct.masks(graph, tmp_path / "none.nii.gz")
    nib.save(nib.Nifti1Image(np.zeros((5, 7, 4, 3), np.uint8), RAS), path)
    with pytest.raises(FormatError, match="2 findings"):
        rexgroundingct.masks(graph, path)
