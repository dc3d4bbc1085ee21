"""RotatedXray: what a model makes up of a radiograph from another side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.draft import ImageDraft
from explorer.image import Image
from explorer.item_id import item_id
from graphs.errors import ProjectionError
from graphs.grounding.scaled_picture import scaled_picture
from graphs.producer import Producer
from graphs.rotation_model import RotationModel


@dataclass(frozen=True)
class RotatedXray:
    """A guess, never a measurement.

    Attributes
    ----------
    values : ndarray, (y, x), float32
        About 0 to 1, without unit.
    azimuth : float
        Degrees.
    image : Image
        The radiograph that it was made from.
    producer : Producer
        With the sha256 of the weights.
    """

    values: NDArray[np.float32]
    azimuth: float
    image: Image
    producer: Producer

    def draft(self) -> ImageDraft:
        """As an image of the patient: synthetic, predicted, without a place in space."""
        checkpoint = self.producer.checkpoint or ""
        return ImageDraft(
            item=item_id("guess", self.image.id, repr(self.azimuth), checkpoint),
            modality="DRR",
            name=f"guess of {self.image.id} at {self.azimuth:g} degrees",
            dims=("y", "x"),
            shape=self.values.shape,
            dtype=np.dtype(np.float32),
            affine=self.image.affine,
            load=lambda: self.values,
            sources=[],
            units="1",
            units_reason="made up by a model",
            bits_stored=32,
            acquired=self.image.acquired,
            problems=["made up by a model from one radiograph: nothing in it was measured"],
            meta={
                "made_from": str(self.image.address),
                "made_by": vars(self.producer),
                "predicted": True,
            },
            synthetic=True,
        )


def rotated_xray(image: Image, azimuth: float, model: RotationModel) -> RotatedXray:
    """Ask a model for a radiograph from another side.

    Raises
    ------
    ProjectionError
        The image is no picture ``(y, x)``.
    """
    if image.dims != ("y", "x"):
        raise ProjectionError(f"An image with the dims {image.dims}", expected="(y, x)")
    values = model.rotate(scaled_picture(np.asarray(image.data.values)), azimuth)
    return RotatedXray(values, azimuth, image, model.producer)
