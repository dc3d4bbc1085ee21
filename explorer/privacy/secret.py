"""The secret of a store: what pseudonyms, UIDs and date shifts are derived from."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import NotFoundError, StoreError

NAME = "deidentify.key"
_BYTES = 32
# Ten years and a leap day or two: long enough that a real date tells nothing of a shifted one.
_MOST_DAYS = 3652
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_NUMBER = re.compile(r"(?<!\d)\d{3,}(?!\d)")
_DAY = re.compile(r"(?:19|20)\d\d(?:[-_.]?\d\d){0,2}")


@dataclass(frozen=True, repr=False)
class Secret:
    """A random key; everything else follows from it by HMAC-SHA-256.

    The same identifier has the same pseudonym, the same UID the same successor and the same
    patient the same shift, at every ingest, without a table that links both. Who has the key can
    test a guess; without it nothing leads back.

    Parameters
    ----------
    key : bytes
    """

    key: bytes

    @classmethod
    def of(cls, path: Path, *, create: bool = False) -> Secret:
        """Read the key file, or make one (mode 0600).

        Parameters
        ----------
        path : pathlib.Path
        create : bool

        Raises
        ------
        NotFoundError
            There is none.
        StoreError
            The file is none of ours.
        """
        if create and not path.exists():
            part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(_BYTES) + "\n")
            try:
                os.link(part, path)  # whole, and never in the place of another run's
            except FileExistsError:
                pass
            finally:
                part.unlink()
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            raise NotFoundError(
                "There is no key of de-identification", do="make one: oncograph ingest --deidentify"
            ) from None
        except (ValueError, OSError) as error:
            raise StoreError(
                f"The key of de-identification cannot be read: {type(error).__name__}",
                expected=f"{2 * _BYTES} hexadecimal digits",
            ) from error
        if len(key) != _BYTES:
            raise StoreError(
                f"The key of de-identification has {len(key)} bytes", expected=f"{_BYTES}"
            )
        return cls(key)

    def digest(self, kind: str, text: str) -> bytes:
        """HMAC of a text; one kind tells nothing of another."""
        whole = f"{kind}\x1f{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, whole, hashlib.sha256)

    def pseudonym(self, identifier: str) -> str:
        """What stands for a patient's identifier: ``P`` and 16 letters.

        Six digits follow where the identifier has a number of three or more that is no date: by
        these `folder_hint` tells files of several patients in one folder from those of one.
        """
        digest = self.digest("patient", identifier.strip())
        letters = digest.hex()[:16].translate(_LETTERS)
        if not _NUMBER.search(_DAY.sub(" ", identifier)):
            return f"P{letters}"
        return f"P{letters}{int.from_bytes(digest[-4:], 'big') % 1_000_000:06}"

    def uid(self, uid: str) -> str:
        """A UID's successor, of the root 2.25 (DICOM PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self.digest('uid', uid.strip())[:16], 'big')}"

    def number(self, text: str) -> int:
        """A positive 62-bit integer, for what is only ever compared."""
        return int.from_bytes(self.digest("number", text)[:8], "big") >> 2

    def shift(self, pseudonym: str) -> int:
        """Days that are added to every date of a patient, -3652 to -1."""
        return -1 - int.from_bytes(self.digest("shift", pseudonym)[:8], "big") % _MOST_DAYS


def forget_secret(path: Path) -> bool:
    """Destroy a key: overwritten, then removed. What was made with it cannot be added to.

    A copy-on-write disk, or a backup, may keep the old bytes: that is the disk's to answer for.

    Returns
    -------
    bool
        Whether there was one.
    """
    if not path.is_file():
        return False
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(2 * _BYTES + 1))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return True
