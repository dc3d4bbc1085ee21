"""MeasurementKeeper: what a person measures on a page goes into the store, and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address
from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.space import lps_to_index
from graphs.put_measurement import KIND, PERSON
from widgets.keep_measurement import keep_measurement
from widgets.patient_view import PatientView


@dataclass(frozen=True)
class _Kept:
    """A measurement of an image that stands in the store."""

    run: str
    shape: str
    ends: NDArray[np.float64]
    time: int
    said: str


class MeasurementKeeper:
    """Keeps measurements of a `PatientView`, in the name that is written there.

    Those that are in the store already are drawn again, with who and when. Where the store may not
    be written to, nothing can be kept, and the view offers no button.

    Parameters
    ----------
    view : PatientView
    moved : callable
        Called when the patient has a new version.
    """

    def __init__(self, view: PatientView, moved: Callable[[], Any]) -> None:
        self.view, self.moved = view, moved
        self._image: Image | None = None
        self._drawn: set[str] = set()
        if not view.patient.store.read_only:
            view.slices.on_keep(self._keep, ask=True)
        self.draw()

    def draw(self) -> None:
        """Draw what is kept of the image that is shown, once."""
        slices = self.view.slices
        if slices.image is not self._image:
            self._image, self._drawn = slices.image, set()
        for one in _kept(self.view.patient, slices.image):
            if one.run in self._drawn:
                continue
            self._drawn.add(one.run)
            try:
                made = slices.measure(one.shape, one.ends, None, time=one.time)
            except OncographError:
                continue  # of an image that has changed since
            slices.measurements = [
                {**m, "kept": one.said} if m["id"] == made["id"] else m for m in slices.measurements
            ]

    def _keep(self, drawn: dict[str, Any]) -> str:
        image, reader = self.view.image, self.view.slices.reader
        address = keep_measurement(image, drawn, reader)
        self._drawn.add(address.item)
        self.moved()
        return f"by {reader}"


def _kept(patient: Patient, image: Image) -> Iterator[_Kept]:
    """What people measured on an image and nobody has taken back."""
    for row in patient.rows("runs"):
        if (row["kind"], row["producer"], row["state"]) != (KIND, PERSON, "present"):
            continue
        about = json.loads(row["detail"] or "{}").get("measured", {})
        if not about or Address.parse(str(about["image"])).item != image.id:
            continue
        points = np.asarray(about["points_lps"], float)
        ends = np.round(lps_to_index(image.affine, points, image.slice_origins), 4)
        if len(ends) > 2:  # of an ellipse, the four ends of its axes
            ends = np.stack([ends.min(axis=0), ends.max(axis=0)])
        said = f"by {about['by']}, {str(about['at'])[:10]}"
        yield _Kept(row["run"], str(about["shape"]), ends, int(about["time"]), said)
