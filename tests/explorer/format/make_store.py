"""Make the store that later versions of oncograph must still open; run once a format.

Usage: python make_store.py OUT.zip. Everything in it is synthetic.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

import explorer
from explorer.anchor import Anchor
from explorer.draft import Code, ImageDraft, SegmentationDraft, SegmentDraft, Source
from explorer.records_draft import RecordsDraft
from explorer.run_draft import RunDraft
from explorer.slide_draft import SlideDraft, SlideLevel
from explorer.waveform_draft import WaveformDraft

AFFINE = np.array([[1.0, 0, 0, -10], [0, 1, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])


def fill(store: explorer.Store) -> None:
    """Two versions of one patient, a patient of facts alone, and one of all that came later."""
    stored = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    mask = stored % 5 == 0
    image = ImageDraft(
        "ct-00000001", "CT", "synthetic", ("z", "y", "x"), (2, 3, 4), stored.dtype, AFFINE,
        lambda: stored, [], slope=np.array([1.0, 2.0]), intercept=-10.0, units="HU",
        bits_stored=12, acquired="2019-03-10", synthetic=True,
        slice_origins=np.array([[-10.0, -20, 30], [-10, -20, 35]]),
    )  # fmt: skip
    neoplasm = Code("108369006", "SCT", "Neoplasm")
    segmentation = SegmentationDraft(
        "seg-00000001", "SEG", "synthetic", [SegmentDraft(1, "lesion", neoplasm)], (2, 3, 4),
        AFFINE, lambda index: mask, [], image="ct-00000001", image_reason="made for it",
        synthetic=True,
    )  # fmt: skip
    with store.transaction("the image") as t:
        key = t.patient("Anna")
        t.put(key, image, copy=True)
    with store.transaction("the rest") as t:
        t.put(key, segmentation)
        t.set_anchor(key, Anchor("2019-03-01", "diagnosis", "made up"))
        t.add_facts(key, [{"name": "stage", "value": "II"}, {"name": "grade", "state": "withheld"}])
        t.add_text(key, "r-1", "no lesion", language="en", synthetic=True)
        t.put_files(key, [{"uri": "/data/1.dcm", "status": "ingested", "item": "ct-00000001"}])
        t.add_facts(t.patient("Berta", synthetic=True), [{"name": "stage", "value": "I"}])
    _fill_2(store)


def _fill_2(store: explorer.Store) -> None:
    """What format 2 added: a third patient with a signal, a slide, and records of a table."""
    samples = np.arange(6, dtype=np.int16).reshape(2, 3)
    signal = WaveformDraft(
        "ecg-00000001", "ECG", "synthetic", ["I", "II"], ["mV", "mV"], 100.0, (2, 3),
        samples.dtype, lambda: samples, [], np.array([0.5, 2.0]), np.array([0.0, 1.0]),
        acquired="2019-03-10", synthetic=True,
    )  # fmt: skip
    picture = np.full((2, 4, 3), 7, np.uint8)
    levels = [SlideLevel((200, 400), 1.0, (0.5, 0.5)), SlideLevel((100, 200), 2.0, (1.0, 1.0))]
    slide = SlideDraft(
        "sm-00000001", "synthetic", "slide", levels, lambda: picture, [], synthetic=True
    )
    source = Source(Path("t.csv"), "/data/t.csv", "t.csv", True, 1, 1, "0" * 64)
    records = RecordsDraft(
        "table-00000001", "t.csv", [source], synthetic=True,
        facts=[{"name": "age", "value": "61", "number": 61.0, "unit": "a", "row": 1}],
        events=[{"kind": "treatment", "name": "cisplatin", "date": "2019-03-12"}],
        observations=[{"name": "diameter", "number": 12.0, "unit": "mm", "target": "images/x"}],
        vectors=[{"name": "rna", "features": "features-1", "values": [1.0, float("nan")]}],
        texts=[{"item": "text-00000001", "name": "report", "text": "no lesion"}],
        features={"features-1": ("rna", ["TP53", "KRAS"])},
    )  # fmt: skip
    with store.transaction("format 2") as t:
        key = t.patient("Clara", synthetic=True)
        t.put(key, signal)
        t.put(key, slide)
        t.put_records(key, records)
    _fill_3(store)


def _fill_3(store: explorer.Store) -> None:
    """What format 3 added: what two versions of a program made of Clara's report."""
    key = store["Clara"].key
    with store.transaction("format 3") as t:
        for version in ("1", "2"):
            run = RunDraft(
                "findings", "synthetic", version, "reports/text-00000001", synthetic=True,
                findings=[{"finding": "f-1", "item": "text-00000001", "start": 3, "end": 9,
                           "text": "lesion", "assertion": "absent", "anatomy": ["liver"]}],
                groundings=[{"grounding": "g-1", "finding": "f-1", "status": "abstained"}],
                nodes=[{"node": "n-1", "kind": "observation", "name": version}],
                edges=[{"edge": "e-1", "kind": "located_at", "tail": "n-1", "head": "n-1"}],
                verdicts=[{"finding": "f-1", "cue": "size", "verdict": "cannot tell",
                           "evidence": ["reports/text-00000001#chars=3:9"]}],
                observations=[{"name": "length", "number": float(version), "unit": "mm"}],
            )  # fmt: skip
            t.put_run(key, run)
    _fill_4(store)


def _fill_4(store: explorer.Store) -> None:
    """What format 4 added: a frozen cohort, and a split of it."""
    frozen = store.cohort().among(["Anna", "Berta"], "by hand").freeze("trial", note="synthetic")
    parts = dict(zip(frozen.keys, ("train", "test"), strict=True))
    rows = [{"split": "split-1", "patient": key, "part": part} for key, part in parts.items()]
    store.records.append("parts", rows)
    row = {"split": "split-1", "name": "by hand", "cohort": frozen.id, "time": frozen.time,
           "sha256": "0" * 64, "document": "{}"}  # fmt: skip
    store.records.append("splits", [row])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "patients.onco"
        fill(explorer.open(place, create=True))
        with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(place.rglob("*")):
                archive.write(path, path.relative_to(place))
