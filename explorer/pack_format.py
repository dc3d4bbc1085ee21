"""The format of a packed patient: names, versions, and what may stand in one.

A pack is a zip with ``manifest.json``, ``rows/<table>.jsonl`` (a row a line) and ``arrays/...``
(the keys of a Zarr v3 group, as they are); earlier versions lie below ``history/<n>/``.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from explorer.errors import FileRefusedError

FORMAT = "oncograph-pack"
PACK_VERSION = 1

MANIFEST = "manifest.json"
ROWS = "rows"
ARRAYS = "arrays"
HISTORY = "history"

_ISSUER = re.compile(r"pack-[0-9a-f]{16}\Z")
_KEY = re.compile(r"[0-9a-f]{20}\Z")
_SHA = re.compile(r"[0-9a-f]{64}\Z")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:]")
_CODECS = {"bytes", "blosc", "zstd", "gzip", "crc32c"}
_TYPES = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64",
}  # fmt: skip
_MOST_CHUNK_BYTES = 512 * 2**20


def as_bytes(document: Any) -> bytes:
    """JSON that is the same for the same content."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def sha256(data: bytes) -> str:
    """The hash of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def issuer_of(versions: list[dict[str, Any]]) -> str:
    """The issuer that a pack's identifiers belong to: of the same content it is the same."""
    content = [sorted((n, a["sha256"]) for n, a in v["files"].items()) for v in versions]
    return f"pack-{sha256(as_bytes(content))[:16]}"


def check_manifest(manifest: Any, version: int) -> dict[str, Any]:
    """Refuse a manifest that is not one of ours, or says what cannot be.

    Parameters
    ----------
    manifest : object
        As it was read.
    version : int
        The store's format that this oncograph knows.

    Raises
    ------
    FileRefusedError
    """
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise FileRefusedError("It is no packed patient", expected=f"a {MANIFEST} of ours")
    for name, most in (("version", PACK_VERSION), ("store_format", version)):
        found = manifest.get(name)
        if not isinstance(found, int) or found > most:
            raise FileRefusedError(
                f"The pack has {name} {found!r}", expected=f"at most {most}",
                do="use a newer oncograph",
            )  # fmt: skip
    versions = manifest.get("versions")
    names = manifest.get("identifiers")
    sound = (
        isinstance(versions, list)
        and bool(versions)
        and all(_is_version(one) for one in versions)
        and isinstance(names, list)
        and bool(names)
        and all(isinstance(name, str) and name for name in names)
        and isinstance(manifest.get("label"), str)
        and _KEY.match(str(manifest.get("key")))
        and _ISSUER.match(str(manifest.get("issuer")))
    )
    if not sound or manifest["issuer"] != issuer_of(versions or []):
        raise FileRefusedError("The manifest is damaged", expected="names, hashes and sizes")
    return manifest


def _is_version(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("message"), str)
        and isinstance(one.get("files"), dict)
        and all(_is_entry(name, about) for name, about in one["files"].items())
    )


def _is_entry(name: Any, about: Any) -> bool:
    return (
        safe_name(name)
        and name.startswith((f"{ROWS}/", f"{ARRAYS}/"))
        and isinstance(about, dict)
        and safe_name(about.get("at"))
        and isinstance(about.get("size"), int)
        and bool(_SHA.match(str(about.get("sha256"))))
    )


def safe_name(name: Any) -> bool:
    """Whether a name can stand in a pack: relative, plain parts, nothing that leads elsewhere."""
    if not isinstance(name, str) or len(name) > 1000 or _UNSAFE.search(name):
        return False
    return all(part not in ("", ".", "..") for part in name.split("/"))


def check_node(data: bytes, where: str) -> None:
    """Refuse the metadata of an array or group that this format does not write.

    Raises
    ------
    FileRefusedError
        A codec, a type or a size that a store never has.
    """
    try:
        node = json.loads(data)
        if node["zarr_format"] != 3 or node["node_type"] not in ("array", "group"):
            raise ValueError("no node of Zarr 3")
        if node["node_type"] == "group":
            return
        codecs = {codec["name"] for codec in node["codecs"]}
        shape = [int(n) for n in node["shape"]]
        chunk = [int(n) for n in node["chunk_grid"]["configuration"]["chunk_shape"]]
        size = 8
        for n in chunk:
            size *= n
        if (
            not codecs <= _CODECS
            or node["data_type"] not in _TYPES
            or node.get("storage_transformers")
        ):
            raise ValueError(f"{node['data_type']} by {sorted(codecs)}")
        if min([0, *shape]) < 0 or min([1, *chunk]) < 1 or not 0 < size <= _MOST_CHUNK_BYTES:
            raise ValueError(f"shape {shape}, chunks {chunk}")
    except (ValueError, KeyError, TypeError) as error:
        raise FileRefusedError(f"An array that is not ours: {error}", where=where) from error
