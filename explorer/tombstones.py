"""Tombstones: what was erased is asked about before it comes in again.

A store keeps digests that say nothing of who was erased. That of a file is salted with the
store's id: who has the file can tell that it was here, and nobody can tell the file from it. That
of an identifier, which could be found by trying, is keyed with a secret that is kept outside of
the store, with what its user trusts: it counts for the user who erased, and for nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from explorer.errors import StoreError
from explorer.purge import delete_rows
from explorer.records import now, quote
from explorer.trust import FOLDER_VARIABLE, config_folder

if TYPE_CHECKING:
    from explorer.records import Records

TABLE = "tombstones"
_NAME = "erased.json"


class Tombstones:
    """The digests of a store.

    Parameters
    ----------
    records : Records
    store_id : str
    """

    def __init__(self, records: Records, store_id: str) -> None:
        self._records = records
        self._salt = store_id.encode()

    def of_file(self, sha256: str) -> str:
        """The digest of a source file."""
        return hashlib.sha256(b"oncograph erased file " + self._salt + sha256.encode()).hexdigest()

    def of_person(self, issuer: str, identifier: str, *, make: bool = False) -> str | None:
        """The digest of an identifier; None where this user has never erased anybody."""
        key = _secret(make=make)
        if key is None:
            return None
        text = b"\0".join([self._salt, issuer.encode("utf-8", "replace"),
                           identifier.encode("utf-8", "replace")])  # fmt: skip
        return hmac.new(key, text, hashlib.sha256).hexdigest()

    def known(self) -> set[str]:
        """Every digest."""
        return set(self._records.read(TABLE, columns=["digest"])["digest"].to_pylist())

    def add(self, digests: Iterable[str]) -> None:
        """Add digests that are not there yet."""
        fresh = sorted(set(digests) - self.known())
        self._records.append(TABLE, [{"digest": one, "time": now()[:10]} for one in fresh])

    def forget(self, digests: Iterable[str]) -> None:
        """Take digests out: what they speak of may come in again."""
        for one in sorted(set(digests) & self.known()):
            delete_rows(self._records, TABLE, f"digest = {quote(one)}")

    def persons(self, issuer: str, identifiers: Iterable[str]) -> set[str]:
        """Those of the identifiers that belonged to somebody who was erased."""
        known = self.known()
        if not known:
            return set()
        return {name for name in identifiers if self.of_person(issuer, name) in known}

    def files(self, hashes: Mapping[str, str | None]) -> set[str]:
        """Of files (name to sha256), the names of those that were erased."""
        known = self.known()
        if not known:
            return set()
        return {uri for uri, sha in hashes.items() if sha and self.of_file(sha) in known}


def _secret(*, make: bool) -> bytes | None:
    place = config_folder() / _NAME
    try:
        return bytes.fromhex(json.loads(place.read_text("utf-8"))["secret"])
    except FileNotFoundError:
        if not make:
            return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The secret of erasures cannot be read: {error}", where=str(place)
        ) from error
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = secrets.token_hex(32)
        file = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(file, "w") as out:
            json.dump({"secret": fresh}, out)
    except FileExistsError:
        return _secret(make=False)
    except OSError as error:
        raise StoreError(
            f"The secret of erasures cannot be kept: {error}",
            where=str(place),
            do=f"name a folder that you may write to in {FOLDER_VARIABLE}",
        ) from error
    return bytes.fromhex(fresh)
