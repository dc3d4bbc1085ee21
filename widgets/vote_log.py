"""VoteLog: readers' votes in a file that is only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from explorer.errors import StoreError
from explorer.records import now


class VoteLog:
    """A file of votes, one JSON object a line (JSON Lines, UTF-8).

    A line is written whole and flushed to the disk before `add` returns; several readers may
    write into one file. A line that a crash has torn is skipped, and the next one begins on a
    line of its own. Nothing is ever changed or taken out.

    Parameters
    ----------
    path : str or Path
        Made where it is missing; its folder is not.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = FileLock(f"{self.path}.lock")

    def add(self, vote: Mapping[str, Any]) -> dict[str, Any]:
        """Append a vote.

        Parameters
        ----------
        vote : mapping
            JSON-able; ``pair`` and ``reader`` among it.

        Returns
        -------
        dict
            With ``time`` (ISO 8601, UTC).

        Raises
        ------
        StoreError
            This reader has voted on this pair before.
        """
        row = {**vote, "time": now()}
        with self._lock:
            said = (row["pair"], row["reader"])
            if any((one.get("pair"), one.get("reader")) == said for one in self.votes()):
                raise StoreError(
                    f"Reader {said[1]!r} has voted on {said[0]!r} before; the first vote counts",
                    where=str(self.path),
                )
            line = json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            with self.path.open("ab") as file:
                if self._torn():
                    line = b"\n" + line
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        return row

    def votes(self, reader: str | None = None) -> list[dict[str, Any]]:
        """The votes so far, the oldest first; of one reader or of all."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_bytes().split(b"\n"):
            try:
                row = json.loads(line.decode())
            except ValueError:
                continue  # torn, or not ours
            if isinstance(row, dict) and reader in (None, row.get("reader")):
                found.append(row)
        return found

    def _torn(self) -> bool:
        data = self.path.stat().st_size
        if not data:
            return False
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
