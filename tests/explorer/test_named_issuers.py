"""Equal identifiers of several systems: one person each, whatever came first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import explorer
from explorer.ingest import ingest
from explorer.match import match


def _bundle(path: Path, system: str, gender: str) -> None:
    person = {
        "resourceType": "Patient", "id": "p", "gender": gender,
        "identifier": [{"system": system, "value": "12345"}],
    }  # fmt: skip
    entry = [{"fullUrl": f"urn:uuid:{system[-1]}", "resource": person}]
    document = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    path.write_text(json.dumps(document), "utf-8")


def _sexes(place: Path) -> list[str]:
    store = explorer.open(place)
    return sorted(str(store[key].attributes["sex"]) for key in store.keys_and_labels())


@pytest.mark.parametrize("together", [True, False])
def test_one_number_of_two_systems_is_two_people(tmp_path: Path, together: bool) -> None:
    folder, place = tmp_path / "fhir", tmp_path / "s.onco"
    folder.mkdir()
    _bundle(folder / "a.json", "urn:hospital:a", "male")
    if not together:
        ingest(folder, place)  # the first one is there before the other is known of
    _bundle(folder / "b.json", "urn:hospital:b", "female")
    result = ingest(folder, place)
    assert not result.refused
    assert _sexes(place) == ["F", "M"]
    store = explorer.open(place)
    assert [one.rule for one in match(store)] == ["other issuer"]
    assert not ingest(folder, place).changed
    # read again because it changed: still the same two
    _bundle(folder / "a.json", "urn:hospital:a", "other")
    ingest(folder, place)
    assert len(explorer.open(place)) == 2


def test_one_system_joins_what_else_the_folder_calls_so(tmp_path: Path) -> None:
    folder, place = tmp_path / "mixed", tmp_path / "s.onco"
    folder.mkdir()
    _bundle(folder / "a.json", "urn:hospital:a", "male")
    (folder / "labs.csv").write_text("patient_id,hb\n12345,13.1\n")
    ingest(folder, place)
    store = explorer.open(place)
    assert list(store) == ["12345"]
    assert store["12345"].attributes["sex"] == "M"
    assert store["12345"].facts.set_index("name").loc["hb", "number"] == 13.1
    assert not match(store)
