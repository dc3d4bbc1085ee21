"""Desk: what a napari viewer has open of a patient, and the selection that its panels share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import traitlets as t

from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.store import Store
from widgets.napari.box_layer import Box, box_layer
from widgets.napari.image_layer import LayerData, image_layer
from widgets.napari.label_layers import label_layers
from widgets.napari.patient_layers import patient_layers
from widgets.napari.placement import Placement
from widgets.napari.spot import Spot, spot
from widgets.napari.voxels_at import voxels_at
from widgets.napari.world import World
from widgets.palette import SELECTED
from widgets.patient_links import PatientLinks
from widgets.selection import Selection

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_desks: WeakKeyDictionary[Any, Desk] = WeakKeyDictionary()
_CHOSEN = "Selected"
_LEAST, _WANTED, _MOST = 0.1, 0.3, 0.9  # of the canvas, for what is gone to


class Desk(t.HasTraits):
    """One a viewer; `desk_of` gives it.

    A click in the image picks the voxel and the segments there; what others pick is gone to, and
    its box is drawn.

    Parameters
    ----------
    viewer : napari.Viewer

    Attributes
    ----------
    patient : Patient or None
        Observe it: panels show what is of this one.
    selection : Selection
        Of this patient; another one when another patient is opened.
    """

    patient = t.Any(None)
    selection = t.Instance(Selection, ())

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self.viewer = viewer
        viewer.mouse_drag_callbacks.append(self._pressed)

    def open_patient(self, patient: Patient, image: str | None = None) -> list[Layer]:
        """Show a patient in the place of what was shown of another one.

        Parameters
        ----------
        patient : Patient
        image : str, optional
            As in `patient_layers`.

        Returns
        -------
        list of napari.layers.Layer

        Raises
        ------
        NotFoundError
            It has not this image.
        """
        made = patient_layers(patient, image) if patient.images else []
        self.clear()
        self.take(patient)
        return self.add(made)

    def take(self, patient: Patient) -> None:
        """Let the panels show a patient."""
        self.selection.unobserve_all()
        self.selection = Selection(PatientLinks(patient))
        self.selection.observe(self._lit, "lit")
        self.patient = patient

    def list_patients(self, store: Store) -> None:
        """Show the list of a store's patients beside the picture, where there is a window."""
        if hasattr(self.viewer, "window"):
            dock = self.viewer.window.add_plugin_dock_widget("oncograph", "Patients")[1]
            dock.open_store(store)

    def clear(self) -> None:
        """Take away the layers that are of a patient; the others stay."""
        for layer in [one for one in self.viewer.layers if about(one)]:
            self.viewer.layers.remove(layer)

    def add(self, layers: list[LayerData]) -> list[Layer]:
        """Add layers that a reader made."""
        self.viewer.canvas.overlays.scale_bar.visible = True
        return [getattr(self.viewer, f"add_{kind}")(data, **shown) for data, shown, kind in layers]

    @property
    def world(self) -> World | None:
        """The axes of the viewer; None while nothing of a patient lies in it."""
        worlds = (about(layer).get("world") for layer in self.viewer.layers)
        return next((one for one in worlds if one is not None), None)

    def show(self, item: Image | Segmentation, label: str | None = None) -> list[Layer]:
        """Show an item beside what is shown; one that is shown already is made visible.

        Parameters
        ----------
        item : Image or Segmentation
        label : str, optional
            The segment that is meant; layers of others stay as they are.

        Returns
        -------
        list of napari.layers.Layer
        """
        there = self.layers_of(item, label)
        for layer in there:
            layer.visible = True
        if there:
            return there
        if isinstance(item, Segmentation):
            return self.add(label_layers(item, self.world))
        over = any(one._type_string == "image" for one in self.viewer.layers)
        return self.add([image_layer(item, self.world, over=over)])

    def layers_of(self, item: Image | Segmentation, label: str | None = None) -> list[Layer]:
        """The layers that show an item, or one segment of it."""
        plain = f"onco:{item.patient.key}/{item.collection}/{item.id}"
        return [
            one
            for one in self.viewer.layers
            if _plain(about(one)) == plain
            and (label is None or label in about(one)["labels"].values())
        ]

    def notes(self) -> list[str]:
        """What to know of how the layers are drawn; nothing where all lie in their places."""
        said = [
            f"{layer.name}: {about(layer)['note']}."
            for layer in self.viewer.layers
            if about(layer).get("note")
        ]
        if self.world is not None and self.world.oblique:
            said.append("The viewer's axes are those of the oblique image, not the patient's.")
        return said

    def go_to(self, address: str) -> bool:
        """Move to a place and outline it.

        Parameters
        ----------
        address : str

        Returns
        -------
        bool
            False where it is no place in an image of the patient.
        """
        try:
            found = spot(self.patient, address)
        except OncographError:
            return False
        if found is None:
            return False
        self._look_at(found)
        return True

    def _look_at(self, found: Spot) -> None:
        self.show(found.item, found.label)
        layer = self.layers_of(found.item, found.label)[0]
        placement = about(layer).get("placement")
        if placement is None:  # a picture
            scale = [layer.affine.affine_matrix[k, k] for k in (-3, -2)]
            world = tuple(i * s for i, s in zip(found.index, scale, strict=True))
        else:
            world = tuple(float(v) for v in placement.to_world(found.index))
        dims = self.viewer.dims
        for axis, value in zip(range(dims.ndim - len(world), dims.ndim), world, strict=True):
            dims.set_point(axis, value)
        if found.time is not None and dims.ndim > len(world):
            dims.set_point(0, found.time)
        self.viewer.scene.camera.center = (0.0, *world)[-3:]
        if placement is not None and found.box is not None:
            self._outline(found, layer)
            self._zoom_to(found.box, placement)

    def _zoom_to(self, box: Box, placement: Placement) -> None:
        """Come nearer to what would hardly be seen, and step back from what is not seen whole."""
        edges = np.array(box, float) - 0.5
        if (np.diff(edges) < 2).all():
            return  # a voxel
        corners = placement.to_world([edges[[0, 1, 2], pick] for pick in np.ndindex(2, 2, 2)])
        shown = [axis - self.viewer.dims.ndim for axis in self.viewer.dims.displayed]
        size = float(np.ptp(corners, axis=0)[shown].max())
        camera, canvas = self.viewer.scene.camera, min(self.viewer.canvas.size)
        share = size * camera.zoom / canvas
        if not _LEAST <= share <= _MOST:
            camera.zoom = _WANTED * canvas / size

    def _outline(self, found: Spot, layer: Layer) -> None:
        where = about(layer)
        data, shown, _ = box_layer(
            [found.box or ()], [SELECTED], _CHOSEN, where["placement"], where["world"]
        )
        for old in [one for one in self.viewer.layers if one.name == _CHOSEN and about(one)]:
            self.viewer.layers.remove(old)
        active = self.viewer.layers.selection.active
        self.viewer.add_shapes(data, **{**shown, "edge_width": 0.6})
        self.viewer.layers.selection.active = active if active in self.viewer.layers else layer

    def _lit(self, _: Any) -> None:
        if self.selection.by == type(self).__name__:
            return
        for address in self.selection.lit:
            if self.go_to(address):
                return

    def _pressed(self, viewer: ViewerModel, event: Any) -> Any:
        """A click, not a drag: what is there is picked. Nothing while somebody paints."""
        active = viewer.layers.selection.active
        mode = str(getattr(active, "mode", "pan_zoom"))
        if event.button != 1 or mode not in ("pan_zoom", "transform", "pick"):
            return
        yield
        while event.type == "mouse_move":
            if event.pos is not None:
                return
            yield
        self.click(event.position)

    def click(self, position: tuple[float, ...]) -> None:
        """Pick what is at a place of the viewer's world."""
        found = voxels_at(self.viewer, position)
        if found and self.patient is not None:
            self.selection.pick(*found, by=type(self).__name__)


def desk_of(viewer: ViewerModel) -> Desk:
    """The desk of a viewer; made at the first question."""
    plain = getattr(viewer, "__wrapped__", viewer)  # plugins are handed a proxy
    if plain not in _desks:
        _desks[plain] = Desk(plain)
    return _desks[plain]


def about(layer: Layer) -> dict[str, Any]:
    """What is known of a layer that came from a store; empty for another one."""
    found = layer.metadata.get("oncograph")
    return found if isinstance(found, dict) else {}


def _plain(known: dict[str, Any]) -> str:
    return str(known.get("address", "")).partition("@")[0]
