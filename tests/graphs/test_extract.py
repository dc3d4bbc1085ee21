"""Extract: what an extractor finds is kept with who said it, once, and refusals are kept too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import explorer
from explorer.errors import NotFoundError
from graphs.errors import ExtractionRefusedError, ModelFolderError
from graphs.extract import extract, unread
from graphs.extract_store import extract_store
from graphs.extractors import extractor, extractors
from graphs.finding import Finding
from graphs.findings import findings
from graphs.producer import Producer
from graphs.text.rules import RulesExtractor

TEXT = "Opacity suggestive of pneumonia. No 'effusion' <b>. 2.3 cm nodule, previously 1.8 cm."


@pytest.fixture
def store(tmp_path: Path) -> explorer.Store:
    store = explorer.open(tmp_path / "patients.onco", create=True)
    with store.transaction("two patients") as t:
        for name in ("Anna", "Bela"):
            key = t.patient(name)
            t.add_text(key, "r-1", TEXT, language="en")
        t.add_text(key, "r-2", "Zirkumskripte Läsion.", language="de")
    return store


class Counting(RulesExtractor):
    def __init__(self, version: str = "1") -> None:
        super().__init__()
        self.read: list[str] = []
        self.producer = Producer("counting", version, settings={"seed": 0})

    def extract(self, text: str, *, language: str | None = None) -> list[Finding]:
        self.read.append(text)
        if language == "de":
            raise ExtractionRefusedError("no German")
        return super().extract(text, language=language)


def test_findings_are_kept_with_ids_and_relations(store: explorer.Store) -> None:
    found = extract(store["Anna"])
    assert [one.entity for one in found] == [
        "lung opacity",
        "pneumonia",
        "pleural effusion",
        "nodule",
    ]
    assert [(r.kind, r.other) for r in found[0].relations] == [("suggestive_of", found[1].id)]
    assert list(findings(store["Anna"])) == list(found)
    patient = store["Anna"]
    address = found[3].address(patient)
    assert (address.kind, address.item) == ("reports", "r-1")
    assert str(address).endswith(f"chars={found[3].start}:{found[3].end}")
    run, graph = patient.derived("runs").to_dict("records")
    assert (run["kind"], graph["kind"]) == ("findings", "scene")
    nodes = patient.derived("nodes")
    assert set(nodes["kind"]) >= {"observation", "sentence", "measurement"}
    assert set(nodes.query("kind == 'observation'")["node"]) >= {one.id for one in found}
    assert set(patient.derived("edges")["kind"]) >= {"part_of", "measured_by", "suggestive_of"}
    assert (run["producer"], run["version"], run["state"]) == ("oncograph.rules", "2", "present")
    assert "lexicon" in run["settings"]
    assert "previously 1.8 cm" in found._repr_html_()


def test_nothing_is_read_twice_and_a_newer_version_stands_beside(store: explorer.Store) -> None:
    first = Counting()
    for _ in range(2):
        extract(store["Bela"], first)
    assert len(first.read) == 2
    second = Counting("2")
    extract(store["Bela"], second)
    assert len(second.read) == 2
    patient = store["Bela"]
    assert set(patient.derived("runs")["version"]) == {"2"}
    assert set(patient.derived("runs", every=True)["version"]) == {"1", "2"}
    with store.transaction("corrected") as t:
        t.add_text(patient.key, "r-1", "No nodule.", language="en")
    assert [one.id for one in unread(store["Bela"], second)] == ["r-1"]
    found = extract(store["Bela"], second)
    assert [(one.entity, one.assertion) for one in found] == [("nodule", "absent")]


def test_a_refusal_is_a_run_without_findings(store: explorer.Store) -> None:
    extract(store["Bela"], Counting())
    states = store["Bela"].derived("runs").set_index("input")["state"]
    assert states.to_dict() == {"reports/r-1": "present", "reports/r-2": "refused: no German."}
    assert {one.item for one in findings(store["Bela"])} == {"r-1"}


def test_without_keeping_nothing_is_written(store: explorer.Store) -> None:
    version = store["Anna"].version
    found = extract(store["Anna"], keep=False)
    assert len(found) == 4
    assert all(one.id for one in found)
    assert store["Anna"].version == version


def test_two_extractors_do_not_replace_each_other(store: explorer.Store) -> None:
    extract(store["Anna"])
    extract(store["Anna"], Counting())
    assert len(findings(store["Anna"])) == 8
    assert len(findings(store["Anna"], producer="counting")) == 4


def test_a_store_is_read_in_few_commits_and_goes_on(store: explorer.Store) -> None:
    labels: list[str] = []
    reader = RulesExtractor()
    assert extract_store(store, reader, step=labels.append) == 3
    assert sorted(labels) == ["Anna", "Bela"]
    assert extract_store(store, reader) == 0
    assert len(findings(store["Bela"])) >= 4


def test_extractors_are_found_by_name() -> None:
    assert "rules" in extractors()
    assert extractor("rules").producer.name == "oncograph.rules"
    with pytest.raises(NotFoundError, match="rules"):
        extractor("no such")
    with pytest.raises(ModelFolderError, match="folder"):
        extractor("language_model")


def test_the_pathology_report_of_a_real_patient(bundled: Callable[[str], explorer.Store]) -> None:
    store = bundled("TCGA-BP-5195")
    found = extract(store["TCGA-BP-5195"])
    report = next(iter(store["TCGA-BP-5195"].reports.values()))
    assert all(report.text[one.start : one.end] == one.text for one in found)
    carcinoma = [one for one in found if one.entity == "renal cell carcinoma"]
    assert carcinoma
    assert {one.assertion for one in carcinoma} == {"present"}
    assert any(v.kind == "size" for one in found for v in one.measurements)
