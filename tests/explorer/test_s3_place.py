from __future__ import annotations

import time

import pytest

from explorer.errors import StoreError
from explorer.s3_place import S3Place


def test_objects_are_written_read_listed_measured_and_deleted(s3: str) -> None:
    place = S3Place(s3)
    assert not place.exists()
    assert place.children() == []
    with pytest.raises(FileNotFoundError):
        (place / "about.json").read_bytes()
    (place / "about.json").write_bytes(b"one")
    (place / "about.json").write_bytes(b"three")
    (place / "patients" / "a" / "x").write_bytes(b"12345678")
    (place / "patients-other").write_bytes(b"1")
    assert (place / "about.json").read_bytes() == b"three"
    assert (place / "patients").exists()
    assert not (place / "patient").exists()
    assert [child.name for child in place.children()] == [
        "about.json", "patients", "patients-other",
    ]  # fmt: skip
    assert [child.url for child in (place / "patients").children()] == [f"{s3}/patients/a"]
    assert (place / "patients").size() == 8
    assert abs(place.newest() - time.time()) < 3600
    (place / "patients").delete_tree()
    assert not (place / "patients").exists()
    assert (place / "patients-other").exists()


def test_of_two_writers_the_condition_lets_one(s3: str) -> None:
    place = S3Place(s3) / "lease"
    assert place.read_tagged() is None
    first = place.write_if(b"one", None)
    assert first is not None
    assert place.write_if(b"two", None) is None
    second = place.write_if(b"two", first)
    assert second is not None
    assert place.write_if(b"three", first) is None
    assert place.read_tagged() == (b"two", second)


def test_wrong_credentials_are_said_and_not_repeated(
    s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-wrong-secret")
    with pytest.raises(StoreError, match="does not accept the credentials") as caught:
        S3Place(s3).exists()
    assert "CANARYKEY" not in str(caught.value)
    assert "canary-wrong-secret" not in str(caught.value)


def test_an_object_is_deleted_and_not_what_lies_below_it(s3: str) -> None:
    place = S3Place(s3) / "about"
    place.write_bytes(b"one")
    (place / "below").write_bytes(b"two")
    place.delete()
    place.delete()
    assert [child.name for child in place.children()] == ["below"]
    with pytest.raises(FileNotFoundError):
        place.read_bytes()
