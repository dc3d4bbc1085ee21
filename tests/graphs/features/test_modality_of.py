"""Reports and images by an encoder: only what was known on the index day is encoded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.address import Address
from explorer.store import Store
from explorer.tasks.task import Task
from graphs.encoders.tfidf_encoder import TfidfEncoder
from graphs.errors import ExamplesError
from graphs.examples.bag import Bag
from graphs.features.features import features
from graphs.features.spec import Spec


def test_reports_of_before_the_index_day(visits: Any, visit: Any) -> None:
    early, late = "A nodule in the left lung. No effusion.", "The nodule has grown. Metastases."
    one = visits.patient(
        "text before and after", [visit("2020-01-01", text=early), visit("2021-01-01", text=late)]
    )
    cohort = visits.store.cohort().among([one.key])
    encoder = TfidfEncoder.fit([early, late, "Effusion."], [one.key], dim=2)
    task = Task("t", "binary", window={"index": "first study", "outcome": None})
    spec = {"text": {"from": "reports", "encoder": encoder}}
    found = features(cohort, spec, task=task, labels=False)
    bag = found.blocks["text"]
    assert isinstance(bag, Bag)
    said = [Address.parse(one).resolve(visits.store).value for one in bag.addresses]
    assert said == ["A nodule in the left lung.", "No effusion."]
    every = features(cohort, spec, labels=False).blocks["text"]
    assert isinstance(every, Bag)
    assert len(every.addresses) == 4
    assert found.left_out["why"].tolist() == ["after the index"]


def test_images_by_their_pixels(lidc: Store) -> None:
    spec = {"scan": {"from": "images", "encoder": "raw pixels", "modality": "CT", "slices": 2,
                     "keep": False}}  # fmt: skip
    found = features(lidc.cohort(), spec, labels=False)
    bag = found.blocks["scan"]
    assert isinstance(bag, Bag)
    assert len(bag.owner) == 2
    assert np.isfinite(bag.values).all()
    assert found.vectors("scan").present.all()


def test_an_encoder_has_to_be_named() -> None:
    with pytest.raises(ExamplesError, match="without an encoder"):
        Spec.of({"scan": {"from": "images"}})
