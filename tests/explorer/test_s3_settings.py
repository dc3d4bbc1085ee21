from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import StoreError
from explorer.s3_settings import S3Settings

KEYS = {"AWS_ACCESS_KEY_ID": "CANARYKEY", "AWS_SECRET_ACCESS_KEY": "canary-secret"}


def test_the_usual_variables_are_read_and_not_shown() -> None:
    found = S3Settings.from_environment(
        {**KEYS, "AWS_SESSION_TOKEN": "canary-token", "AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}
    )
    assert (found.key, found.secret, found.token) == ("CANARYKEY", "canary-secret", "canary-token")
    assert found.endpoint == "http://127.0.0.1:9000"
    assert found.plain_http
    assert "anary" not in repr(found).lower()
    said = found.without_secrets("<Key>CANARYKEY</Key> canary-secret canary-token")
    assert said == "<Key>[withheld]</Key> [withheld] [withheld]"


def test_amazon_needs_a_region() -> None:
    found = S3Settings.from_environment({**KEYS, "AWS_DEFAULT_REGION": "eu-central-1"})
    assert (found.endpoint, found.region, found.plain_http) == (None, "eu-central-1", False)
    with pytest.raises(StoreError, match="AWS_REGION"):
        S3Settings.from_environment(KEYS)


@pytest.mark.parametrize("env", [{}, {"AWS_ACCESS_KEY_ID": "CANARYKEY"}])
def test_without_credentials_the_variables_are_named(env: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") as caught:
        S3Settings.from_environment(env)
    assert "CANARYKEY" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://me:canary-secret@server", "server:9000", "ftp://server"])
def test_an_endpoint_is_the_address_of_a_server(url: str) -> None:
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL is not") as caught:
        S3Settings.from_environment({**KEYS, "AWS_ENDPOINT_URL": url})
    assert "canary-secret" not in str(caught.value)


def test_a_profile_of_the_aws_files(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = NOT\naws_secret_access_key = this\n"
        "[study]\naws_access_key_id = CANARYKEY\naws_secret_access_key = canary%secret\n"
    )
    (tmp_path / "config").write_text("[profile study]\nregion = eu-west-3\n[profile role]\na = b\n")
    env = {
        "AWS_PROFILE": "study",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    found = S3Settings.from_environment(env)
    assert (found.key, found.secret, found.region) == ("CANARYKEY", "canary%secret", "eu-west-3")
    with pytest.raises(StoreError, match="'role' of AWS_PROFILE has no keys"):
        S3Settings.from_environment({**env, "AWS_PROFILE": "role"})
