"""Trust: which folders a store may show its references from, as this user has decided.

A store names the files that its pixels lie in. One that came from somebody else could name any
file of the person who opens it, so its own word does not count: what counts is kept outside of
it, in a file of the user's own, under the store's id and the place that it lies at. Who ingests
a folder trusts it by that; for the rest there is ``--trust-root``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import platformdirs
from filelock import FileLock

from explorer.errors import StoreError
from explorer.on_s3 import SCHEME, on_s3, plain_object

FOLDER_VARIABLE = "ONCOGRAPH_CONFIG"
_NAME = "trusted.json"


def config_folder() -> Path:
    """The folder of what oncograph keeps for this user, outside of every store.

    ``ONCOGRAPH_CONFIG`` names another.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_path("oncograph"))


@dataclass(frozen=True)
class Trust:
    """What this user trusts one store to show.

    Parameters
    ----------
    store_id : str
        From the store's marker. A copied store has the same one, so that alone proves nothing.
    place : str
        Where the store lies.
    """

    store_id: str
    place: str

    def folders(self) -> list[str]:
        """The trusted folders; what lies below one is trusted too."""
        mine = {"store": self.store_id, "place": self.place}
        return sorted({row["root"] for row in _read() if row.items() >= mine.items()})

    def add(self, folders: Iterable[str]) -> None:
        """Trust folders, from now on.

        Raises
        ------
        StoreError
            The list of what is trusted cannot be written.
        """
        fresh = set(folders) - set(self.folders())
        if fresh:
            rows = [{"store": self.store_id, "place": self.place, "root": f} for f in fresh]
            _change(lambda known: [*known, *(row for row in rows if row not in known)])

    def remove(self, folders: Iterable[str]) -> None:
        """Trust folders no longer."""
        rows = [{"store": self.store_id, "place": self.place, "root": f} for f in folders]
        if any(row in rows for row in _read()):
            _change(lambda known: [row for row in known if row not in rows])


def readable(roots: Iterable[str], trusted: Iterable[str]) -> list[str]:
    """The folders that lie both below a store's own root and below a trusted one."""
    named, ours = set(roots), set(trusted)
    found = {r for r in named if any(lies_in(r, t) for t in ours)}
    found |= {t for t in ours if any(lies_in(t, r) for r in named)}
    inner = {f for f in found if any(f != o and lies_in(f, o) for o in found)}
    return sorted(found - inner)


def lies_in(path: str, folder: str) -> bool:
    """Whether a name is a folder's own, or of something below it; on S3 a prefix is a folder."""
    if on_s3(path) or on_s3(folder):
        return f"{path}/".startswith(f"{folder.rstrip('/')}/")
    return PurePath(path).is_relative_to(folder)


def folder_named(folder: str | os.PathLike[str]) -> str:
    """The folder that somebody names to be trusted: its real path, or a prefix on S3."""
    text = os.fspath(folder)
    if text.startswith("s3:/"):  # a path object folds the slashes of a URL
        text = SCHEME + text.removeprefix("s3:").lstrip("/")
    return text.rstrip("/") if on_s3(text) else os.path.realpath(text)


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a plain absolute path or object's URL is in a folder; ``..`` lies nowhere."""
    plain = plain_object(path) or (os.path.normpath(path) == path and PurePath(path).is_absolute())
    return plain and any(lies_in(path, folder) for folder in folders)


def _read() -> list[dict[str, str]]:
    place = config_folder() / _NAME
    try:
        with place.open(encoding="utf-8") as file:
            _refuse_a_strangers(file.fileno(), place)
            rows = json.load(file)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise StoreError(
            f"The list of trusted folders cannot be read: {error}",
            where=str(place),
            do=f"mend or delete it, or name another folder in {FOLDER_VARIABLE}; ingest and "
            "--trust-root write it anew",
        ) from error
    names = {"store", "place", "root"}
    return [row for row in rows if isinstance(row, dict) and set(row) == names]


def _refuse_a_strangers(file: int, place: Path) -> None:
    about = os.fstat(file)
    if os.name == "posix" and (about.st_uid != os.getuid() or about.st_mode & 0o022):
        raise StoreError(
            "Others could have written the list of trusted folders",
            expected="a file of your own that only you may write (mode 0600)",
            where=str(place),
            do="look at it, then: chmod 600, or delete it",
        )


def _change(step: Any) -> None:
    place = config_folder() / _NAME
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(place.with_suffix(".lock"), mode=0o600):
            rows = step(_read())
            part = place.with_suffix(".part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                json.dump(rows, file, indent=1)
            os.replace(part, place)  # noqa: PTH105 - it appears whole
    except OSError as error:
        raise StoreError(
            f"What you trust cannot be remembered: {error}",
            where=str(place),
            do=f"name a folder that you may write to in {FOLDER_VARIABLE}",
        ) from error
