"""FHIR R4B: a Bundle of two patients, an export in lines, and what is no FHIR."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.errors import FileRefusedError
from explorer.ingest import ingest
from explorer.readers.fhir_document import fhir_document

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> explorer.Store:
    place = tmp_path_factory.mktemp("fhir") / "s.onco"
    result = ingest(DATA / "fhir" / "bundle.json", place)
    (row,) = result.files
    assert row["status"] == "ingested"
    for said in (
        "3 Condition, 1 DiagnosticReport, 1 ImagingStudy, 3 Observation, 2 Patient",
        "not read: 1 MedicationRequest",
        "1 resources are no R4B",
        "Observation 8 is of no patient in the file",
        "A presented form is a link",
    ):
        assert said in row["reason"]
    (fault,) = result.faults
    assert (fault["row"], fault["found"].partition(":")[0]) == (10, "Observation o5 is no R4B")
    return explorer.open(place)


def test_patients_by_their_record_numbers_without_their_names(store: explorer.Store) -> None:
    assert list(store) == ["SYN-F1", "SYN-F2"]
    first, second = store["SYN-F1"], store["SYN-F2"]
    assert (first.attributes["sex"], first.attributes["birth_date"]) == ("F", None)
    assert [(f["name"], f["value"]) for f in first.rows("facts")] == [("birth date", "1956-05")]
    assert (second.attributes["sex"], second.attributes["birth_date"]) == ("M", "1961-07-04")
    assert (first.synthetic, second.synthetic) == (True, False)
    assert "Nobody" not in json.dumps([first.rows(t) for t in ("facts", "events", "texts")])


def test_conditions_with_their_codes_and_states(store: explorer.Store) -> None:
    events = {e["name"]: e for e in store["SYN-F1"].rows("events") if e["kind"] == "condition"}
    assert set(events) == {
        "NSCLC, right upper lobe", "Metastatic malignant neoplasm to brain",
    }  # fmt: skip
    cancer = events["NSCLC, right upper lobe"]
    assert (cancer["code_scheme"], cancer["code"]) == ("SCT", "254637007")
    assert (cancer["date"], cancer["state"], cancer["row"]) == ("2019-03-12", "present", 3)
    told = json.loads(cancer["detail"])
    assert told["codes"] == ["ICD-10:C34.1", "SCT:254637007"]
    assert told["site"] == ["SCT:45653009"]
    brain = events["Metastatic malignant neoplasm to brain"]
    assert (brain["state"], brain["date"]) == ("absent", None)
    assert json.loads(brain["detail"])["partial_date"] == "2019-04"


def test_observations_components_and_reasons(store: explorer.Store) -> None:
    (marker,) = store["SYN-F1"].rows("observations")
    assert (marker["value"], marker["number"], marker["unit"]) == ("12.40", 12.4, "ng/mL")
    assert (marker["code"], marker["date"]) == ("LN:2039-6", "2019-03-14")
    assert json.loads(marker["detail"])["reference"] == ["0 - 5 ng/mL"]
    rows = {row["code"]: row for row in store["SYN-F2"].rows("observations")}
    assert set(rows) == {"LN:8480-6", "LN:8462-4", "LN:21907-1"}
    assert (rows["LN:8480-6"]["number"], rows["LN:8480-6"]["group_uid"]) == (131, "o2")
    assert (rows["LN:8462-4"]["value"], rows["LN:8462-4"]["state"]) == (None, "not acquired")
    stage = rows["LN:21907-1"]
    assert stage["finding_code"] == "SCT:1229903009"
    assert json.loads(stage["detail"])["partial_date"] == "2020"


def test_reports_keep_their_text(store: explorer.Store) -> None:
    texts = {row["name"]: row for row in store["SYN-F1"].rows("texts")}
    assert texts["CT chest"]["text"] == (
        "CT CHEST\nFINDINGS: A spiculated mass of 34 mm in the right upper lobe.\n"
        "No pleural effusion.\n"
    )
    assert texts["CT chest"]["date"] == "2019-03-13"
    assert texts["CT Chest"]["text"].startswith("<h1>CT</h1><script>")
    assert texts["CT Chest: conclusion"]["language"] == "en"


def test_a_study_leads_to_its_images(store: explorer.Store) -> None:
    (study,) = (e for e in store["SYN-F1"].rows("events") if e["kind"] == "imaging study")
    assert (study["code"], study["value"]) == ("1.2.826.0.1.3680043.8.1055.1.1", "CT")
    (series,) = json.loads(study["detail"])["series"]
    assert series["uid"] == "1.2.826.0.1.3680043.8.1055.1.1.1"


def test_an_export_in_lines_is_read_as_one(tmp_path: Path) -> None:
    folder, place = DATA / "synthea_bulk", tmp_path / "s.onco"
    told = {Path(one["path"]).name: one for one in ingest(folder, place).files}
    assert told["Patient.000.ndjson"]["reason"] == "2 Patient"
    assert told["Condition.000.ndjson"]["reason"] == "14 Condition"
    assert told["Encounter.000.ndjson"]["status"] == "skipped"
    store = explorer.open(place)
    lines = (folder / "Condition.000.ndjson").read_text().splitlines()
    wanted = [json.loads(one) for one in lines]
    found = {
        json.loads(e["detail"])["id"]: (p.label, e["code"], e["date"], e["row"])
        for p in (store[name] for name in store)
        for e in p.rows("events")
        if e["kind"] == "condition"
    }
    assert found == {
        one["id"]: (
            one["subject"]["reference"].partition("/")[2], one["code"]["coding"][0]["code"],
            one["onsetDateTime"][:10], number,
        )
        for number, one in enumerate(wanted, 1)
    }  # fmt: skip
    assert all(store[name].synthetic for name in store)
    before = {head.patient: head.version for head in store.records.heads()}
    ingest(folder, store)
    assert {head.patient: head.version for head in store.records.heads()} == before


def bundle(*resources: dict[str, Any]) -> bytes:
    listed = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": listed}).encode()


def person(name: str, system: str, value: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient", "id": name, "identifier": [{"system": system, "value": value}],
    }  # fmt: skip


def test_one_number_of_two_systems_is_two_patients(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(
        bundle(person("a", "urn:x", "7"), person("b", "urn:y", "7"), person("c", "urn:y", "7"))
    )
    ingest(tmp_path / "b.json", tmp_path / "s.onco")
    assert list(explorer.open(tmp_path / "s.onco")) == ["urn:x|7", "urn:y|7"]


def test_hostile_strings_as_identifiers_and_texts(hostile: list[str], tmp_path: Path) -> None:
    people, rest = [], []
    wanted = {}
    for number, text in enumerate(hostile):
        if not text.strip() or "\0" in text:
            continue
        people.append(person(f"p{number}", "urn:x", text))
        report = f"FINDINGS: {text}\n"
        rest.append(
            {
                "resourceType": "DiagnosticReport", "id": f"d{number}", "status": "final",
                "code": {"text": "CT"}, "subject": {"reference": f"Patient/p{number}"},
                "presentedForm": [
                    {
                        "contentType": "text/plain",
                        "data": base64.b64encode(report.encode()).decode(),
                    }
                ],
            }
        )  # fmt: skip
        wanted[number] = (text, report)
    (tmp_path / "b.json").write_bytes(bundle(*people, *rest))
    result = ingest(tmp_path / "b.json", tmp_path / "s.onco")
    assert result.faults == []
    store = explorer.open(tmp_path / "s.onco")
    assert {p.label for p in (store[k] for k in store.keys_and_labels())} == {
        name for name, _ in wanted.values()
    }
    texts = store.records.visible("texts")["text"].to_pylist()
    assert sorted(texts) == sorted(text for _, text in wanted.values())
    assert len(wanted) > 500
    names = {path.name for path in (tmp_path / "s.onco").rglob("*")}
    assert not names & {name for name, _ in wanted.values()}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "broken"),
        (b"{", "broken"),
        (b'{"resourceType": "Bundle", "entry": 3}', "no resource"),
        (b'{"resourceType": "Bundle"}', "no resource"),
        (b'{"a": 1}', "no resource"),
        (b'{"resourceType": "Observation", "n": NaN}', "NaN is no JSON"),
        (b"[" * 200_000, "nested deeper"),
        (b'{"a":' * 200_000, "nested deeper"),
        (b"\xff\xfe\0\0", "UTF-8"),
    ],
)
def test_what_is_no_fhir_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FileRefusedError, match=why):
        fhir_document(data)


def test_bundles_within_bundles_are_unfolded() -> None:
    inner: dict[str, Any] = person("a", "urn:x", "7")
    for _ in range(50):
        inner = {"resourceType": "Bundle", "entry": [{"resource": inner}, {"resource": None}]}
    (one,) = fhir_document(json.dumps(inner).encode())
    assert (one.kind, one.number) == ("Patient", 1)


def test_json_that_is_no_fhir_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "kits.json").write_text('[{"case_id": "case_00000", "age": 49}]')
    (tmp_path / "sidecar.json").write_text('{"RepetitionTime": 2}')
    result = ingest(tmp_path, tmp_path / "s.onco")
    assert {one["reason"] for one in result.files} == {"no reader knows this kind of file"}
