"""Lease: a lock on S3, an object that its holder has to renew, and that others take over."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from contextlib import suppress

from explorer.errors import ConflictError, StoreError
from explorer.s3_place import S3Place

# How often a living holder writes within its time.
_RENEWALS = 4


class Lease:
    """A lock that outlives nobody for long.

    The object names its holder. It is made only where there is none, and replaced only where it
    still is what was read (conditional writes), so that one of many gets it. The holder writes
    it anew every few seconds; who waits takes over what was not written for the holder's time,
    by the waiter's own clock: clocks of two machines are never compared. Given back, it stays as
    an object that names nobody.

    A holder that was suspended may believe that it still holds a lease which others have taken
    over. `check` asks the server, and is called before each step that only a holder may take.

    Parameters
    ----------
    place : S3Place
        Of the object.
    seconds : float
        How long others wait for a holder that has become silent.
    """

    def __init__(self, place: S3Place, seconds: float) -> None:
        self._place = place
        self._me = secrets.token_hex(10)
        self._seconds = seconds
        self._tag = self._seen = ""
        self._lost = False
        self._turn = threading.Lock()
        self._ended = threading.Event()

    def acquire(self, wait_s: float) -> None:
        """Wait until nobody else holds it.

        Raises
        ------
        TimeoutError
            Another one has held it for all of `wait_s`.
        """
        begun = since = time.monotonic()
        seen = ""
        while not self._take(seen, since):
            here = time.monotonic()
            if self._seen != seen:
                seen, since = self._seen, here
            if here - begun > wait_s:
                raise TimeoutError(f"held by another for {wait_s} s")
            time.sleep(random.uniform(0.1, 0.3))
        threading.Thread(target=self._keep, daemon=True, name="oncograph lease").start()

    def _take(self, seen: str, since: float) -> bool:
        """Try once; `seen` is the tag that the object has had since a time."""
        found = self._place.read_tagged()
        self._seen = ""
        tag = None
        if found is not None:
            holder, seconds = _read(found[0], self._seconds)
            self._seen = tag = found[1]
            if holder == self._me:  # the answer to our own write was lost on the way
                self._tag = tag
                return True
            late = seen == tag and time.monotonic() - since > seconds
            if holder and not late:
                return False
        written = self._place.write_if(self._word(self._me), tag)
        self._tag = written or ""
        return written is not None

    def _word(self, holder: str) -> bytes:
        # never the same bytes twice: an entity tag is often a hash of them
        word = {"holder": holder, "seconds": self._seconds, "word": secrets.token_hex(8)}
        return json.dumps(word).encode()

    def _renew(self) -> bool:
        """Write it anew, if it is still ours."""
        with self._turn:
            if self._lost:
                return False
            written = self._place.write_if(self._word(self._me), self._tag)
            if written is None:
                found = self._place.read_tagged()
                if found is not None and _read(found[0], 0)[0] == self._me:
                    written = found[1]
            self._lost = written is None
            self._tag = written or ""
            return not self._lost

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / _RENEWALS):
            try:
                if not self._renew():
                    return
            except StoreError:
                continue  # the server may be back in time; whether it was, `check` finds out

    def check(self) -> None:
        """Make sure that it is still held, for its full time from now.

        Raises
        ------
        ConflictError
            Another one has taken it over.
        """
        if not self._renew():
            raise ConflictError(
                "This process was silent for too long, and another one went on in its place",
                where=self._place.url,
                do="try again: nothing of this change is visible",
            )

    def release(self) -> None:
        """Give it back."""
        self._ended.set()
        with self._turn:
            if not self._lost:
                with suppress(StoreError):  # if the server is away, it runs out by itself
                    self._place.write_if(self._word(""), self._tag)


def _read(data: bytes, usual_s: float) -> tuple[str, float]:
    try:
        word = json.loads(data)
        return str(word["holder"]), float(word["seconds"])
    except (ValueError, KeyError, TypeError):
        return "unknown", usual_s  # whoever wrote it is given the usual time
