"""CompareView: two studies side by side, with one crosshair where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
import numpy as np

from explorer.image import Image
from explorer.patient import Patient
from explorer.segmentation import Segmentation
from graphs.registration import Registration
from widgets.compare_bar import CompareBar
from widgets.compared_pair import ComparedPair, Link, first_and_last
from widgets.pair_view import PairView
from widgets.selection import Selection
from widgets.slices import SliceView

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class CompareView(w.VBox):  # type: ignore[misc]
    """Compare two volumes of a patient: two dates, two sequences.

    The crosshair of one side moves that of the other to the same place in mm, where both share a
    frame of reference or a rigid registration is given or asked for. Where neither is so, nothing
    is linked, and the view says so; a link by relative position, which says nothing of anatomy,
    can be switched on. Windows are each side's own.

    Parameters
    ----------
    patient : Patient
    left, right : Image or str, optional
        The images, or their ids; by default the earliest and the latest volume of the modality
        of which the patient has most.
    registered : Registration or bool, optional
        A move between the two (`graphs.register.register`); True: find it now, which takes
        seconds to minutes.
    selection : Selection, optional
    link : {'place', 'relative', 'off'}, optional
        By default 'place' where it is known, else 'off'.
    height : int
        Of the planes, CSS pixels.

    Attributes
    ----------
    left, right : SliceView
    pair : ComparedPair
    bar : CompareBar
        Its traits `link` and `mode` can be set.

    Raises
    ------
    GeometryError
        One of the images is no volume, or there are no two.
    """

    def __init__(
        self,
        patient: Patient,
        left: Image | str | None = None,
        right: Image | str | None = None,
        registered: Registration | bool | None = None,
        *,
        selection: Selection | None = None,
        link: Link | None = None,
        height: int = 460,
    ) -> None:
        one, other = _images(patient, left, right)
        self.patient = patient
        self.pair = ComparedPair.of(one, other, registered)
        self.selection = Selection() if selection is None else selection
        self._moving = False
        self.left, self.right = (
            SliceView(image, _on(image), selection=self.selection, height=height)
            for image in (one, other)
        )
        self.bar = CompareBar()
        self.blend = PairView()
        self._describe()
        self.bar.link = link or ("place" if self.pair.matrix is not None else "off")
        sides = w.HBox([self.left, self.right], layout=w.Layout(width="100%"))
        for view in (self.left, self.right):
            view.layout.flex = "1 1 0"
            view.layout.min_width = "0"
        sides.add_class("onco-compare")
        self._sides = sides
        super().__init__([self.bar, sides])
        self.left.observe(lambda _: self._follow(self.left), "point_lps")
        self.right.observe(lambda _: self._follow(self.right), "point_lps")
        self.bar.observe(self._linked, "link")
        self.bar.observe(self._moded, "mode")
        self.bar.observe(lambda _: self.swap(), "swaps")
        for view in (self.left, self.right):
            view.observe(lambda _: self._blended(), ["window", "level", "invert", "main"])
        self._follow(self.left)

    def swap(self) -> None:
        """Left becomes right; windows and the place go with their images."""
        sides = [
            (view.image, (view.window, view.level, view.invert), view.point_lps)
            for view in (self.right, self.left)
        ]
        self.pair = self.pair.swapped
        self._moving = True
        try:
            for view, (image, look, point) in zip((self.left, self.right), sides, strict=True):
                view.show(image, _on(image))
                view.window, view.level, view.invert = look
                view.point_lps = point
        finally:
            self._moving = False
        self._describe()
        self._follow(self.left)

    def figure(self, width: float = 10.0) -> Figure:
        """Both sides' main planes through their crosshairs, with dates, marks and scale bars."""
        from widgets.compare_figure import compare_figure

        return compare_figure(self, width)

    def _describe(self) -> None:
        self.bar.left, self.bar.right = (_title(one) for one in (self.pair.left, self.pair.right))
        self.bar.said, self.bar.trusted = self.pair.said, self.pair.trusted
        self.bar.placed = self.pair.matrix is not None

    def _follow(self, moved: SliceView) -> None:
        """Move the other side's crosshair."""
        if self._moving:
            return
        other = self.right if moved is self.left else self.left
        pair = self.pair if moved is self.left else self.pair.swapped
        point = pair.to_right(moved.point_lps, self.bar.link)
        outside = ""
        if point is not None:
            _, inside = other._lattice.nearest(point)
            self._moving = True
            try:
                other.point_lps = tuple(float(v) for v in point)
            finally:
                self._moving = False
            if not bool(inside):
                outside = "right" if other is self.right else "left"
        self.bar.outside = outside
        self._blended()

    def _linked(self, _: Any) -> None:
        if self.bar.link == "place" and self.pair.matrix is None:
            self.bar.link = "off"  # nobody knows how
            return
        self._follow(self.left)

    def _moded(self, _: Any) -> None:
        if self.bar.mode != "side by side" and self.pair.matrix is None:
            self.bar.mode = "side by side"
            return
        blended = self.bar.mode != "side by side"
        if blended:
            self.blend.mode = self.bar.mode
        self.children = [self.bar, self._sides, *([self.blend] if blended else [])]
        self._blended()

    def _blended(self) -> None:
        if self.bar.mode == "side by side" or not self.left.point_lps:
            return
        self.blend.plane = self.left.main
        looks = [(view.window, view.level, view.invert) for view in (self.left, self.right)]
        point = np.asarray(self.left.point_lps)
        self.blend.show(self.pair, point, looks[0], looks[1], (self.bar.left, self.bar.right))


def _images(
    patient: Patient, left: Image | str | None, right: Image | str | None
) -> tuple[Image, Image]:
    found = [patient.images[one] if isinstance(one, str) else one for one in (left, right)]
    if found[0] is None or found[1] is None:
        first, last = first_and_last(patient)
        return found[0] or first, found[1] or last
    return found[0], found[1]


def _on(image: Image) -> list[Segmentation]:
    """The segmentations that were made on an image."""
    return [seg for seg in image.patient.segmentations.values() if seg.image == image.id]


def _title(image: Image) -> str:
    when = image.acquired or "no date"
    if image.day is not None:
        when = f"day {image.day}, {when}"
    made_up = " · synthetic" if image.synthetic else ""
    return f"{when} · {image.modality} · {image.name or image.id}{made_up}"
