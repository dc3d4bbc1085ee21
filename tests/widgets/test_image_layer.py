"""A second image on the planes of the first one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.errors import GeometryError
from explorer.patient import Patient
from widgets.chunk_cache import ChunkCache
from widgets.image_layer import ImageLayer
from widgets.lattice import Lattice
from widgets.planes import planes


def _lattice(image: Any) -> Lattice:
    return Lattice(image.affine, image.shape[-3:], image.slice_origins)


def test_pet_on_ct_is_the_pet_at_that_place(sarcoma: Patient) -> None:
    ct, pet = sarcoma.images["CT"], sarcoma.images["PT"]
    layer = ImageLayer(pet, ct, _lattice(ct), ChunkCache())
    values = pet.data.values
    for voxel in [(10, 40, 50), (23, 71, 81), (30, 100, 20)]:
        x, y, z = ct.affine[:3] @ np.array([*voxel[::-1], 1])
        at = (np.linalg.inv(pet.affine) @ np.array([x, y, z, 1]))[2::-1]
        low = np.floor(at).astype(int)
        cube = values[tuple(slice(k, k + 2) for k in low)].astype(float)
        for part in at - low:  # z, then y, then x
            cube = cube[0] * (1 - part) + cube[1] * part
        assert layer.value(voxel) == pytest.approx(float(cube), rel=1e-3)
        assert layer.plane(0, voxel[0])[voxel[1:]] == pytest.approx(float(cube), rel=1e-3)


def test_a_registration_places_it(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    ramp = np.broadcast_to(np.arange(12, dtype=np.int16), (4, 10, 12)).copy()
    patient = made(
        image_draft("a", ramp, np.eye(4)),
        image_draft("b", ramp, np.eye(4), frame_of_reference="9.9"),
    )
    a, b = patient.images["a"], patient.images["b"]
    with pytest.raises(GeometryError, match="no frame of reference"):
        ImageLayer(b, a, _lattice(a), ChunkCache())
    moved = np.eye(4)
    moved[0, 3] = 2.5
    layer = ImageLayer(b, a, _lattice(a), ChunkCache(), moved)
    row = layer.plane(0, 1)[3]
    assert row[:9] == pytest.approx(np.arange(9) + 2.5)
    assert np.isnan(row[10:]).all()
    about, data = layer.part(planes(a.affine, a.shape)[0], 1, 0)
    assert about["dtype"] == "float32"
    assert len(data) == 4 * 120
    for wrong in (np.zeros((4, 4)), np.eye(3), np.full((4, 4), np.nan)):
        with pytest.raises(GeometryError, match="4 x 4"):
            ImageLayer(b, a, _lattice(a), ChunkCache(), wrong)


def test_a_single_plane_is_fused_with_nothing(
    made: Callable[..., Patient], image_draft: Callable[..., Any]
) -> None:
    flat = image_draft("dx", np.zeros((8, 9), np.int16), np.eye(4), modality="DX")
    patient = made(flat, image_draft("b", np.zeros((2, 3, 4), np.int16), np.eye(4)))
    dx = patient.images["dx"]
    with pytest.raises(GeometryError, match="single plane"):
        ImageLayer(patient.images["b"], dx, Lattice(dx.affine, (1, 8, 9)), ChunkCache())
