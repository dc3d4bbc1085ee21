from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.image import Image
from explorer.store import Store
from graphs import findings, groundings
from widgets.napari.desk import about, desk_of
from widgets.palette import SELECTED

Settle = Callable[..., None]


def _near(pixels: Any, color: Any, tolerance: int = 40) -> Any:
    return np.abs(pixels[..., :3].astype(int) - np.asarray(color)).max(axis=-1) <= tolerance


def _drawn(viewer: Any, settle: Settle) -> Any:
    settle()
    return viewer.screenshot(canvas_only=True, flash=False)


def _world_of_pixel(viewer: Any, pixels: Any) -> Any:
    """Mean place in the world ``(y, x)`` of pixels of the canvas, by the camera alone."""
    height, width = pixels.shape
    middle = np.argwhere(pixels).mean(axis=0) + 0.5
    zoom = viewer.scene.camera.zoom * height / viewer.canvas.size[0]
    return np.asarray(viewer.scene.camera.center[-2:]) + (middle - [height / 2, width / 2]) / zoom


def test_a_phrase_leads_to_its_place_and_a_click_there_to_the_phrase(
    viewer: Any, told: Store, settle: Settle
) -> None:
    patient = told["LIDC-IDRI-0314"]
    desk = desk_of(viewer)
    desk.open_patient(patient)
    nodule = next(one for one in findings(patient) if one.entity == "nodule")
    place = next(one for one in groundings(patient) if one.finding == nodule.id)
    words = f"onco:{patient.key}/reports/{nodule.item}#chars={nodule.start}:{nodule.end}"
    desk.selection.pick(words, by="Somebody")
    masks = next(iter(patient.segmentations.values()))
    label = str(Address.parse(f"onco:{patient.key}/{place.target}").fragment["label"])
    mask = np.asarray(masks.stored[masks.labels.index(label)])
    z = int(mask.sum(axis=(1, 2)).argmax())
    y, x = np.argwhere(mask[z]).mean(axis=0)
    layer = desk.layers_of(masks)[0]
    expected = about(layer)["placement"].to_world([z, y, x])
    np.testing.assert_allclose(viewer.scene.camera.center[-2:], expected[1:], atol=1e-3)
    step = masks.spacing_mm[0]
    assert abs(viewer.dims.point[0] - expected[0]) <= step / 2
    box = viewer.layers["Selected"]
    low = np.argwhere(mask).min(axis=0)
    assert len(box.data) == np.ptp(np.argwhere(mask)[:, 0]) + 1
    np.testing.assert_allclose(np.min(box.data, axis=(0, 1)), [low[0], *(low[1:] - 0.5)])
    edge = tuple(int(SELECTED[k : k + 2], 16) for k in (1, 3, 5))
    for other in desk.layers_of(masks):
        other.visible = False
    seen = _world_of_pixel(viewer, _near(_drawn(viewer, settle), edge, 60))
    middle = about(layer)["placement"].to_world((low + np.argwhere(mask).max(axis=0)) / 2)[1:]
    np.testing.assert_allclose(seen, middle, atol=0.7)  # mm; a voxel has 0.78
    for other in desk.layers_of(masks):
        other.visible = True
    desk.click(tuple(about(layer)["placement"].to_world([z, round(y), round(x)])))
    assert desk.selection.by == "Desk"
    picked = desk.selection.picked
    assert f"onco:{patient.key}/{place.target}" in picked
    assert any(f"#voxel={z},{round(y)},{round(x)}" in one for one in picked)
    assert nodule.id in {one.item for one in desk.selection.of_kind("findings")}
    lit = [one.fragment["chars"] for one in desk.selection.of_kind("reports")]
    assert any(start <= nodule.start and nodule.end <= end for start, end in lit)


