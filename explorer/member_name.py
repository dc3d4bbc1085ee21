"""Names of members: what may be unpacked below a folder, and what leads elsewhere."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import PurePosixPath

MOST_BYTES = 1024
MOST_PARTS = 64
_MOST_PART_BYTES = 255  # what file systems hold
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def unsafe_name(name: str) -> str | None:
    """Say why a member's name is not taken, None where it is.

    Names are judged as every system would read them: a backslash divides, a drive letter leads.
    """
    if "\0" in name:
        return "its name holds a NUL"
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[^/]*:", path.as_posix()):
        return "its name leads out of the archive"
    if not path.parts:
        return "it has no name"
    try:
        sizes = [len(part.encode()) for part in path.parts]
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if max(sizes) > _MOST_PART_BYTES or sum(sizes) > MOST_BYTES:
        return f"its name is longer than file systems hold ({max(sizes)} bytes a part)"
    if len(sizes) > MOST_PARTS:
        return f"its name has {len(sizes)} folders, more than {MOST_PARTS}"
    if os.name == "nt" and any(_DEVICES.match(p) or p[-1] in ". " or ":" in p for p in path.parts):
        return "its name is no file's on Windows"
    return None


def folded_name(name: str) -> str:
    """A name as the least exact file system takes it: one case, one normal form, one slash."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return unicodedata.normalize("NFC", "/".join(parts).casefold())
