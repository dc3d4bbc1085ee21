"""The objects below a source on S3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from explorer.archive import archive_kind, archive_members
from explorer.errors import FileRefusedError, NotFoundError
from explorer.found import Found
from explorer.layout import MARKER
from explorer.on_s3 import plain_object
from explorer.s3_source import ObjectState, S3Source, fetch_object

_NOISE = {".DS_Store", "Thumbs.db", "desktop.ini"}


def s3_root(source: S3Source) -> str:
    """The prefix that a source's references and identifiers belong to.

    Raises
    ------
    NotFoundError
        There is no object of that name, and none below it.
    StoreError
        The server cannot be asked, or there are no credentials.
    """
    if source.is_prefix():
        return source.url
    if not source.objects():
        raise NotFoundError(
            f"No object {source.url!r}, and none below it", do="check the bucket and the prefix"
        )
    return source.url.rpartition("/")[0]


def s3_walk(source: S3Source, scratch: Path | None = None) -> Iterator[Found]:
    """List a source on S3, by name.

    Archives are fetched to be listed; a store is no source.

    Parameters
    ----------
    source : S3Source
    scratch : pathlib.Path, optional
        Where archives are fetched to; without it they are refused.

    Yields
    ------
    Found
    """
    root = s3_root(source)
    found = source.objects()
    folders = {str(up) for uri, _ in found for up in PurePosixPath(uri[5:]).parents}
    stores = [uri.rpartition("/")[0] for uri, _ in found if uri.endswith(f"/{MARKER}")]
    for uri, state in found:
        if any(uri.startswith(f"{store}/") for store in stores):
            continue
        if state.size == 0 and uri[5:] in folders:
            continue  # what consoles make to show a folder
        yield from _one(uri, state, root, scratch)


def _one(uri: str, state: ObjectState, root: str, scratch: Path | None) -> Iterator[Found]:
    relative, name = uri.removeprefix(f"{root}/"), uri.rpartition("/")[2]
    found = Found(uri, relative, root, None, state.size, state.mtime_ns, tag=state.tag)
    if not plain_object(uri):
        yield replace(found, refused="its name is not a plain one; give the object another")
    elif name in _NOISE or name.startswith("._"):
        yield replace(found, skipped="the system's own file")
    elif state.size == 0:
        yield replace(found, refused="the file is empty")
    elif not state.tag:
        yield replace(found, refused="the server gives it no entity tag")
    elif archive_kind(name) is None:
        yield found
    elif scratch is None:
        yield replace(found, refused="an archive on S3")
    else:
        try:
            path = fetch_object(uri, state.tag, scratch)
        except FileRefusedError as error:
            yield replace(found, refused=error.message)
            return
        # members are copied in: nobody else can read them where they lie
        yield from archive_members(replace(found, path=path, tag=None), scratch)
