"""VolumeView: a volume and its segments in three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as w
import nibabel as nib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import GeometryError
from explorer.image import Image
from explorer.segmentation import Segmentation
from explorer.space import flip_ras_lps, index_to_lps
from widgets.coarse import Coarse, coarse
from widgets.presets import presets
from widgets.selection import Selection
from widgets.surface import Surface, surface
from widgets.surface_figure import surface_figure

_FAINT = 0.25


class VolumeView(w.VBox):  # type: ignore[misc]
    """Look at a volume from all around: niivue in the browser, over a coarse copy.

    What is drawn is made of block means (see `widgets.coarse`) and smoothed surfaces: it shows
    where things lie; values and sizes come from the planes. Nothing of the source travels whole.

    Parameters
    ----------
    image : Image
        ``(z, y, x)`` or ``(t, z, y, x)``; of the latter the first time point.
    segmentations : Segmentation or sequence of Segmentation, optional
        A surface for each segment, the first `most_segments`.
    selection : Selection, optional
        A double click picks the point under it; what is lit of the segments stays, the others fade.
    most : int
        Voxels of the coarse volume.
    most_segments : int
    height : int
        CSS pixels.

    Attributes
    ----------
    selection : Selection
    viewer : ipyniivue.NiiVue

    Raises
    ------
    GeometryError
        The image is no volume.
    """

    def __init__(
        self,
        image: Image,
        segmentations: Segmentation | Sequence[Segmentation] = (),
        selection: Selection | None = None,
        *,
        most: int = 2_000_000,
        most_segments: int = 40,
        height: int = 520,
    ) -> None:
        from ipyniivue import Mesh, NiiVue, SliceType, Volume

        segs = [segmentations] if isinstance(segmentations, Segmentation) else list(segmentations)
        self.image, self.selection = image, selection or Selection()
        self._coarse = coarse(image, most)
        self._surfaces = _surfaces(segs, most_segments)
        first = presets(image, lambda: self._coarse.values.astype(float).ravel())[0]
        # without X-ray the volume around a segment would hide it
        self.viewer = NiiVue(
            height=height, is_orient_cube=True, show_3d_crosshair=True, mesh_xray=0.6,
            crosshair_color=(1.0, 0.69, 0.0, 1.0),
        )  # fmt: skip
        self.viewer.set_slice_type(SliceType.RENDER)
        low, high = first.level - first.window / 2, first.level + first.window / 2
        self._nifti, self._to_index = _nifti(self._coarse)
        self._volume = Volume(
            name="volume.nii", data=self._nifti.to_bytes(), cal_min=low, cal_max=high,
            colormap="gray", opacity=0.5 if self._surfaces else 1.0,
        )  # fmt: skip
        self.viewer.load_volumes([self._volume])
        self.meshes = {
            address: Mesh(
                name=f"segment-{k}.mz3", data=_mz3(shape), rgba255=[*color, 255], opacity=1.0
            )
            for k, (address, _, color, shape) in enumerate(self._surfaces)
        }
        self.viewer.load_meshes(list(self.meshes.values()))
        self.viewer.on_location_change(self._clicked)
        super().__init__([self._legend(), self.viewer, self._controls(), self._remark()])
        self.add_class("onco")
        self.selection.observe(self._lit, "lit")
        self._lit()

    def figure(self, **options: Any) -> Figure:
        """The surfaces seen from the front, the left and above, in mm LPS; see `surface_figure`."""
        shown = [(name, color, shape) for _, name, color, shape in self._surfaces]
        return surface_figure(self.image, shown, **options)

    def _legend(self) -> w.Widget:
        boxes = []
        for address, name, color, _ in self._surfaces:
            box = w.Checkbox(value=True, description=name, indent=False, tooltip=name,
                             layout=w.Layout(width="auto", margin="0 14px 0 0"))  # fmt: skip
            box.style.description_width = "initial"
            box.layout.border_left = f"6px solid rgb{color}"
            box.observe(lambda change, a=address: self._show(a, change["new"]), "value")
            boxes.append(box)
        return w.HBox(boxes, layout=w.Layout(flex_flow="row wrap", max_height="120px",
                                             overflow="auto"))  # fmt: skip

    def _controls(self) -> w.Widget:
        opacity = w.FloatSlider(
            value=self._volume.opacity, min=0, max=1, step=0.05, description="Volume",
            readout=False, continuous_update=False,
        )  # fmt: skip
        opacity.observe(lambda change: self.viewer.set_opacity(0, change["new"]), "value")
        turns = [("Front", 180, 10), ("Left", 90, 10), ("Back", 0, 10), ("Above", 180, 89)]
        buttons = []
        for name, azimuth, elevation in turns:
            button = w.Button(description=name, layout=w.Layout(width="72px"),
                              tooltip=f"Look from: {name.lower()}")  # fmt: skip
            button.on_click(lambda _, a=azimuth, e=elevation: self._turn(a, e))
            buttons.append(button)
        return w.HBox([opacity, *buttons], layout=w.Layout(flex_flow="row wrap"))

    def _turn(self, azimuth: int, elevation: int) -> None:
        self.viewer.set_render_azimuth_elevation(azimuth, elevation)

    def _remark(self) -> w.Widget:
        factor = " × ".join(map(str, self._coarse.factor))  # noqa: RUF001
        said = "Drag: turn. Double click: pick. "
        said += f"Not for measuring: means of {factor} voxels (z, y, x)."
        if not self._coarse.even:
            said += " The slices are uneven; here they are drawn evenly."
        if self.image.synthetic:
            said += " Synthetic data: made up, not measured."
        return w.Label(said)

    def _show(self, address: str, on: bool) -> None:
        self.meshes[address].visible = on

    def _lit(self, _: Any = None) -> None:
        lit = set(self.selection.lit)
        mine = lit & set(self.meshes)
        for address, mesh in self.meshes.items():
            mesh.opacity = 1.0 if not mine or address in mine else _FAINT
        point = self._point()
        if point is not None and self.selection.by != type(self).__name__:
            self.viewer.scene.crosshair_pos = self._fraction(point)

    def _point(self) -> NDArray[np.float64] | None:
        """Where the selection lies, in mm LPS, as far as it is in this image or a surface."""
        for one in map(Address.parse, self.selection.lit):
            fragment: dict[str, Any] = one.fragment
            if one.kind == "images" and one.item == self.image.id:
                if "point" in fragment:
                    return np.asarray(fragment["point"], float)
                if "voxel" in fragment or "box" in fragment:
                    index = fragment.get("voxel", [])[-3:] or [
                        (a + b - 1) / 2 for a, b in fragment["box"]
                    ]
                    if len(index) == 3:
                        return index_to_lps(self.image.affine, index, self.image.slice_origins)
        for address, _, _, shape in self._surfaces:
            if address in self.selection.lit:
                return np.asarray(shape.points.mean(axis=0), float)
        return None

    def _fraction(self, point: NDArray[np.float64]) -> list[float]:
        index = self._to_index @ [*point, 1.0]
        shape = np.asarray(self._nifti.shape[:3])
        return [float(v) for v in np.clip((index[:3] + 0.5) / shape, 0, 1)]

    def _clicked(self, location: dict[str, Any]) -> None:
        found = location.get("mm") or []
        if len(found) < 3:
            return
        x, y, z = (float(v) for v in found[:3])
        point = np.array([-x, -y, z])  # niivue speaks RAS
        now = self._point()
        step = float(np.linalg.norm(self._coarse.affine[:3, :3], axis=0).max())
        if now is not None and np.linalg.norm(now - point) < step:
            return  # the answer to a selection made elsewhere
        place = tuple(round(float(v), 2) for v in point)
        self.selection.pick(self.image.address.at(point=place), by=type(self).__name__)


_Shown = tuple[str, str, tuple[int, int, int], Surface]


def _surfaces(segs: Sequence[Segmentation], most: int) -> list[_Shown]:
    """Address, name, colour and surface of the first segments that are not empty."""
    found: list[_Shown] = []
    for seg in segs:
        for label in seg.labels:
            if len(found) == most:
                return found
            shape = surface(seg, label)
            if shape is not None:
                address = Address(seg.address.key, seg.address.kind, seg.id, None,
                                  {"label": label})  # fmt: skip
                red, green, blue = (int(v) for v in seg.colors[label])
                found.append((str(address), label, (red, green, blue), shape))
    return found


def _nifti(volume: Coarse) -> tuple[Any, NDArray[np.float64]]:
    """The coarse volume as NIfTI, axes close to RAS, and the way from mm LPS to its index."""
    if min(volume.values.shape) < 2:
        raise GeometryError(f"A volume of {volume.values.shape}", expected="two slices at least")
    image: Any = nib.Nifti1Image(volume.values.transpose(2, 1, 0), flip_ras_lps(volume.affine))  # type: ignore[no-untyped-call]
    image = nib.as_closest_canonical(image)  # type: ignore[no-untyped-call]
    return image, np.asarray(np.linalg.inv(flip_ras_lps(image.affine)), np.float64)


def _mz3(shape: Surface) -> bytes:
    """A surface as MZ3, niivue's own mesh format (https://github.com/neurolabusc/surf-ice)."""
    points = shape.points * np.array([-1, -1, 1], np.float32)  # RAS; twice mirrored stays outside
    header = np.array([23117, 3], "<u2").tobytes()  # magic, has faces and vertices
    header += np.array([len(shape.triangles), len(points), 0], "<u4").tobytes()
    return header + shape.triangles.astype("<i4").tobytes() + points.astype("<f4").tobytes()
