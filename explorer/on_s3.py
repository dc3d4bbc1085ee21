"""Names of sources on S3: which they are, and which are plain."""

from __future__ import annotations

import re

SCHEME = "s3://"
# Control characters; and what parts an archive's name from its members'.
_ODD = re.compile(r"[\x00-\x1f\x7f!\\]")


def on_s3(uri: str) -> bool:
    """Whether a source's name is that of an object, or of a prefix."""
    return uri.startswith(SCHEME)


def plain_object(uri: str) -> bool:
    """Whether a name is one object's and no other's: ``..`` and empty parts lie nowhere."""
    parts = uri.removeprefix(SCHEME).split("/")
    plain = on_s3(uri) and not _ODD.search(uri)
    return plain and all(part not in ("", ".", "..") for part in parts)
