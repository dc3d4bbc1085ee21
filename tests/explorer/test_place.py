from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from explorer.errors import StoreError
from explorer.local_place import LocalPlace
from explorer.place import Place
from explorer.s3_place import S3Place


def test_a_path_is_a_folder_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for where in ("patients.onco", Path("patients.onco"), tmp_path / "patients.onco"):
        place = Place.of(where)
        assert isinstance(place, LocalPlace)
        assert place.url == str(tmp_path / "patients.onco")
        assert place.path == tmp_path / "patients.onco"
        assert place.name == "patients.onco"


@pytest.mark.parametrize("text", ["C:\\patients", "C:/patients", "a:b", "s3:bucket", "s3-bucket"])
def test_a_drive_letter_or_a_colon_is_no_url(text: str) -> None:
    assert Place.of(text).local


def test_a_url_is_a_prefix_of_a_bucket() -> None:
    place = Place.of("s3://hospital-one/store/2026.onco/")
    assert isinstance(place, S3Place)
    assert (place.bucket, place.prefix) == ("hospital-one", "store/2026.onco")
    assert (place / "tables" / "items.lance").url == (
        "s3://hospital-one/store/2026.onco/tables/items.lance"
    )
    assert place.name == "2026.onco"
    assert not place.local
    with pytest.raises(StoreError, match="no folder of this machine"):
        _ = place.path


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIACANARY:canarysecret@bucket/prefix",
        "s3://canarysecret@bucket/prefix",
        "s3://bucket/prefix?X-Amz-Signature=canarysecret",
        "s3://bucket/prefix#canarysecret",
        "https://AKIACANARY:canarysecret@server/bucket",
        "gs://canarysecret@bucket",
    ],
)
def test_credentials_in_a_url_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(StoreError) as caught:
        Place.of(text)
    assert "canarysecret" not in str(caught.value)
    assert "AKIACANARY" not in str(caught.value)
    assert "s3://bucket/prefix" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["s3://", "s3://b", "s3://Bucket/x", "s3://bucket/a/../b", "s3://bucket/a//b", "s3://bucket/ä",
     "s3://bucket/a b", "s3://bucket/a%20b", "s3://bucket/.hidden"],
)  # fmt: skip
def test_what_clients_would_read_differently_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match="is not a place on S3"):
        Place.of(text)


def test_a_path_object_of_a_url_is_not_taken_for_a_folder() -> None:
    with pytest.raises(StoreError, match="as text: a path object folds its slashes"):
        Place.of(Path("s3://bucket/prefix"))


def test_places_are_equal_by_where_they_are_and_travel() -> None:
    for text in ("/srv/patients", "s3://bucket/patients"):
        place = Place.of(text)
        again = pickle.loads(pickle.dumps(place))
        assert again == place
        assert hash(again) == hash(place)
        assert Place.of(place) is place
        assert text in repr(place)
