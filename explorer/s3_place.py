"""S3 place: a prefix of a bucket; writes can be made on the condition that nobody was faster."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import icechunk
import obstore
from obstore import exceptions
from obstore.store import S3Store

from explorer.errors import OncographError, StoreError
from explorer.fork import refuse_fork
from explorer.place import Place
from explorer.s3_settings import S3Settings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# The three clients percent-encode other characters in three ways.
_PART = re.compile(r"[A-Za-z0-9~_=-][A-Za-z0-9._~=-]*")
# How servers say no, in the words that every client passes on.
_REFUSALS = (
    "403 Forbidden", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
)  # fmt: skip

# Those of a session are renewed in the environment while a long run goes on.
_ASK_AGAIN = timedelta(minutes=5)


class S3Place(Place):
    """A prefix of a bucket.

    Parameters
    ----------
    url : str
        ``s3://bucket/prefix``. Credentials come from the environment (`S3Settings`).

    Raises
    ------
    StoreError
        It holds credentials, or characters that do not mean the same to every client.
    """

    local = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if "@" in url or parts.query or parts.fragment or ":" in parts.netloc:
            # not repeated: what stands there may be a secret
            raise StoreError(
                "The URL of the store holds more than a bucket and a prefix",
                expected="s3://bucket/prefix",
                do="give credentials by the environment (AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY), and the server by AWS_ENDPOINT_URL",
            )
        self.bucket = parts.netloc
        prefix = parts.path.strip("/")
        whole = all(_PART.fullmatch(part) for part in prefix.split("/")) if prefix else True
        if not _BUCKET.fullmatch(self.bucket) or not whole:
            raise StoreError(
                f"{url!r} is not a place on S3",
                expected="s3://bucket/prefix of ASCII letters, digits and . _ = ~ -",
            )
        self.prefix = prefix
        self.url = f"s3://{self.bucket}/{prefix}".rstrip("/")

    def __truediv__(self, name: str) -> S3Place:
        return type(self)(f"{self.url}/{name}")

    @staticmethod
    def settings() -> S3Settings:
        """How to reach it, from the environment."""
        return S3Settings.from_environment()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around what Lance and Icechunk do here."""
        try:
            yield
        except (OSError, RuntimeError, ValueError, icechunk.IcechunkError) as error:
            if isinstance(error, OncographError):
                raise
            if any(word in str(error) for word in _REFUSALS):
                raise self._refused() from None
            text = self.settings().without_secrets(str(error))
            if text != str(error):
                raise StoreError(text.splitlines()[0][:300], where=self.url) from None
            raise

    def _no_bucket(self) -> StoreError:
        return StoreError(
            f"There is no bucket {self.bucket!r}",
            where=self.url,
            do="make it with the tools of your storage; oncograph makes none",
        )

    def _refused(self) -> StoreError:
        return StoreError(
            "The server does not accept the credentials of the environment for this",
            where=self.url,
            do="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, whether "
            "they have expired, and what they may do (read, write, list, delete)",
        )

    @contextmanager
    def _client(self) -> Iterator[S3Store]:
        """The client; what goes wrong is told without the server's copy of the credentials."""
        refuse_fork()
        settings = self.settings()
        try:
            yield _client(self.bucket, settings)
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._no_bucket() from None
            raise FileNotFoundError(self.url) from None  # the server's words may repeat secrets
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
            raise self._refused() from None
        except exceptions.BaseError as error:
            if any(word in str(error) for word in _REFUSALS):
                raise self._refused() from None
            if "NoSuchBucket" in str(error):
                raise self._no_bucket() from None
            text = settings.without_secrets(str(error)).splitlines()[0][:300]
            raise StoreError(
                f"The server cannot be asked: {text}",
                where=self.url,
                do="check AWS_ENDPOINT_URL, the network and the name of the bucket",
            ) from None

    def exists(self) -> bool:
        """Whether there is such an object, or any object below it."""
        with self._client() as client:
            try:
                obstore.head(client, self.prefix)
            except FileNotFoundError:
                return any(True for page in obstore.list(client, self.prefix or None) if page)
        return True

    def read_bytes(self) -> bytes:
        """Read an object."""
        with self._client() as client:
            return bytes(obstore.get(client, self.prefix).bytes())

    def read_part(self, start: int, length: int) -> bytes:
        """Read a part of an object."""
        with self._client() as client:
            if start >= 0:
                return bytes(obstore.get_range(client, self.prefix, start=start, length=length))
            found = obstore.get(client, self.prefix, options={"range": {"suffix": -start}})
            return bytes(found.bytes())[:length]

    def read_tagged(self) -> tuple[bytes, str] | None:
        """Read an object and its entity tag; None where there is none."""
        with self._client() as client:
            try:
                found = obstore.get(client, self.prefix)
            except FileNotFoundError:
                return None
            return bytes(found.bytes()), str(found.meta["e_tag"])

    def write_bytes(self, data: bytes) -> None:
        """Write an object."""
        with self._client() as client:
            obstore.put(client, self.prefix, data)

    def write_if(self, data: bytes, tag: str | None) -> str | None:
        """Write an object if nobody was faster.

        Parameters
        ----------
        data : bytes
        tag : str or None
            The entity tag of the object that it replaces; None where there must be none.

        Returns
        -------
        str or None
            The new entity tag; None where the condition did not hold.
        """
        with self._client() as client:
            try:
                mode: Any = "create" if tag is None else {"e_tag": tag}
                return str(obstore.put(client, self.prefix, data, mode=mode)["e_tag"])
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError, FileNotFoundError):
                return None

    def make_folder(self) -> None:
        """Nothing: a prefix needs no making."""

    def children(self) -> list[Place]:
        """Objects and prefixes directly below it, by name."""
        with self._client() as client:
            found = obstore.list_with_delimiter(client, self.prefix or None)
        paths = [*found["common_prefixes"], *(one["path"] for one in found["objects"])]
        return [S3Place(f"s3://{self.bucket}/{path}") for path in sorted(paths)]

    def _objects(self) -> Iterator[Any]:
        with self._client() as client:
            for page in obstore.list(client, self.prefix or None):
                yield from page

    def delete(self) -> None:
        """Delete an object, where there is one."""
        with self._client() as client:
            obstore.delete(client, self.prefix)

    def delete_tree(self) -> None:
        """Delete every object below it."""
        paths = [one["path"] for one in self._objects()]
        if paths:
            with self._client() as client:
                obstore.delete(client, paths)

    def size(self) -> int:
        """Bytes of all objects below it."""
        return sum(int(one["size"]) for one in self._objects())

    def newest(self) -> float:
        """When an object below it was last written, by the server's clock; now where none is."""
        times = [float(one["last_modified"].timestamp()) for one in self._objects()]
        return max(times, default=time.time())

    def lance_options(self) -> dict[str, str]:
        """What Lance needs to open a table here."""
        settings = S3Settings.from_environment()
        options = {
            "aws_region": settings.region,
            "aws_access_key_id": settings.key,
            "aws_secret_access_key": settings.secret,
        }
        if settings.token:
            options["aws_session_token"] = settings.token
        if settings.endpoint:
            options["aws_endpoint"] = settings.endpoint
            options["aws_virtual_hosted_style_request"] = "false"
            options["allow_http"] = str(settings.plain_http).lower()
        return options

    def icechunk_storage(self) -> Any:
        """Icechunk's storage of a repository here."""
        settings = S3Settings.from_environment()  # what is missing is told here, not in a thread
        return icechunk.s3_storage(
            bucket=self.bucket,
            prefix=self.prefix,
            region=settings.region,
            endpoint_url=settings.endpoint,
            allow_http=settings.plain_http,
            # a function, so that a pickled session holds its name and not what it gives
            get_credentials=store_credentials,
            force_path_style=settings.endpoint is not None,
        )


def store_credentials() -> icechunk.S3StaticCredentials:
    """What Icechunk asks for, again and again, while a store or its sources are read."""
    settings = S3Settings.from_environment()
    until = datetime.now(UTC) + _ASK_AGAIN
    return icechunk.S3StaticCredentials(settings.key, settings.secret, settings.token, until)


@lru_cache(maxsize=16)
def _client(bucket: str, settings: S3Settings) -> S3Store:
    keys = (
        {"skip_signature": True}
        if settings.anonymous
        else {
            "access_key_id": settings.key,
            "secret_access_key": settings.secret,
            "skip_signature": False,  # the environment may ask it of sources
        }
    )
    options: Any = {
        **keys,
        "region": settings.region,
        "virtual_hosted_style_request": settings.endpoint is None,
    }
    if settings.token:
        options["session_token"] = settings.token
    if settings.endpoint:
        options["endpoint"] = settings.endpoint
    return S3Store(bucket, config=options, client_options={"allow_http": settings.plain_http})
