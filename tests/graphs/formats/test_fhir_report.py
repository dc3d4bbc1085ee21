from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import explorer
from explorer.derived import text_sha256
from explorer.draft import ImageDraft
from explorer.ingest import ingest
from explorer.run_draft import RunDraft
from explorer.store import Store
from graphs.errors import FormatError
from graphs.finding import Finding, ImageReference, Relation
from graphs.formats.fhir_report import read_fhir_report, write_fhir_report
from graphs.grounding.grounding import Grounding
from graphs.measured_value import MeasuredValue

HOSTILE = (
    "FINDINGS:\r\n<script>alert('x')</script> & ]]> \x1b[2J\u202e 日本語 🫁\n\n  =1+1\n{{7*7}}"
)
SAID = "A 2.3 x 1.1 cm nodule in the right upper lobe, increased. No effusion."


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return explorer.open(tmp_path / "s.onco", create=True)


def findings(item: str) -> list[Finding]:
    return [
        Finding(
            15, 21, "nodule", "nodule", code="SCT:27925004", labels=("ct-rate:Lung nodule",),
            anatomy=("lung_upper_lobe_right",), anatomy_codes=("SCT:45653009",), item=item,
            laterality="right", location="right upper lobe", change="increased", id="f-1",
            measurements=(MeasuredValue((2.3, 1.1), "cm", "size", 2, 14),
                          MeasuredValue((1.8,), "cm", "size", 0, 1, prior=True)),
            refers=(ImageReference(4, 57),), relations=(Relation("suggestive_of", "f-2"),),
            section="findings", sentence_end=55, detail={"<b>": "\x00"},
        ),
        Finding(59, 67, "effusion", "pleural effusion", assertion="absent", item=item, id="f-2"),
        Finding(0, 1, "A", "</div><script>", assertion="not_assessed", item=item, id="not/an id",
                code="99X:1"),
    ]  # fmt: skip


