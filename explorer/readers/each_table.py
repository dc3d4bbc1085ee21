"""Readers of one table a file: each read by itself, its failure its own."""

from __future__ import annotations

from collections.abc import Callable

from explorer.draft import FileStatus, Header
from explorer.errors import FileRefusedError
from explorer.readers.one_file import describe
from explorer.records_draft import TablesReading


def each_table(
    headers: list[Header], read: Callable[[Header, TablesReading], FileStatus]
) -> TablesReading:
    """Read files one by one; one that cannot be read is refused and leaves nothing behind.

    Parameters
    ----------
    headers : list of Header
    read : callable
        Adds a file's drafts, faults and meanings to the reading it is given, and tells its fate.

    Returns
    -------
    TablesReading
        One status a header, in their order.
    """
    whole = TablesReading([], [])
    for header in headers:
        one = TablesReading([], [])
        try:
            status = read(header, one)
        except FileRefusedError as error:
            status = FileStatus(header.source.uri, "refused", error.message)
        except MemoryError:
            status = FileStatus(header.source.uri, "refused", "It needs more memory than there is")
        except RecursionError:
            reason = "The file's parts are nested deeper than any real ones."
            status = FileStatus(header.source.uri, "refused", reason)
        except Exception as error:  # noqa: BLE001 - hostile bytes make parsers raise anything
            status = FileStatus(header.source.uri, "refused", f"It is broken: {describe(error)}")
        else:
            whole.drafts += one.drafts
            whole.faults += one.faults
            whole.shown += one.shown
        whole.statuses.append(status)
    return whole
