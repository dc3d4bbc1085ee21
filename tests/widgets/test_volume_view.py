"""The 3D view's kernel side: what is sent, and what the selection does."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from explorer.patient import Patient
from explorer.space import index_to_lps
from widgets.selection import Selection
from widgets.view import View
from widgets.volume_view import VolumeView


@pytest.fixture
def view(sarcoma: Patient) -> VolumeView:
    seg = next(iter(sarcoma.segmentations.values()))
    return VolumeView(sarcoma.images[seg.image or ""], seg, Selection(), most=30_000)


def test_what_is_sent_is_small_and_in_place(view: VolumeView) -> None:
    sent = nib.Nifti1Image.from_bytes(view._volume.data)
    assert np.prod(sent.shape) <= 30_000
    assert nib.aff2axcodes(sent.affine) == ("R", "A", "S")
    (address,) = view.meshes
    assert address.endswith("#label=" + next(iter(view._surfaces))[1])
    assert isinstance(view, View)


def test_a_pick_moves_the_crosshair(view: VolumeView) -> None:
    image = view.image
    voxel = tuple(n // 3 for n in image.shape)
    view.selection.pick(image.address.at(voxel=voxel), by="report")
    at = view.viewer.scene.crosshair_pos
    sent = nib.Nifti1Image.from_bytes(view._volume.data)
    point = index_to_lps(image.affine, voxel, image.slice_origins) * [-1, -1, 1]
    index = np.linalg.inv(sent.affine) @ [*point, 1]
    np.testing.assert_allclose(at, (index[:3] + 0.5) / sent.shape[:3], atol=1e-6)


def test_what_is_lit_stays(view: VolumeView) -> None:
    (address,) = view.meshes
    view.selection.pick(address, by="graph")
    assert view.meshes[address].opacity == 1.0


def test_a_double_click_is_a_pick_and_an_echo_is_not(view: VolumeView) -> None:
    view._clicked({"mm": [-60.0, -120.0, -550.0]})
    assert view.selection.by == "VolumeView"
    assert view.selection.picked[0].endswith("#point=60.0,120.0,-550.0")
    picks = view.selection.picks
    view._clicked({"mm": [-60.1, -120.1, -550.0]})
    view._clicked({})
    assert view.selection.picks == picks


def test_figure(view: VolumeView) -> None:
    figure = view.figure(width=6)
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert labels == ["mm to the left", "", "mm to the left"]
