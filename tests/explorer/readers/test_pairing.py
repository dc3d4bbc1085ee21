from __future__ import annotations

from pathlib import Path

import numpy as np

from explorer.draft import Grid, Source
from explorer.readers.pairing import pair_mask
from explorer.space import make_affine

SHAPE = (5, 6, 7)
AFFINE = make_affine((1, 2, 3), np.diag([1.0, 1.0, 2.5]))


def source(uri: str) -> Source:
    return Source(Path(uri), uri, uri.rpartition("/")[2], True, 0, 0, "")


def grid(uri: str, affine: np.ndarray = AFFINE, shape: tuple[int, int, int] = SHAPE) -> Grid:
    return Grid(uri, shape, affine, uri=uri)


def test_the_only_image_with_its_grid() -> None:
    other = grid("/p/PET_image.nii", AFFINE @ np.diag([2, 2, 1, 1]))
    found = pair_mask(source("/p/CT_mask.nii"), AFFINE, SHAPE, [other, grid("/p/CT_image.nii")])
    assert found.image
    assert found.image.item == "/p/CT_image.nii"
    assert found.reason == "the only image with its grid in its folder"


def test_one_in_another_folder_serves_where_it_is_alone() -> None:
    found = pair_mask(source("/p/labels/a.nii"), AFFINE, SHAPE, [grid("/p/images/a.nii")])
    assert found.image is not None
    assert found.reason == "the only image with its grid there is"


def test_its_own_folder_comes_first() -> None:
    grids = [grid("/p/one/ct.nii"), grid("/p/two/ct.nii")]
    found = pair_mask(source("/p/two/seg.nii"), AFFINE, SHAPE, grids)
    assert found.image is grids[1]


def test_the_name_most_alike() -> None:
    grids = [grid(f"/p/{name}.nii.gz") for name in ("case_1_t1", "case_1_t2", "case_2_t1")]
    found = pair_mask(source("/p/case_1_t2_seg.nii.gz"), AFFINE, SHAPE, grids)
    assert found.image is grids[1]
    assert "named most like it" in found.reason
    found = pair_mask(source("/p/case_1_seg.nii.gz"), AFFINE, SHAPE, grids)
    assert found.image is None
    assert found.reason == "2 images share this grid: say which one with --pair MASK=IMAGE"
    found = pair_mask(source("/p/seg.nii.gz"), AFFINE, SHAPE, grids)
    assert found.reason.startswith("3 images share this grid")


def test_no_image() -> None:
    shifted = grid("/p/ct.nii", AFFINE @ make_affine((0.3, 0, 0), np.eye(3)))
    larger = grid("/p/ct.nii", AFFINE, (6, 6, 7))
    for grids in ([], [shifted], [larger]):
        found = pair_mask(source("/p/seg.nii"), AFFINE, SHAPE, grids)
        assert found.image is None
        assert found.placement is None
        assert found.reason == "no image of the patient has its grid"


def test_a_mirrored_grid_is_the_same_grid() -> None:
    mirrored = AFFINE @ np.diag([1.0, -1, 1, 1]) @ make_affine((0, -5, 0), np.eye(3))
    found = pair_mask(source("/p/seg.nii"), mirrored, SHAPE, [grid("/p/ct.nii")])
    assert found.placement
    assert found.placement.flipped == (False, True, False)


def test_what_was_said_is_done() -> None:
    grids = [grid("/p/t1.nii"), grid("/p/t2.nii"), grid("/dicom/series/001.dcm")]
    mask = source("/p/seg.nii")
    assert pair_mask(mask, AFFINE, SHAPE, grids, "/p/t2.nii").image is grids[1]
    for said in ("/dicom/series", "/dicom/series/", "/dicom/series/007.dcm"):
        assert pair_mask(mask, AFFINE, SHAPE, grids, said).image is grids[2]
    found = pair_mask(mask, AFFINE, SHAPE, grids, "/p")
    assert found.image is None
    assert found.reason == "2 images of the patient come from the file said with --pair"
    found = pair_mask(mask, AFFINE, SHAPE, grids, "/q/t1.nii")
    assert found.reason.startswith("0 images")


def test_what_was_said_but_does_not_fit() -> None:
    found = pair_mask(
        source("/p/seg.nii"),
        AFFINE @ np.diag([2, 2, 1, 1]),
        SHAPE,
        [grid("/p/ct.nii")],
        "/p/ct.nii",
    )
    assert found.image is not None
    assert found.placement is None
    assert found.reason.startswith("said with --pair; it keeps its own grid")
