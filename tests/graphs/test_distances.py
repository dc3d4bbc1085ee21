from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphs.distances import distances
from graphs.lesions import lesions


def by_name(patient: Any, **options: Any) -> dict[str, Any]:
    (lesion,) = [one for one in lesions(patient, keep=False) if one.label == "tumour"]
    return {one.name: one for one in distances(lesion, patient, **options)}


def cube(shape: tuple[int, int, int], *edges: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[tuple(slice(*edge) for edge in edges)] = True
    return mask


@pytest.mark.parametrize(
    ("gap", "mm", "contact"),
    [(0, 2.0, True), (1, 4.0, True), (2, 6.0, False)],
)
def test_contact_is_within_a_voxel_diagonal(
    outlined: Callable[..., Any], thorax: Any, gap: int, mm: float, contact: bool
) -> None:
    # voxels of 3 x 2 x 2 mm: the diagonal is 4.12 mm
    tumour = cube(thorax.shape, (5, 10), (20, 30), (20, 30))
    liver = cube(thorax.shape, (5, 10), (20, 30), (30 + gap, 50))
    found = by_name(outlined("Anna", {"liver": liver}, {"tumour": tumour}))["liver"]
    assert found.mm == pytest.approx(mm)
    assert (found.contact, found.overlap, found.vessel) == (contact, 0, False)
    assert found.target == "segmentations/seg-1#label=liver"


def test_what_shares_voxels_is_at_no_distance(outlined: Callable[..., Any], thorax: Any) -> None:
    tumour = cube(thorax.shape, (5, 10), (20, 30), (20, 30))
    liver = cube(thorax.shape, (0, 15), (20, 30), (20, 25))
    masks = {"liver": liver, "brain": np.ones(thorax.shape, bool), "label 3": liver, "GTV": liver}
    found = by_name(outlined("Anna", masks, {"tumour": tumour}))
    assert set(found) == {"liver", "brain", "GTV"}
    assert {one.mm for one in found.values()} == {0}
    assert (found["liver"].overlap, found["brain"].overlap) == (0.5, 1)
    assert found["GTV"].role == "lesion"


def test_far_structures_are_left_out(outlined: Callable[..., Any], thorax: Any) -> None:
    tumour = cube(thorax.shape, (5, 10), (20, 30), (2, 8))
    liver = cube(thorax.shape, (5, 10), (20, 30), (40, 50))
    patient = outlined("Anna", {"liver": liver}, {"tumour": tumour})
    assert by_name(patient) == {}
    assert by_name(patient, within_mm=100)["liver"].mm == pytest.approx(66)


def test_the_angle_of_contact_with_a_vessel(outlined: Callable[..., Any], thorax: Any) -> None:
    y, x = np.indices(thorax.shape[1:]) - np.array([30, 40])[:, None, None]
    aorta = np.broadcast_to(np.hypot(x, y) <= 6, thorax.shape)
    around = np.broadcast_to((np.hypot(x, y) <= 12) & (np.hypot(x, y) > 6), thorax.shape)
    slab = np.zeros(thorax.shape, bool)
    slab[8:14] = True
    encased = outlined("A", {"aorta": aorta}, {"tumour": around & slab})
    half = outlined("B", {"aorta": aorta}, {"tumour": around & slab & (x > 0)})
    beside = outlined("C", {"aorta": aorta}, {"tumour": around & slab & (x > 8)})
    assert by_name(encased)["aorta"].angle == pytest.approx(360)
    assert by_name(half)["aorta"].angle == pytest.approx(200, abs=30)
    last = by_name(beside)["aorta"]
    assert last.vessel
    assert not last.contact
    assert last.angle is None
