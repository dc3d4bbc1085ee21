from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphs.errors import MeasureError
from graphs.lesion_figure import lesion_figure
from graphs.lesions import lesions


def test_the_diameters_lie_where_they_were_measured(
    outlined: Callable[..., Any], thorax: Any
) -> None:
    mask = thorax.ellipsoid((36, 5, 28), (12, 7, 9))
    patient = outlined("Anna", {"$tumour$": mask})
    (lesion,) = lesions(patient, keep=False)
    (axes,) = lesion_figure(lesion, patient).axes
    longest, across = axes.lines
    ends = np.column_stack(longest.get_data())
    assert np.linalg.norm(ends[0] - ends[1]) == pytest.approx(lesion.measures.longest_mm)
    # mm from the first voxel, which lies at x = -80 and y = -60
    points = np.asarray(lesion.measures.longest_at)
    np.testing.assert_allclose(ends, points[:, :2] + (80, 60))
    shorter = np.column_stack(across.get_data())
    assert np.linalg.norm(shorter[0] - shorter[1]) == pytest.approx(
        lesion.measures.perpendicular_mm
    )
    assert {one.get_text() for one in axes.texts} == {"R", "L", "A", "P"}
    assert axes.get_xlabel() == "mm"
    assert axes.get_title() == f"$tumour$, slice {lesion.measures.plane} of CT"
    with pytest.raises(MeasureError, match="no volume"):
        lesion_figure(replace(lesion, image=None), patient)
