"""S3 source: objects that are read where they lie in a bucket, and never written."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import icechunk
import obstore
from obstore import exceptions

from explorer.errors import FileRefusedError, SourceChangedError, StoreError
from explorer.on_s3 import SCHEME, plain_object
from explorer.s3_place import S3Place, store_credentials
from explorer.s3_settings import S3Settings


@dataclass(frozen=True)
class ObjectState:
    """What a server says of an object.

    Attributes
    ----------
    size : int
    mtime_ns : int
        When it was written, in whole seconds as servers tell it; the parts of a second are a
        digest of the entity tag, so that an object that was written twice in one is seen.
    tag : str
        The entity tag: another one where the bytes are others.
    """

    size: int
    mtime_ns: int
    tag: str

    @classmethod
    def of(cls, told: Any) -> ObjectState:
        """Of what obstore lists."""
        tag = str(told["e_tag"] or "")
        seconds = int(told["last_modified"].timestamp())
        return cls(int(told["size"]), seconds * 10**9 + zlib.crc32(tag.encode()) % 10**9, tag)


class S3Source(S3Place):
    """A prefix of a bucket, or one object, as a source.

    Credentials come from the environment; ``AWS_SKIP_SIGNATURE=true`` asks without any, as
    public buckets allow.
    """

    @classmethod
    def object(cls, uri: str) -> S3Source:
        """One object, by its name: it may have characters that no store's place may have."""
        if not plain_object(uri):
            raise FileRefusedError("its name is not one object's", where=uri)
        bucket, _, key = uri.removeprefix(SCHEME).partition("/")
        found = cls(SCHEME + bucket)
        found.prefix, found.url = key, uri
        return found

    @staticmethod
    def settings() -> S3Settings:
        """From the environment; unsigned where that says so."""
        return S3Settings.from_environment(unsigned=True)

    def _no_bucket(self) -> StoreError:
        return StoreError(f"There is no bucket {self.bucket!r}", where=self.url)

    def _refused(self) -> StoreError:
        if not self.settings().anonymous:
            return super()._refused()
        return StoreError(
            "The server does not show this to everybody",
            where=self.url,
            do="unset AWS_SKIP_SIGNATURE, and give credentials by the environment",
        )

    def is_prefix(self) -> bool:
        """Whether there is an object below it."""
        with self._client() as client:
            return any(True for page in obstore.list(client, self.prefix or None) if page)

    def objects(self) -> list[tuple[str, ObjectState]]:
        """Every object below it, and itself where it is one: its URL and state, by name."""
        found = [(f"{SCHEME}{self.bucket}/{one['path']}", ObjectState.of(one))
                 for one in self._objects()]  # fmt: skip
        if not found and self.prefix:
            with self._client() as client:
                try:
                    found = [(self.url, ObjectState.of(obstore.head(client, self.prefix)))]
                except FileNotFoundError:
                    return []
        return sorted(found)

    def state(self) -> ObjectState:
        """Ask for an object's state.

        Raises
        ------
        FileNotFoundError
            There is no such object.
        StoreError
            The server cannot be asked.
        """
        with self._client() as client:
            return ObjectState.of(obstore.head(client, self.prefix))

    def blocks(self, tag: str | None = None) -> Iterator[bytes]:
        """Read an object, a block at a time; only while it has the tag, where one is named."""
        with self._client() as client, self._as_it_was():
            options: Any = {"if_match": tag} if tag else {}
            found = obstore.get(client, self.prefix, options=options)
            self._check(found.meta["e_tag"], tag)
            for block in found.stream():
                yield bytes(block)

    def read_range(self, start: int, length: int, tag: str) -> bytes:
        """Read some bytes of an object, if it has the tag.

        Raises
        ------
        SourceChangedError
            It has another one, or is shorter.
        FileNotFoundError
            There is no such object.
        """
        with self._client() as client, self._as_it_was():
            options: Any = {"if_match": tag, "range": (start, start + length)}
            found = obstore.get(client, self.prefix, options=options)
            self._check(found.meta["e_tag"], tag)
            data = bytes(found.bytes())
        if len(data) != length:
            raise SourceChangedError("The object was changed: it ends too early", where=self.url)
        return data

    def _check(self, now: str | None, tag: str | None) -> None:
        """Not every server holds to the condition of a read."""
        if tag and now != tag:
            raise self._changed()

    @contextmanager
    def _as_it_was(self) -> Iterator[None]:
        try:
            yield
        except exceptions.PreconditionError:
            raise self._changed() from None

    def _changed(self) -> SourceChangedError:
        return SourceChangedError("The object was changed", where=self.url)

    def sha256(self) -> str:
        """SHA-256 of an object's bytes, hexadecimal."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()


def fetch_object(uri: str, tag: str, folder: Path) -> Path:
    """Fetch an object into a working folder, below the names that its URL has.

    Raises
    ------
    FileRefusedError
        It cannot be read, or is not the one that was listed.
    """
    where = S3Source.object(uri)  # a name that leads nowhere else
    target = folder.joinpath("objects", *uri.removeprefix(SCHEME).split("/"))
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        with part.open("wb") as out:
            for block in where.blocks(tag):
                out.write(block)
        part.chmod(0o600)
        part.replace(target)
    except (OSError, StoreError) as error:
        told = getattr(error, "found", None) or getattr(error, "strerror", None)
        reason = told or "there is no such object any more"
        raise FileRefusedError(f"cannot be fetched: {reason}", where=uri) from None
    return target


def chunk_container(prefix: str) -> tuple[Any, Any] | None:
    """Icechunk's container of objects below a prefix, and its credentials.

    None where the environment has none: the rest of a patient can be read all the same.
    """
    try:
        settings = S3Source.settings()
    except StoreError:
        return None
    store = icechunk.s3_store(
        region=settings.region,
        endpoint_url=settings.endpoint,
        allow_http=settings.plain_http,
        anonymous=settings.anonymous,
        s3_compatible=settings.endpoint is not None,
        force_path_style=settings.endpoint is not None,
    )
    access = (
        icechunk.s3_anonymous_credentials()
        if settings.anonymous
        # a function, so that a pickled session holds its name and not what it gives
        else icechunk.s3_credentials(get_credentials=store_credentials)
    )
    return icechunk.VirtualChunkContainer(prefix, store), access
