from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphs
from explorer.errors import StoreError
from explorer.ingest import ingest
from explorer.patient import Patient
from explorer.sample import lidc_ratings, lidc_segmentation
from explorer.store import Store, open_store
from graphs.sample_report import sample_report
from widgets.to_html import to_html

SHAPE = (4, 30, 40)
UID = "1.3.6.1.4.1.14519.5.2.1.6279.6001.2657048"
REPORT = (
    "Mrs. Hildegarde Quux was seen on 12 March 2019. Signed: Dr Zzyzx, phone 030 1234567.\n"
    "FINDINGS: There is a nodule of 8 mm in the right lung. No pleural effusion."
)


def _mask() -> dict[str, Any]:
    mask = np.zeros(SHAPE, bool)
    mask[1:3, 10:20, 10:24] = True
    return {"GTV Quux": mask}


@pytest.fixture
def case(
    image_draft: Callable[..., Any], seg_draft: Callable[..., Any], made: Callable[..., Patient]
) -> Patient:
    values = np.broadcast_to(np.arange(40, dtype=np.int16) * 5 - 100, SHAPE).copy()
    seg = seg_draft("seg", _mask(), np.eye(4), "ct")
    patient = made(image_draft("ct", values, np.eye(4), name="CT chest Quux"), seg)
    with patient.store.transaction("more") as t:
        t.add_text(patient.key, "r-1", REPORT, name="Letter of Quux", date="2019-03-12")
        t.add_facts(
            patient.key,
            [
                {"name": "patient_name", "value": "Quux^Hildegarde"},
                {"name": "study_uid", "value": UID},
                {"name": "age", "value": "97", "number": 97.0, "unit": "a"},
                {"name": "stage", "value": "IIIA", "date": "2019-03-13"},
                {"name": "ecog", "value": None, "state": "not acquired"},
            ],
        )
    graphs.extract(patient.store["made-up"])
    return patient.store["made-up"]


def test_nothing_tells_who_it_is(case: Patient, tmp_path: Path) -> None:
    page = to_html(case, tmp_path / "case.html", names=["Hildegarde Quux"])
    text = re.sub('base64,[^"]*', "", page.path.read_text("utf-8"))
    assert page.who.startswith("P")
    for told in ("Quux", "Hildegarde", "made-up", "2019", "030 1234567", UID, "97", case.key):
        assert told not in text.partition("<footer>")[0], told
    assert "Free text may still hold identifying words" in text
    assert "IIIA" in text
    assert "day 1" in text
    assert "not acquired" in text
    assert "[NAME]" in text
    words = [one.word for one in page.doubts]
    assert "Zzyzx" in words
    assert "There" not in words
    assert '<mark class="present">nodule</mark>' in text
    assert '<mark class="absent">pleural effusion</mark>' in text


def test_a_text_whose_patient_has_no_known_name_is_withheld(case: Patient, tmp_path: Path) -> None:
    page = to_html(case, tmp_path / "case.html")
    text = page.path.read_text("utf-8")
    assert "Zzyzx" not in text
    assert "withheld" in text
    assert any("1 report withheld" in one for one in page.withheld)
    assert page.doubts == ()


def test_an_identified_page_keeps_all_and_says_so_in_red(case: Patient, tmp_path: Path) -> None:
    page = to_html(case, tmp_path / "case.html", identified=True)
    text = unescape(page.path.read_text("utf-8"))
    assert "This page names the patient" in text
    assert 'class="banner red"' in text
    assert REPORT.partition("\n")[0] in text
    for told in ("made-up", "2019-03-13", "GTV Quux", "Quux^Hildegarde", UID):
        assert told in text, told
    assert "Before you share" not in text


def test_the_file(case: Patient, tmp_path: Path) -> None:
    target = tmp_path / "case.html"
    page = to_html(case, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert page.size == target.stat().st_size
    with pytest.raises(StoreError, match="something of that name"):
        to_html(case, target)
    elsewhere = tmp_path / "elsewhere.html"
    elsewhere.write_text("mine")
    link = tmp_path / "link.html"
    link.symlink_to(elsewhere)
    with pytest.raises(StoreError):
        to_html(case, link)
    to_html(case, link, overwrite=True, review=False)
    assert elsewhere.read_text() == "mine"
    assert "Before you share" not in link.read_text("utf-8")
    with pytest.raises(StoreError, match="no such folder"):
        to_html(case, tmp_path / "nowhere" / "case.html")
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".html") == [
        "case.html", "elsewhere.html", "link.html",
    ]  # fmt: skip


def test_it_loads_and_runs_nothing(case: Patient, tmp_path: Path) -> None:
    text = to_html(case, tmp_path / "case.html", identified=True).path.read_text("utf-8")
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    assert "<script" not in text
    assert not re.search(r"<[^>]*\son\w+=", text)
    sources = re.findall(r"""\b(?:src|href)=["']([^"']*)""", text)
    assert sources
    assert all(one.startswith(("data:image/png;base64,", "#")) for one in sources)


@pytest.fixture(scope="module")
def real(demo: Store, tmp_path_factory: pytest.TempPathFactory) -> Patient:
    """A bundled patient with a report made for it, in a store of its own."""
    place = tmp_path_factory.mktemp("real") / "patients.onco"
    store = open_store(place, create=True)
    files = demo.path.parent / "files" / "LIDC-IDRI-0314"
    ingest([files], store)
    grid = store["LIDC-IDRI-0314"].images["CT"].grid
    assert grid is not None
    with store.transaction("outlines") as t:
        key = store["LIDC-IDRI-0314"].key
        t.put(key, lidc_segmentation(files.parent, grid))
        t.add_facts(key, lidc_ratings(files.parent))
    sample_report(store["LIDC-IDRI-0314"], reader=1)
    graphs.extract(store["LIDC-IDRI-0314"])
    graphs.ground_all(store["LIDC-IDRI-0314"])
    graphs.check(store["LIDC-IDRI-0314"])
    return store["LIDC-IDRI-0314"]


def test_a_real_case(real: Patient, tmp_path: Path) -> None:
    page = to_html(real, tmp_path / "case.html")
    # a page is read, not written
    assert real.store["LIDC-IDRI-0314"].version == real.version
    text = page.path.read_text("utf-8")
    assert page.pictures == 4
    assert "LIDC-IDRI-0314" not in text
    assert "2000-01-01" not in text
    assert "Generated text." in text
    assert "There is a solid, spiculated nodule in the right lung" in text
    assert "✓ size agrees" in text
    assert "CC BY 3.0" in text
    assert "oncograph.rules" in text
    assert json.dumps(page._repr_html_())
