"""A patient's images, one at a time, with what lies on them."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from explorer.errors import NotFoundError
from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from explorer.space import same_grid
from widgets.facts import title
from widgets.slices import SliceView


class PatientView(w.VBox):  # type: ignore[misc]
    """Choose an image of a patient and the segmentations over it.

    Parameters
    ----------
    patient : Patient
    image : str, optional
        Id, or a modality or name that only one image has; the first image that a segmentation
        lies on by default.
    **traits
        Of the `SliceView`.

    Attributes
    ----------
    slices : SliceView
        The planes; its traits say where the crosshair is, and more.

    Raises
    ------
    NotFoundError
        The patient has no images, or not this one.
    """

    def __init__(self, patient: Patient, image: str | None = None, **traits: Any) -> None:
        if not patient.images:
            raise NotFoundError("There is no image to show", where=f"patient {patient.label}")
        self.patient = patient
        self._held = False
        first = patient.images[image] if image is not None else _first(patient)
        self.slices = SliceView(first, _on(patient, first), **traits)
        self.images = w.Dropdown(
            options=[(title(one), one.id) for one in patient.images.values()],
            value=first.id,
            description="Image",
            style={"description_width": "56px"},
            layout=w.Layout(width="100%", max_width="760px"),
        )
        self.boxes = w.HBox(layout=w.Layout(flex_flow="row wrap", margin="0 0 4px 64px"))
        self._offer(first)
        self.images.observe(self._chosen, "value")
        super().__init__([self.images, self.boxes, self.slices])

    @property
    def image(self) -> Image:
        """The image that is shown."""
        return self.slices.image

    def refresh(self, patient: Patient) -> None:
        """Offer what another version of the patient has; the image that is shown stays."""
        before, self.patient = self.patient, patient
        if _items(before) == _items(patient):
            return
        kept = self.image.id
        options = [(title(one), one.id) for one in patient.images.values()]
        with self.images.hold_trait_notifications():
            self.images.options = options
            self.images.value = kept if kept in patient.images else options[0][1]
        self._chosen({"new": self.images.value})

    @property
    def shown(self) -> list[Segmentation]:
        """The segmentations that lie over it."""
        return self._ticked_segmentations()

    @property
    def offered(self) -> list[str]:
        """Ids of the segmentations that can be laid over the image."""
        return [box.item for box in self.boxes.children]

    def lay_over(self, *items: str) -> None:
        """Tick segmentations, besides those that are; what has no place on the image is left out.

        Parameters
        ----------
        *items : str
            Their ids.
        """
        off = [box for box in self.boxes.children if box.item in items and not box.value]
        if not off:
            return
        self._held = True  # one change for all of them
        try:
            for box in off:
                box.value = True
        finally:
            self._held = False
        self._ticked(None)

    def _offer(self, image: Image) -> None:
        """A box for each segmentation that has a place on the image; those made on it are on."""
        made = []
        shown = {seg.id for seg in _on(self.patient, image)}
        for seg in self.patient.segmentations.values():
            if seg.id not in shown and not _has_place(seg, image):
                continue
            box = w.Checkbox(
                value=seg.id in shown,
                description=f"{seg.modality} {seg.name}".strip(),
                tooltip=", ".join(seg.labels),
                indent=False,
                layout=w.Layout(width="auto", margin="0 16px 0 0"),
            )
            box.item = seg.id
            box.observe(self._ticked, "value")
            made.append(box)
        self.boxes.children = made

    def _chosen(self, change: Any) -> None:
        image = self.patient.images[change["new"]]
        self._offer(image)
        self.slices.show(image, self._ticked_segmentations())

    def _ticked(self, _: Any) -> None:
        if self._held:
            return
        self.slices.show(self.image, self._ticked_segmentations())

    def _ticked_segmentations(self) -> list[Segmentation]:
        return [self.patient.segmentations[box.item] for box in self.boxes.children if box.value]


def _items(patient: Patient) -> list[str]:
    return [*patient.images, *patient.segmentations]


def _on(patient: Patient, image: Image) -> list[Segmentation]:
    """The segmentations that were made on an image."""
    return [seg for seg in patient.segmentations.values() if seg.image == image.id]


def _first(patient: Patient) -> Image:
    for image in patient.images.values():
        if _on(patient, image):
            return image
    return next(iter(patient.images.values()))


def _has_place(seg: Segmentation, image: Image) -> bool:
    """Whether a segmentation made elsewhere can be laid over an image."""
    if "z" not in image.dims:
        return False
    if seg.image is None and same_grid(seg.affine, image.affine, seg.shape, image.shape[-3:]):
        return True
    return seg.frame_of_reference is not None and (
        seg.frame_of_reference == image.frame_of_reference
    )