def test_a_mask_is_drawn_in_its_colour_where_it_lies_in_an_oblique_image(
    viewer: Any, told: Store, settle: Settle
) -> None:
    patient = told["PCAMPMRI-00001"]
    desk = desk_of(viewer)
    desk.open_patient(patient)
    assert "axes are those of the oblique image" in desk.notes()[0]
    (masks,) = patient.segmentations.values()
    layers = {next(iter(about(one)["labels"].values())): one for one in desk.layers_of(masks)}
    for layer in viewer.layers:
        layer.visible = layer is layers["Lesion"]
    layers["Lesion"].opacity = 1.0
    assert desk.go_to(f"onco:{patient.key}/segmentations/{masks.id}#label=Lesion")
    viewer.layers["Selected"].visible = False
    pixels = _near(_drawn(viewer, settle), masks.colors["Lesion"], 12)
    mask = np.asarray(masks.stored[masks.labels.index("Lesion")])
    z = int(mask.sum(axis=(1, 2)).argmax())
    placement = about(layers["Lesion"])["placement"]
    middle = placement.to_world([z, *np.argwhere(mask[z]).mean(axis=0)])
    np.testing.assert_allclose(_world_of_pixel(viewer, pixels), middle[1:], atol=0.35)
    zoom = viewer.scene.camera.zoom * pixels.shape[0] / viewer.canvas.size[0]
    area = pixels.sum() / zoom**2
    y, x = masks.spacing_mm[1:]
    assert area == pytest.approx(mask[z].sum() * y * x, rel=0.05)
    viewer.dims.ndisplay = 3
    assert _near(_drawn(viewer, settle), masks.colors["Lesion"], 90).sum() > 20
    viewer.dims.ndisplay = 2


def test_a_pet_over_its_ct_and_other_items_beside(viewer: Any, demo: Store, settle: Settle) -> None:
    patient = demo["STS_002"]
    desk = desk_of(viewer)
    desk.open_patient(patient)
    kinds = [(one._type_string, one.name.split()[0]) for one in viewer.layers]
    assert kinds == [("image", "CT"), ("image", "PT"), ("labels", "GTV_Mass_CT"),
                     ("labels", "GTV_Mass_PET")]  # fmt: skip
    assert viewer.layers[1].blending == "additive"
    assert viewer.layers[1].colormap.name == "inferno"
    assert viewer.canvas.overlays.scale_bar.visible
    assert str(viewer.dims.units[0]) == "millimeter"
    colour = _drawn(viewer, settle)[..., :3].astype(int)
    assert (np.ptp(colour, axis=-1) > 60).sum() > 1000  # of the PET; the CT is grey
    (layer,) = desk.show(patient.images["MR"])
    assert layer.blending == "additive"
    assert desk.show(patient.images["MR"]) == [layer]
    desk.open_patient(demo["TCGA-BP-5195"])
    assert len(viewer.layers) == 0
    assert desk.patient.label == "TCGA-BP-5195"


def test_opening_the_biggest_patient_reads_the_slices_that_are_drawn(
    viewer: Any, demo: Store, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[Any] = set()
    plain = Image.read

    def counted(self: Image, index: tuple[Any, ...]) -> Any:
        z = index[0]
        read.update(range(*z.indices(61)) if isinstance(z, slice) else [int(z)])
        return plain(self, index)

    monkeypatch.setattr(Image, "read", counted)
    desk_of(viewer).open_patient(demo["TCGA-34-2605"])
    settle()
    assert len(read) <= 3  # of 61
    viewer.dims.set_current_step(0, 50)
    settle()
    assert 50 in read
    assert len(read) <= 4


def test_what_is_no_place_moves_nothing(viewer: Any, told: Store) -> None:
    patient = told["LIDC-IDRI-0314"]
    desk = desk_of(viewer)
    desk.open_patient(patient)
    before = viewer.dims.point, viewer.scene.camera.center
    image = next(iter(patient.images))
    for address in (
        "onco:somebody/images/ct-1#voxel=1,2,3",
        f"onco:{patient.key}/images/{image}",
        f"onco:{patient.key}/images/{image}#voxel=1,2,9999",
        f"onco:{patient.key}/segmentations/nobody#label=x",
        f"onco:{patient.key}/reports/r",
    ):
        assert not desk.go_to(address)
    desk.selection.pick(f"onco:{patient.key}/images/{image}#voxel=1,2,9999")
    assert (viewer.dims.point, viewer.scene.camera.center) == before
    assert desk.go_to(f"onco:{patient.key}/images/{image}#voxel=1,2,3")
    assert desk_of(viewer) is desk
    desk.click((1e6, 0, 0))
    assert desk.selection.by != "Desk"
