"""The digest of a patient's arrays at one version."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import icechunk
from zarr.core.buffer import default_buffer_prototype
from zarr.core.sync import sync

from explorer.errors import OncographError

if TYPE_CHECKING:
    from explorer.patient import Patient

_AT_ONCE = 16


@dataclass
class ArrayDigest:
    """What was read of a patient's arrays.

    Attributes
    ----------
    sha256 : str
    keys, bytes : int
        Chunks and metadata, and their size as they are stored.
    faults : dict
        Name of an item's group to what hindered reading it: the digest is then of the rest.
    """

    sha256: str = ""
    keys: int = 0
    bytes: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def array_digest(patient: Patient) -> ArrayDigest:
    """Read every chunk of a patient's version, and its metadata, and hash all of it.

    The digest is a sha256 over lines ``key size sha256``, sorted: the keys of the Zarr v3 group,
    and the bytes that stand under them, compressed as they are. Of pixels by reference these are
    the bytes of the source file. Metadata is JSON, and is written anew with names sorted first.

    Parameters
    ----------
    patient : Patient

    Returns
    -------
    ArrayDigest
        Of a patient without arrays the digest of nothing.
    """
    if patient.head.snapshot is None:
        return ArrayDigest(hashlib.sha256().hexdigest())
    try:
        found: ArrayDigest = sync(_read(patient.arrays().store))
    except (icechunk.IcechunkError, OncographError, OSError, ValueError, KeyError) as error:
        return ArrayDigest(faults={"arrays": _words(error)})
    return found


async def _read(store: Any) -> ArrayDigest:
    result = ArrayDigest()
    whole = hashlib.sha256()
    keys = sorted([key async for key in store.list_prefix("")])
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        read = (store.get(key, default_buffer_prototype()) for key in some)
        for key, got in zip(some, await asyncio.gather(*read, return_exceptions=True), strict=True):
            if got is None or isinstance(got, BaseException):
                result.faults.setdefault(_item(key), _words(got))
                continue
            data = got.to_bytes()
            if key.endswith("zarr.json"):
                data = json.dumps(json.loads(data), sort_keys=True).encode()
            line = f"{key} {len(data)} {hashlib.sha256(data).hexdigest()}\n"
            whole.update(line.encode())
            result.keys += 1
            result.bytes += len(data)
    result.sha256 = whole.hexdigest()
    return result


def _item(key: str) -> str:
    return "/".join(key.split("/")[:2])


def _words(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines() if error is not None else []
    return lines[0][:200] if lines else type(error).__name__
