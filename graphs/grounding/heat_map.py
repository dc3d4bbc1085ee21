"""HeatMap: where a model sees what a text says, on the voxels of an image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.draft import ImageDraft
from explorer.html import table_html, thumbnail
from explorer.image import Image
from explorer.item_id import item_id
from graphs.errors import GroundingError
from graphs.grounding.box_of_map import MapBox, box_of_map
from graphs.grounding.scaled_picture import scaled_picture
from graphs.grounding.text_image_model import TextImageModel
from graphs.producer import Producer

MODALITY = "HEATMAP"


@dataclass(frozen=True)
class HeatMap:
    """A prediction, never a measurement.

    Attributes
    ----------
    values : ndarray, (y, x) or (z, y, x), float32
    text : str
        Hostile.
    image : Image
        What the model looked at.
    producer : Producer
        With the sha256 of the weights.
    trained_on : str
    """

    values: NDArray[np.float32]
    text: str
    image: Image
    producer: Producer
    trained_on: str

    @property
    def item(self) -> str:
        """Id of the map in the store: the same for the same image, text and model."""
        said = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        model = (self.producer.name, self.producer.version, self.producer.checkpoint or "")
        return item_id("heat", self.image.id, said, *model)

    def box(self, share: float = 0.5) -> MapBox | None:
        """The region that it points at; see `box_of_map`."""
        return box_of_map(self.values, share)

    def draft(self) -> ImageDraft:
        """As an image of the patient, with the affine of the image that it is of.

        It is flagged as synthetic and as a prediction, with the model's sha256 and settings.
        """
        values = self.values
        image = self.image
        return ImageDraft(
            item=self.item,
            modality=MODALITY,
            name=f"similarity of {image.id} to a text",
            dims=image.dims,
            shape=values.shape,
            dtype=np.dtype(np.float32),
            affine=image.affine,
            load=lambda: values,
            sources=[],
            units="1",
            units_reason="a model's similarity to a text; no probability",
            bits_stored=32,
            slice_origins=image.slice_origins,
            frame_of_reference=image.frame_of_reference,
            acquired=image.acquired,
            meta={
                "made_from": str(image.address), "made_by": vars(self.producer),
                "text": self.text, "predicted": True, "trained_on": self.trained_on,
            },
            synthetic=True,
        )  # fmt: skip

    def _repr_html_(self) -> str:
        plane = self.values if self.values.ndim == 2 else self.values.max(axis=0)
        said: list[list[Any]] = [
            [thumbnail(plane, 1.0), "a model's prediction"], ["text", self.text],
            ["image", str(self.image.address)], ["model", self.producer.name],
            ["sha256", self.producer.checkpoint], ["trained on", self.trained_on],
        ]  # fmt: skip
        return table_html(["", "heat map"], said)


def heat_map(model: TextImageModel, image: Image, text: str) -> HeatMap:
    """Ask a model where an image shows what a text says; a volume slice by slice.

    Parameters
    ----------
    model : TextImageModel
    image : Image
        ``(y, x)`` or ``(z, y, x)``.
    text : str

    Returns
    -------
    HeatMap

    Raises
    ------
    GroundingError
        The image has a time axis or colours.
    """
    if image.dims not in (("y", "x"), ("z", "y", "x")):
        raise GroundingError(f"An image with the dims {image.dims}", where=image.where)
    scaled = scaled_picture(image.data.values)
    planes = scaled if scaled.ndim == 3 else scaled[None]
    found = np.stack([model.similarity(plane, text) for plane in planes])
    shaped = found if scaled.ndim == 3 else found[0]
    return HeatMap(shaped, text, image, model.producer, model.trained_on)
