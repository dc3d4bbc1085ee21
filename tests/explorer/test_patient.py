"""What a patient says of itself, and what people see of it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import explorer
from explorer.errors import NotFoundError
from explorer.html import thumbnail
from explorer.info import info


def test_in_words(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> None:
    anna = put("Anna", drafts.image(), drafts.segmentation())
    assert repr(anna) == (
        "<Patient 'Anna' version 1: 1 images, 1 segmentations, 0 reports, 0 facts>"
    )
    assert repr(anna.images["CT"]) == "<Image ct-00000001 CT 'made up' 2 x 3 x 4>"
    assert anna.synthetic
    with store.transaction("text") as t:
        t.add_text(anna.key, "r-1", "no lesion", name="CT report", language="en")
    report = store["Anna"].reports["CT report"]
    assert repr(report) == "<Report r-1 'CT report' 9 characters>"
    assert (report.text, report.language, report.day) == ("no lesion", "en", None)
    assert report.day_state == "absent: the item has no date"


def test_a_patient_of_facts_alone(store: explorer.Store) -> None:
    with store.transaction("facts") as t:
        key = t.patient("Anna", sex="F", birth_date="1950-01-01")
        t.add_facts(key, [{"name": "stage", "value": "II", "code": "x", "day": 3}])
    anna = store["Anna"]
    assert anna.attributes["sex"] == "F"
    assert not anna.images
    assert anna.history()["snapshot"].isna().all()
    with pytest.raises(NotFoundError, match="no images"):
        anna.arrays()
    (fact,) = anna.facts.to_dict("records")
    assert (fact["name"], fact["value"], fact["day"], fact["state"]) == (
        "stage",
        "II",
        3,
        "present",
    )
    assert not (store.path / "patients" / key).exists()


def test_html_of_a_patient(put: Callable[..., Any], drafts: Any) -> None:
    anna = put(
        "Anna",
        drafts.image(acquired="2019-03-01", units_reason="made up", problems=["uneven slices"]),
        drafts.image(item="mr-1", modality="MR", acquired="2019-03-08", file="m.raw"),
        drafts.segmentation(),
    )
    html = anna._repr_html_()
    for part in (
        "Anna", "version 1", "contains synthetic data", "2019-03-01 (first study)",
        ">day 0<", ">day 7<", "1 without a day: absent: the item has no date",
        "2 × 3 × 4", "2 x 1 x 1 mm",  # noqa: RUF001
        "* made up; uneven slices", "lesion", "referenced", str(drafts.folder / "m.raw"),
    ):  # fmt: skip
        assert part in html, part
    assert html.count("<img ") == 2


def test_html_of_a_patient_whose_sources_are_gone(put: Callable[..., Any], drafts: Any) -> None:
    anna = put("Anna", drafts.image())
    Path(anna.images["CT"].sources()[0]["uri"]).unlink()
    assert "unreadable" in anna._repr_html_()


def test_html_of_a_store_shows_absence(
    store: explorer.Store, put: Callable[..., Any], drafts: Any
) -> None:
    put("Anna", drafts.image(), drafts.image(item="ct-2", file="2.raw"))
    put("Berta", drafts.image(item="mr-1", modality="MR"))
    rows = re.findall(r"<tr>(.*?)</tr>", store._repr_html_())
    cells = [[re.sub("<[^>]+>", "", c) for c in re.findall("<t[hd].*?</t[hd]>", r)] for r in rows]
    assert cells == [
        ["patient", "CT", "MR"],
        ["Anna", "2", "absent"],
        ["Berta", "absent", "1"],
    ]


def test_a_thumbnail_is_grey_and_keeps_its_shape() -> None:
    plane = np.zeros((10, 20), np.float32)
    plane[:, 10:] = 100
    plane[0, 0] = np.nan
    html = thumbnail(plane, aspect=2.0)
    picture = Pillow.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])))
    assert picture.size == (72, 72)  # 20 rows of double height, 20 columns
    assert picture.getpixel((60, 40)) == 255
    assert picture.getpixel((10, 40)) == 0
    dark = thumbnail(plane, aspect=2.0, inverted=True)
    other = Pillow.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", dark)[1])))
    assert other.getpixel((60, 40)) == 0
    for odd in (np.full((1, 1), np.nan), np.zeros((300, 2)), np.full((2, 2), np.inf)):
        assert thumbnail(odd, 1.0).startswith("<img ")


def test_info(store: explorer.Store, put: Callable[..., Any], drafts: Any) -> None:
    put("Anna", drafts.image(acquired="2019-03-01"), drafts.segmentation())
    with store.transaction("text") as t:
        t.add_text(t.patient("Anna"), "r-1", "no lesion", name="report")
    (patient,) = info(store)["patients"]
    assert info(store, "Anna")["patients"] == [patient]
    assert (patient["id"], patient["version"]) == ("Anna", 2)
    assert [(i["id"], i["kind"], i["modality"]) for i in patient["items"]] == [
        ("ct-00000001", "image", "CT"),
        ("seg-00000001", "segmentation", "SEG"),
        ("r-1", "report", None),
    ]
    ct, seg, report = patient["items"]
    assert (ct["shape"], ct["dims"], ct["spacing_mm"]) == ([2, 3, 4], ["z", "y", "x"], [2, 1, 1])
    assert (ct["units"], ct["day"], ct["storage"]) == ("HU", 0, "referenced")
    assert (seg["labels"], seg["image"], seg["day"]) == (["lesion"], "ct-00000001", None)
    assert (report["shape"], report["storage"]) == ([9], "records")
    assert info(explorer.open(store.path))["patients"] == [patient]
