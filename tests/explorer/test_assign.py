from __future__ import annotations

from pathlib import Path

from explorer.assign import Person, assign
from explorer.draft import Header, PatientHint, Source


def _header(
    identifier: str | None,
    issuer: str | None = None,
    *,
    study: str | None = None,
    group: str = "series",
    reader: str = "dicom",
    uri: str = "/tree/a.dcm",
) -> Header:
    source = Source(Path(uri), uri, uri.removeprefix("/tree/"), True, 1, 1, "00")
    hint = PatientHint(identifier, issuer)
    return Header(source, reader, "image", group, hint, study)


def test_one_identifier_is_one_person() -> None:
    headers = [_header("4711"), _header("4711"), _header("0815")]
    assert {p: len(h) for p, h in assign(headers, "tree").items()} == {
        Person("tree", "0815"): 1,
        Person("tree", "4711"): 2,
    }


def test_one_issuer_of_patient_id_changes_nothing() -> None:
    headers = [_header("4711", "Mercy"), _header("4711"), _header("4711", "Mercy")]
    assert list(assign(headers, "tree")) == [Person("tree", "4711")]


def test_two_issuers_of_patient_id_keep_equal_numbers_apart() -> None:
    headers = [_header("4711", "Mercy"), _header("4711", "Charity"), _header("0815", "Mercy")]
    assert list(assign(headers, "tree")) == [
        Person("tree", "0815"),
        Person("tree#Charity", "4711"),
        Person("tree#Mercy", "4711"),
    ]


def test_where_issuers_differ_one_that_is_not_said_joins_neither() -> None:
    headers = [_header("4711", "Mercy"), _header("4711", "Charity"), _header("4711")]
    assert Person("tree#", "4711") in assign(headers, "tree")
    assert len(assign(headers, "tree")) == 3


def test_two_trees_keep_equal_numbers_apart() -> None:
    headers = [_header("4711", uri="/a/1.dcm"), _header("4711", uri="/b/1.dcm")]
    people = assign(headers, lambda uri: f"tree {uri[1]}")
    assert list(people) == [Person("tree a", "4711"), Person("tree b", "4711")]


def test_without_an_identifier_a_study_is_one_made_up_person() -> None:
    headers = [_header(None, study="1.2.3"), _header("", study="1.2.3"), _header(None, study="9")]
    people = assign(headers, "tree")
    assert [len(group) for group in people.values()] == [2, 1] or [
        len(group) for group in people.values()
    ] == [1, 2]
    assert all(person.made_up for person in people)
    assert all(person.identifier.startswith("unnamed-") for person in people)
    assert people.keys() == assign(headers, "tree").keys()


def test_without_identifier_and_study_nothing_joins_two_series() -> None:
    people = assign([_header(None, group="a"), _header(None, group="b")], "tree")
    assert len(people) == 2


def test_the_patient_that_was_named_takes_what_says_nothing() -> None:
    headers = [_header(None), _header("4711"), _header("folder", reader="nifti")]
    assert {p.identifier: len(h) for p, h in assign(headers, "tree", "Anna").items()} == {
        "4711": 1,
        "Anna": 2,
    }
