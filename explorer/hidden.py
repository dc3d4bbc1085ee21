"""Patients who were joined into another one, and are not listed for themselves."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow.compute as pc

if TYPE_CHECKING:
    from explorer.records import Records


def hidden(records: Records) -> dict[str, str]:
    """Find the patients who went into another one.

    The rows that a patient shows decide, and nothing else: a patient is joined as long as the
    visible `attributes` of another one have a row that came in as this one. The table `joins` is
    the log, and says at once where there is nothing to look for.

    Parameters
    ----------
    records : Records

    Returns
    -------
    dict
        Key of the joined patient to key of the one who is visible.
    """
    # '~file' is no patient: it says that a person gave a file to one
    if not records.read("joins", "undone IS NULL AND patient <> '~file'", ["patient"]).num_rows:
        return {}
    # the heads first: the rows of a version are there before its head is, and stay
    heads = records.read("patients", columns=["patient", "at_attributes"])
    rows = records.read("attributes", "came_as IS NOT NULL", ["patient", "commit", "came_as"])
    current = pc.binary_join_element_wise(heads["patient"], heads["at_attributes"], "/")
    each = pc.binary_join_element_wise(rows["patient"], rows["commit"], "/")
    rows = rows.filter(pc.is_in(each, value_set=pc.drop_null(current)))
    holders: dict[str, set[str]] = defaultdict(set)
    for row in rows.to_pylist():
        holders[row["came_as"]].add(row["patient"])
    # in a chain the joined ones hold each other too; the one whom nobody holds is visible
    lead = {key: sorted(into - set(holders)) for key, into in holders.items()}
    return {key: into[0] for key, into in lead.items() if into}
