"""The commit point of several patients at once: all of them move, or none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from explorer.layout import HEADS
from explorer.records import Head, quote

if TYPE_CHECKING:
    from explorer.records import Records

_TRIES = 20


def move_together(records: Records, heads: Sequence[Head]) -> bool:
    """Move patients from version n - 1 to n, where each of them is still at n - 1.

    The table is written on top of the very state that was looked at, without a second try inside:
    whoever moves one of the patients in between makes the write fail as a whole.

    Parameters
    ----------
    records : Records
    heads : sequence of Head
        The new versions, none of them a first one.

    Returns
    -------
    bool
        Whether they moved. False: another writer has moved one, and nothing was changed.
    """
    data = pa.Table.from_pylist([head.row() for head in heads], schema=HEADS)
    wanted = {head.patient: head.version - 1 for head in heads}
    where = f"patient IN ({', '.join(quote(key) for key in wanted)})"
    for attempt in range(_TRIES):
        table = records.dataset("patients")
        rows = table.to_table(filter=where, columns=["patient", "version"]).to_pylist()
        if {row["patient"]: row["version"] for row in rows} != wanted:
            return False
        try:
            (
                table.merge_insert("patient")
                .when_matched_update_all()
                .conflict_retries(0)
                .execute(data)
            )
        except OSError as error:
            if "concurrent" not in str(error).lower() and "conflict" not in str(error).lower():
                raise
            time.sleep(0.02 * (attempt + 1))  # somebody wrote the table; look whom they moved
        else:
            return True
    return False
