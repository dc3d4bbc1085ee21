"""Grounding by similarity: where a model sees what the report says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from graphs.errors import ModelFolderError
from graphs.grounding.grounding import Alternative, Evidence, Grounding, Method
from graphs.grounding.heat_map import MODALITY, HeatMap, heat_map
from graphs.grounding.text_image_model import TextImageModel
from graphs.model_folder import model_folder
from graphs.producer import Producer
from graphs.target_text import target_text

if TYPE_CHECKING:
    from explorer.image import Image
    from graphs.finding import Finding
    from graphs.grounding.search import Search

FOLDER = "ONCOGRAPH_GROUNDING_MODEL"
_NOT_LOOKED_AT = (MODALITY, "SEG", "PR")


class SimilarityGrounder:
    """Asks a text-image model, after every other way.

    Registered as ``similarity`` under ``oncograph.groundings``. Without a model it abstains: there
    are no weights in this package.

    Parameters
    ----------
    model : TextImageModel or None
        None: of the folder that the environment variable ``ONCOGRAPH_GROUNDING_MODEL`` names, if
        it is set.
    threshold : float
        A peak below it is an abstention.
    share : float
        As of `box_of_map`.
    """

    name: Method = "similarity"
    trust = 40

    def __init__(
        self, model: TextImageModel | None = None, *, threshold: float = 0.3, share: float = 0.5
    ) -> None:
        self.threshold, self.share = threshold, share
        self._model = model
        self._folder = os.environ.get(FOLDER) if model is None else None
        self._broken: ModelFolderError | None = None
        about = model.producer if model else Producer("none", "1")
        if self._folder:
            try:
                about = Producer("local", "1", model_folder(self._folder).sha256)
            except ModelFolderError as error:
                self._broken = error  # one broken folder must not stop the other ways
        settings = {**about.settings, "threshold": threshold, "share": share}
        self.producer = Producer(
            "oncograph.similarity", "1", about.checkpoint, {**settings, "model": about.name}
        )

    @property
    def model(self) -> TextImageModel | None:
        """The model; loaded when it is first asked for."""
        if self._model is None and self._folder and self._broken is None:
            from graphs.grounding.load_model import load_model

            try:
                self._model = load_model(self._folder)
            except ModelFolderError as error:
                self._broken = error
        return self._model

    def ground(self, finding: Finding, search: Search) -> Grounding:
        """Look for the hottest region in each image that the report can speak of.

        Returns
        -------
        Grounding
            With region 'lesion' and a box in the image with the highest peak; the other images
            are alternatives. The score is the model's similarity, no probability.
        """
        if finding.assertion == "absent":
            return Grounding(finding.id, "abstained", reason="an absent finding has no lesion")
        model = self.model
        if model is None:
            return Grounding(
                finding.id, "abstained",
                reason=self._broken.message if self._broken
                else f"no model: set {FOLDER} to a local folder, or give one",
            )  # fmt: skip
        text = self._text(finding)
        found = []
        for image in search.images:
            if image.modality in _NOT_LOOKED_AT or image.dims not in (("y", "x"), ("z", "y", "x")):
                continue
            place = self._place(heat_map(model, image, text))
            if place is not None and search.allows(place[1]):
                found.append(place)
        found.sort(key=lambda place: (-place[0], place[1]))
        if not found or found[0][0] < self.threshold:
            peak = round(found[0][0], 4) if found else None
            return Grounding(
                finding.id, "abstained",
                evidence=(Evidence("similarity", text, peak, None, False),),
                reason=f"no place reaches a similarity of {self.threshold}",
            )  # fmt: skip
        score, target, geometry, detail = found[0]
        return Grounding(
            finding.id, "proposed", "similarity", "lesion", geometry, target, round(score, 4),
            (Evidence("similarity", text, round(score, 4), None, True),),
            tuple(Alternative(one[1], round(one[0], 4), "another image") for one in found[1:]),
            reason="a model's prediction",
            detail={**detail, "predicted": True, "model": model.producer.name,
                    "checkpoint": model.producer.checkpoint, "trained_on": model.trained_on},
        )  # fmt: skip

    def _text(self, finding: Finding) -> str:
        """The sentence, or what is known of the finding."""
        parts = [finding.laterality or "", finding.location or "", finding.text]
        said: str = finding.detail.get("sentence") or " ".join(part for part in parts if part)
        return said

    def _place(self, found: HeatMap) -> tuple[float, str, Any, dict[str, Any]] | None:
        region = found.box(self.share)
        if region is None:
            return None
        image: Image = found.image
        target = target_text("images", image.id, box=region.box)
        geometry = "box2d" if len(region.box) == 2 else "box3d"
        detail = {"peak": list(region.peak), "pixels": region.pixels, "regions": region.regions}
        return region.value, target, geometry, detail
