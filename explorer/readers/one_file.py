"""Readers of one file an item: each header read by itself, its failure its own."""

from __future__ import annotations

from collections.abc import Callable

from explorer.draft import Draft, FileStatus, Header, Reading
from explorer.errors import FileRefusedError, FileSkippedError, OncographError


def read_each(headers: list[Header], read: Callable[[Header], tuple[Draft, FileStatus]]) -> Reading:
    """Read files one by one; one that cannot be read is refused and spoils no other.

    Parameters
    ----------
    headers : list of Header
    read : callable
        Gives a draft and its file's status, or raises.

    Returns
    -------
    Reading
        One status a header, in their order.
    """
    reading = Reading([], [])
    for header in headers:
        try:
            draft, status = read(header)
        except FileSkippedError as error:
            reading.statuses.append(FileStatus(header.source.uri, "skipped", str(error)))
        except OncographError as error:
            reading.statuses.append(FileStatus(header.source.uri, "refused", str(error)))
        except RecursionError:
            reason = "The file's parts are nested deeper than any real ones."
            reading.statuses.append(FileStatus(header.source.uri, "refused", reason))
        except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
            reason = f"The file is broken: {describe(error)}"
            reading.statuses.append(FileStatus(header.source.uri, "refused", reason))
        else:
            reading.drafts.append(draft)
            reading.statuses.append(status)
    return reading


def describe(error: BaseException) -> str:
    """Name an error in one printable line."""
    text = "".join(c if c.isprintable() else " " for c in str(error))[:200].strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def refuse(error: BaseException, what: str) -> FileRefusedError:
    """Turn a parser's error into a refusal that says what was being read."""
    return FileRefusedError(f"{what}: {describe(error)}")
