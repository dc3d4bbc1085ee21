"""Patients of whom something is told: reports, findings, and where these lie."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphs
from explorer.derived import text_sha256
from explorer.draft import ImageDraft, SegmentationDraft, SegmentDraft
from explorer.ingest import ingest
from explorer.patient import Patient
from explorer.records_draft import RecordsDraft
from explorer.run_draft import RunDraft
from explorer.sample import lidc_ratings, lidc_segmentation, sample_zips
from explorer.store import Store, open_store
from graphs.finding import Finding
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue
from graphs.sample_report import sample_report

NAMES = ("LIDC-IDRI-0314", "PCAMPMRI-00001")
TEXT = "A 10 mm nodule in the left lung. No pleural effusion. A mass in slice 4. A cyst."


def make_told(folder: Path) -> Store:
    """Two bundled real patients, with reports that stand in for real ones, read and grounded."""
    store = open_store(folder / "told.onco", create=True)
    for archive in sample_zips():
        if archive.stem in NAMES:
            shutil.unpack_archive(archive, folder / archive.stem)
            ingest(folder / archive.stem, store)
    lidc = store[NAMES[0]]
    grid = lidc.images["CT"].grid
    assert grid is not None
    with store.transaction("four readers") as t:
        t.put(lidc.key, lidc_segmentation(folder / NAMES[0], grid))
        t.add_facts(lidc.key, lidc_ratings(folder / NAMES[0]))
    sample_report(store[NAMES[0]], reader=1)
    graphs.describe(store[NAMES[1]])
    for name in NAMES:
        graphs.extract(store[name])
        graphs.ground_all(store[name])
        graphs.check(store[name])
    return store


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """LIDC-IDRI-0314 and PCAMPMRI-00001 with findings; read it, do not write into it."""
    return make_told(tmp_path_factory.mktemp("told"))


def _items(key: str, t: Any) -> None:
    shape = (12, 40, 40)
    masks = {name: np.zeros(shape, bool) for name in ("Nodule 1", "lung_left", "never seen")}
    masks["Nodule 1"][4:7, 10:16, 20:26] = True
    masks["lung_left"][2:10, 5:30, 15:38] = True
    names = list(masks)
    for item, affine in (("ct-1", np.diag([1.0, 1.0, 2.0, 1.0])), ("ct-2", np.eye(4))):
        image = ImageDraft(
            item=item, modality="CT", name=f"made-up {item}", dims=("z", "y", "x"), shape=shape,
            dtype=np.dtype(np.int16), affine=affine, sources=[], synthetic=True,
            load=lambda: np.zeros(shape, np.int16), meta={"study_uid": f"1.2.{item[-1]}"},
            acquired="2020-01-01" if item == "ct-1" else "2021-01-01",
            frame_of_reference=f"1.2.3.{item[-1]}",
        )  # fmt: skip
        t.put(key, image, copy=True)
    seg = SegmentationDraft(
        item="seg-1", modality="SEG", name="outlines", shape=shape, sources=[], image="ct-1",
        segments=[SegmentDraft(k + 1, name) for k, name in enumerate(names)],
        affine=np.diag([1.0, 1.0, 2.0, 1.0]), load=lambda k: masks[names[k]], synthetic=True,
        image_reason="made so", frame_of_reference="1.2.3.1",
    )  # fmt: skip
    t.put(key, seg)


def make_by_hand(folder: Path) -> Patient:
    """A made-up patient: every kind of grounding, two studies, measurements, events."""
    store = open_store(folder / "by-hand.onco", create=True)
    with store.transaction("items") as t:
        key = t.patient("by hand", synthetic=True)
        _items(key, t)
        t.add_text(key, "r-1", TEXT, date="2020-01-01", synthetic=True)
        nodule, box = "segmentations/seg-1#label=Nodule%201", "images/ct-1#box=3:5,8:18,19:27"
        events = [("treatment", "surgery", "2020-01-01"), ("treatment", "drug", "2020-06-01"),
                  ("outcome", "progression", "2021-01-01")]  # fmt: skip
        t.put(key, RecordsDraft(
            "table-1", "made up", [], synthetic=True,
            facts=[{"name": "stage", "value": "IB", "date": "2020-01-01"}, {"name": "grade"}],
            events=[{"kind": a, "name": b, "date": c} for a, b, c in events],
            observations=[
                {"name": "Diameter", "value": "10", "number": 10.0, "unit": "mm", "group": "1",
                 "target": nodule, "group_uid": "2.25.1", "finding": "Nodule", "row": 1},
                {"name": "Score", "value": "0.7", "number": 0.7, "target": box, "row": 2},
                {"name": "Ki-67", "value": "high", "row": 3},
            ],
        ))  # fmt: skip
    _say(store, key)
    return store["by hand"]


def _say(store: Store, key: str) -> None:
    size = MeasuredValue((10.0,), "mm", "size", 2, 7)
    lung = ("lung_left",)
    plain = [
        Finding(8, 14, "nodule", "nodule", laterality="left", anatomy=lung, measurements=(size,),
                sentence_end=32, detail={"laterality": [22, 26]}),
        Finding(36, 52, "pleural effusion", "pleural effusion", assertion="absent", anatomy=lung,
                sentence=1, sentence_start=33, sentence_end=53),
        Finding(56, 60, "mass", "mass", sentence=2, sentence_start=54, sentence_end=72),
        Finding(75, 79, "cyst", "cyst", sentence=3, sentence_start=73, sentence_end=80),
    ]  # fmt: skip
    named = [Finding(**{**vars(f), "item": "r-1", "id": f"f-{f.text.split()[0]}"}) for f in plain]
    run = RunDraft(
        "findings", "made up", "1", input="reports/r-1", input_sha256=text_sha256(TEXT),
        findings=[one.row() for one in named],
    )  # fmt: skip
    places = [
        Grounding("f-nodule", "proposed", "measurement", "lesion", "mask",
                  "segmentations/seg-1#label=Nodule%201", 0.9),
        Grounding("f-pleural", "abstained", reason="an absent finding has no lesion"),
        Grounding("f-mass", "proposed", "explicit", "lesion", "box3d",
                  "images/ct-1#box=3:5,8:18,19:27", 0.6),
        Grounding("f-cyst", "rejected", "measurement", "lesion", "mask",
                  "segmentations/seg-1#label=Nodule%201", 0.2),
    ]  # fmt: skip
    grounded = RunDraft(
        "grounding", "made up", "1", input="reports/r-1", input_sha256=text_sha256(TEXT),
        groundings=[one.row() for one in places],
    )  # fmt: skip
    for draft in (run, grounded):
        with store.transaction("said") as t:
            t.put_run(key, draft)


@pytest.fixture(scope="session")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Patient:
    """A made-up patient; read it, do not write into its store."""
    return make_by_hand(tmp_path_factory.mktemp("by-hand"))
