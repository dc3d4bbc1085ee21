"""A made-up patient with a CT, masks of lesions on it, and a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.derived import text_sha256
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.patient import Patient
from explorer.run_draft import RunDraft
from explorer.store import open_store
from graphs.finding import Finding
from graphs.ground_all import ground_all
from graphs.measured_value import MeasuredValue
from graphs.node import Node

AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
AFFINE[:3, 3] = (-40.0, -40.0, 0.0)  # x = 0, the midline, lies in the middle of 80 columns
SHAPE = (30, 80, 80)


SPOKEN = "A 10 mm nodule in the left lung. No pleural effusion. A 30 mm mass."


class MadeUp:
    """Puts synthetic patients into a store."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder / "made-up.onco", create=True)

    def patient(
        self,
        label: str,
        masks: dict[str, NDArray[np.bool_]],
        text: str = "",
        *,
        image: NDArray[Any] | None = None,
        made_from: list[str] | None = None,
        **fields: Any,
    ) -> Patient:
        """A patient with one image, one segmentation ``seg-1`` on it, and one report ``r-1``."""
        values = np.zeros(SHAPE, np.int16) if image is None else image
        given: dict[str, Any] = {"modality": "CT", "units": "HU", "acquired": "2020-01-01"}
        given |= {"affine": AFFINE, "name": "made up", "bits_stored": values.dtype.itemsize * 8}
        draft = ImageDraft(
            item="img-1", dims=("z", "y", "x"), shape=values.shape, dtype=values.dtype,
            load=lambda: values, sources=[], synthetic=True,
            **(given | fields),
        )  # fmt: skip
        names = list(masks)
        with self.store.transaction("made up") as t:
            key = t.patient(label, synthetic=True)
            t.put(key, draft, copy=True)
            if names:
                t.put(
                    key,
                    SegmentationDraft(
                        item="seg-1", modality="SEG", name="lesions", shape=values.shape,
                        segments=[SegmentDraft(k + 1, n) for k, n in enumerate(names)],
                        affine=given["affine"], load=lambda k: masks[names[k]], sources=[],
                        image="img-1", image_reason="made so", synthetic=True,
                    ),
                )  # fmt: skip
            if text:
                detail = json.dumps({"made_from": made_from}) if made_from else None
                t.add_text(key, "r-1", text, date="2020-01-01", detail=detail, synthetic=True)
        return self.store[label]

    def say(self, label: str, findings: list[Finding], nodes: list[Node] | None = None) -> Patient:
        """Store findings (and nodes) of the report as an extractor would; they get their ids."""
        key = self.store[label].key
        named = [replace(one, item="r-1", id=one.named(key, "r-1")) for one in findings]
        text = self.store[label].reports["r-1"].text
        run = RunDraft(
            "findings", "made up", "1", input="reports/r-1", input_sha256=text_sha256(text),
            findings=[one.row() for one in named], nodes=[one.row() for one in nodes or []],
        )  # fmt: skip
        with self.store.transaction("findings") as t:
            t.put_run(key, run)
        return self.store[label]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """Makes synthetic patients in one store."""
    return MadeUp(tmp_path_factory.mktemp("made-up"))


def ball_mask(center: tuple[float, float, float], radius: float) -> NDArray[np.bool_]:
    """A ball on the grid: centre ``(z, y, x)`` in voxels, radius in mm."""
    z, y, x = np.indices(SHAPE, dtype=float)
    far = ((z - center[0]) * 2) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2
    return np.asarray(far <= radius**2)


@pytest.fixture(scope="session")
def ball() -> Callable[..., NDArray[np.bool_]]:
    """Makes masks of balls."""
    return ball_mask


@pytest.fixture(scope="session")
def spoken_masks() -> dict[str, NDArray[np.bool_]]:
    """A nodule in the left lung."""
    lung = ball_mask((14, 40, 60), 18)
    return {"Nodule 1": ball_mask((10, 40, 60), 5), "lung_left": lung}


@pytest.fixture(scope="session")
def spoken(made_up: MadeUp, spoken_masks: dict[str, NDArray[np.bool_]]) -> Patient:
    """A patient whose report has a nodule, no effusion and a mass; grounded."""
    made_up.patient("dialogue", spoken_masks, SPOKEN)
    sizes = [MeasuredValue((v,), "mm", "size", a, b) for v, a, b in ((10.0, 2, 7), (30.0, 56, 61))]
    lung = ("lung_left",)
    findings = [
        Finding(8, 14, "nodule", "nodule", laterality="left", anatomy=lung,
                measurements=(sizes[0],), sentence_end=32),
        Finding(36, 52, "pleural effusion", "pleural effusion", assertion="absent", anatomy=lung,
                sentence=1, sentence_start=33, sentence_end=53),
        Finding(62, 66, "mass", "mass", measurements=(sizes[1],), sentence=2, sentence_start=54,
                sentence_end=len(SPOKEN)),
    ]  # fmt: skip
    nodes = [
        Node("n-1", "observation", "nodule", target="reports/r-1#chars=8:14"),
        Node("n-2", "lesion", "nodule", target="segmentations/seg-1#label=Nodule%201"),
    ]
    there = made_up.say("dialogue", findings, nodes)
    ground_all(there, ["explicit", "measurement", "anatomy"])
    return made_up.store["dialogue"]
