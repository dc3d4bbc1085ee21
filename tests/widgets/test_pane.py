from __future__ import annotations

import numpy as np
import pytest

from widgets.planes import planes


def test_arrange_turns_an_array_to_the_screen() -> None:
    values = np.arange(24).reshape(2, 3, 4)
    # x to the right of the patient, so that the display runs against it
    axial, coronal, sagittal = planes(np.diag([-1.0, 1, 1, 1]), values.shape)
    assert axial.arrange(values[1]).tolist() == values[1][:, ::-1].tolist()
    assert coronal.arrange(values[:, 2]).tolist() == values[::-1, 2, ::-1].tolist()
    assert sagittal.arrange(values[:, :, 0]).tolist() == values[::-1, :, 0].tolist()
    assert axial.arrange(values[1]).flags.c_contiguous


@pytest.mark.parametrize("which", [0, 1, 2])
def test_position_and_regular_speak_of_the_same_places(which: int) -> None:
    shape = (4, 5, 6)
    affine = np.array([[-1, 0, 0, 0], [0, 0, 3.0, 0], [0, 2, 0, 0], [0, 0, 0, 1]])
    pane = planes(affine, shape)[which]
    voxel = (3, 1, 2)
    plane = np.zeros(shape)
    plane[voxel] = 1
    shown = pane.regular(pane.arrange(np.take(plane, voxel[pane.axis], axis=pane.axis)), 0.5)
    down, right = np.argwhere(shown == 1).mean(axis=0) + 0.5
    assert (right * 0.5, down * 0.5) == pytest.approx(pane.position(voxel))


def test_the_browser_gets_plain_numbers() -> None:
    import json

    origins = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 5.0]])
    for pane in planes(np.eye(4), (3, 4, 5), origins):
        sent = json.loads(json.dumps(pane.to_json()))
        assert sent["width"] == pane.width
        if pane.strips is not None:
            assert sent["strips"] == pane.strips.ravel().tolist()