@pytest.fixture
def patient(store: Store) -> explorer.Patient:
    values = np.zeros((2, 3, 4), np.int16)
    image = ImageDraft(
        "ct-1", "CT", "<b>chest</b>", ("z", "y", "x"), values.shape, values.dtype, np.eye(4),
        lambda: values, [], units="HU", acquired="2020-01-01",
        meta={"study_uid": "1.2.3", "series_uid": "1.2.3.4"},
    )  # fmt: skip
    with store.transaction("synthetic") as t:
        key = t.patient("Anna <b>", sex="F", synthetic=True)
        t.put(key, image)
        t.add_text(key, "r-1", SAID, name="CT", date="2020-01-02", language="en", synthetic=True)
        t.add_text(key, "r 2/..", HOSTILE, name="<i>name</i>")
    place = "images/ct-1#box=0:1,0:2,0:2"
    ground = Grounding("f-1", "proposed", "anatomy", "organ", "box3d", place)
    draft = RunDraft(
        "findings", "oncograph.rules", "1", "reports/r-1", text_sha256(SAID),
        findings=[one.row() for one in findings("r-1")], groundings=[ground.row()],
    )  # fmt: skip
    describe = RunDraft(
        "describe", "oncograph.describe", "1",
        texts=[{"item": "r-3", "text": "Generated.", "name": "description"}],
    )  # fmt: skip
    with store.transaction("found") as t:
        t.put_run(key, draft)
        t.put_run(key, describe)
    return store[key]


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [one["resource"] for one in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def test_reports_and_findings_come_back_equal(patient: explorer.Patient, tmp_path: Path) -> None:
    path = tmp_path / "reports.json"
    bundle = write_fhir_report(patient, path)
    back = read_fhir_report(path)
    assert [(one.name, one.text, one.date) for one in back] == [
        (report.name, report.text, report.date) for report in patient.reports.values()
    ]
    (told,) = [one for one in back if one.id == "r-1"]
    assert told.findings == tuple(findings("r-1"))
    assert told.language == "en"
    assert [len(one.findings) for one in back if one.id != "r-1"] == [0, 0]
    (study,) = resources(bundle, "ImagingStudy")
    assert study["identifier"][0]["value"] == "urn:oid:1.2.3"
    (first, *_) = resources(bundle, "Observation")
    assert first["derivedFrom"] == [{"reference": f"ImagingStudy/{study['id']}"}]
    (device,) = resources(bundle, "Device")
    assert first["device"] == {"reference": f"Device/{device['id']}"}
    assert len(resources(write_fhir_report(patient, reports=["r-1"]), "DiagnosticReport")) == 1


def test_another_store_takes_it_in(patient: explorer.Patient, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_fhir_report(patient, folder / "reports.json")
    result = ingest(folder, tmp_path / "other.onco")
    assert [row["status"] for row in result.files] == ["ingested"]
    (found,) = explorer.open(tmp_path / "other.onco").values()
    assert found.label == patient.label
    assert found.synthetic
    assert found.attributes["sex"] == "F"
    assert sorted(one.text for one in found.reports.values()) == sorted(
        one.text for one in patient.reports.values()
    )
    rows = [
        (row["name"], row["value"], row["number"], row["unit"], row["site"], row["site_code"])
        for row in found.rows("observations")
    ]
    site = ("lung_upper_lobe_right", "SCT:45653009")
    assert rows == [
        ("nodule", "Present", None, None, *site), ("size", "2.3", 2.3, "cm", *site),
        ("size", "1.1", 1.1, "cm", *site), ("previous size", "1.8", 1.8, "cm", *site),
        ("laterality", "right", None, None, *site), ("change", "increased", None, None, *site),
        ("pleural effusion", "Absent", None, None, None, None),
        ("</div><script>", None, None, None, None, None),
    ]  # fmt: skip
    assert [row["state"] for row in found.rows("observations")][-1] == "not acquired"
    events = found.events.set_index("kind")
    assert events.loc["imaging study", "code"] == "1.2.3"
    assert "<script>" not in found._repr_html_()


def test_hostile_text_stays_text(patient: explorer.Patient, tmp_path: Path) -> None:
    bundle = write_fhir_report(patient, tmp_path / "x.json")
    for report in resources(bundle, "DiagnosticReport"):
        div = report["text"]["div"]
        root = ElementTree.fromstring(div)
        assert {re.sub(r"\{.*\}", "", one.tag) for one in root.iter()} == {"div", "p"}
        data = base64.b64decode(report["presentedForm"][0]["data"]).decode()
        lines = [line for line in data.splitlines() if line.strip()]
        assert len(root) >= len(lines)
    reports = resources(bundle, "DiagnosticReport")
    (hostile,) = [one for one in reports if "name" in str(one["code"])]
    assert "<script" not in hostile["text"]["div"]
    assert "\x1b" not in hostile["text"]["div"]
    assert json.loads((tmp_path / "x.json").read_text()) == json.loads(json.dumps(bundle))


def test_what_a_program_made_is_marked(patient: explorer.Patient) -> None:
    bundle = write_fhir_report(patient)
    generated = [one for one in resources(bundle, "DiagnosticReport") if one["id"] == "r-3"]
    assert generated[0]["status"] == "preliminary"
    assert "research use only" in generated[0]["text"]["div"]
    codes = [one["code"] for one in generated[0]["meta"]["security"]]
    assert codes == ["AIAST"]
    real = [one for one in resources(bundle, "DiagnosticReport") if one["id"] == "r-1"]
    assert real[0]["status"] == "final"
    assert [one["code"] for one in real[0]["meta"]["security"]] == ["HTEST"]
    assert all(one["meta"]["security"][0]["code"] == "AIAST"
               for one in resources(bundle, "Observation"))  # fmt: skip


def test_what_is_no_report_says_so(store: Store, tmp_path: Path) -> None:
    with store.transaction("x") as t:
        key = t.patient("nobody")
    with pytest.raises(FormatError, match="no report"):
        write_fhir_report(store[key])
    bad = tmp_path / "bad.json"
    for text in ("", "{}", "[" * 1000, '{"resourceType": "Observation"}', "\x00\x01"):
        bad.write_text(text)
        with pytest.raises(FormatError):
            read_fhir_report(bad)
    concept = {"text": "x"}
    said = {
        "resourceType": "Observation", "status": "final", "code": concept, "id": "o",
        "extension": [{"url": "urn:oncograph:finding", "valueString": '{"start": 1}'}],
    }  # fmt: skip
    bad.write_text(json.dumps(said))
    with pytest.raises(FormatError, match="A finding that is none"):
        read_fhir_report(bad)


def test_the_real_pathology_report(bundled: Callable[[str], Store], tmp_path: Path) -> None:
    patient = bundled("TCGA-BP-5195")["TCGA-BP-5195"]
    write_fhir_report(patient, tmp_path / "out.json")
    (back,) = read_fhir_report(tmp_path / "out.json")
    (report,) = patient.reports.values()
    assert back.text == report.text
