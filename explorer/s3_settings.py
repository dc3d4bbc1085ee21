"""S3 settings: the server and the credentials, from the environment and from nowhere else."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from explorer.errors import StoreError

_NEEDED = (
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, where there is one), "
    "or AWS_PROFILE; AWS_ENDPOINT_URL for a server that is not Amazon's; AWS_REGION"
)


@dataclass(frozen=True)
class S3Settings:
    """How to reach S3. The secrets are in no `repr`.

    Attributes
    ----------
    endpoint : str or None
        None for Amazon's own.
    region : str
    key, secret : str
    token : str or None
        Of a session.
    anonymous : bool
        Nothing is signed, and there are no credentials.
    """

    endpoint: str | None
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    anonymous: bool = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, unsigned: bool = False
    ) -> S3Settings:
        """Read the variables that every S3 tool reads.

        Parameters
        ----------
        environment : mapping, optional
            `os.environ` by default.
        unsigned : bool
            Ask without credentials where ``AWS_SKIP_SIGNATURE`` says so. A source may be public;
            a store, which is written, never is.

        Raises
        ------
        StoreError
            There are no credentials, or the address of the server is not one.
        """
        env = os.environ if environment is None else environment
        found = dict(env)
        anonymous = unsigned and env.get("AWS_SKIP_SIGNATURE", "").lower() in ("1", "true", "yes")
        if not anonymous and not (
            env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY")
        ):
            found |= _profile(env)
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        key, secret, token = (None if anonymous else found.get(name) for name in names)
        if not anonymous and not (key and secret):
            public = "; AWS_SKIP_SIGNATURE=true for a public bucket" if unsigned else ""
            raise StoreError(
                "No credentials for S3 in the environment",
                expected=f"the environment variables {_NEEDED}{public}",
                do="set them, and start again; they are written nowhere by oncograph",
            )
        endpoint = found.get("AWS_ENDPOINT_URL_S3") or found.get("AWS_ENDPOINT_URL") or None
        region = found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION")
        if endpoint is not None:
            _check(endpoint)
        elif not region:
            raise StoreError(
                "The region of the bucket is not known",
                expected="the environment variable AWS_REGION, such as eu-central-1",
            )
        return cls(endpoint, region or "us-east-1", key or "", secret or "", token, anonymous)

    @property
    def plain_http(self) -> bool:
        """Whether the server is asked without encryption, as its address says."""
        return bool(self.endpoint) and str(self.endpoint).startswith("http://")

    def without_secrets(self, text: str) -> str:
        """A server's words with the credentials taken out; some repeat them."""
        for secret in (self.secret, self.token, self.key):
            if secret:
                text = text.replace(secret, "[withheld]")
        return text


def _check(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        # not repeated: it may hold a password
        raise StoreError(
            "AWS_ENDPOINT_URL is not the address of a server",
            expected="http://host:port or https://host, without user and password",
        )


def _profile(env: Mapping[str, str]) -> dict[str, str]:
    """What the named profile of the AWS files gives, as variables; only keys that stand there."""
    name = env.get("AWS_PROFILE")
    if not name:
        return {}
    home = Path(env.get("HOME") or env.get("USERPROFILE") or "~").expanduser() / ".aws"
    parser = configparser.RawConfigParser()
    read = parser.read(
        [
            env.get("AWS_CONFIG_FILE") or home / "config",
            env.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials",
        ],
        encoding="utf-8",
    )
    found: dict[str, str] = {}
    for section in (f"profile {name}", name):
        if parser.has_section(section):
            found |= dict(parser.items(section))
    if not ("aws_access_key_id" in found and "aws_secret_access_key" in found):
        raise StoreError(
            f"The profile {name!r} of AWS_PROFILE has no keys in {[str(p) for p in read]}",
            expected="aws_access_key_id and aws_secret_access_key in the credentials file",
            do="where the keys come from a sign-on or a role, export them as variables first "
            "(aws configure export-credentials --format env)",
        )
    names = {
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
        "aws_session_token": "AWS_SESSION_TOKEN",
    }
    given = {variable: found[field] for field, variable in names.items() if field in found}
    if "AWS_REGION" not in env and "AWS_DEFAULT_REGION" not in env and "region" in found:
        given["AWS_REGION"] = found["region"]
    if "AWS_ENDPOINT_URL" not in env and "endpoint_url" in found:
        given["AWS_ENDPOINT_URL"] = found["endpoint_url"]
    return given
