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
from explorer.draft import Code, ImageDraft, SegmentationDraft, SegmentDraft

AFFINE = np.array([[1.0, 0, 0, -10], [0, 1, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])


def fill(store: explorer.Store) -> None:
    """Two versions of one patient, and a patient of facts alone."""
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


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "patients.onco"
        fill(explorer.open(place, create=True))
        with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(place.rglob("*")):
                archive.write(path, path.relative_to(place))
