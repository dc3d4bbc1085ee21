"""Withdraw a measurement that a person made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from explorer.address import Address
from explorer.errors import NotFoundError
from explorer.records import now
from explorer.run_draft import RunDraft
from graphs.errors import MeasureError
from graphs.put_measurement import KIND, PERSON

if TYPE_CHECKING:
    from explorer.patient import Patient


def withdraw_measurement(
    patient: Patient, measurement: Address | str, by: str, reason: str = ""
) -> None:
    """Take a measurement made by hand back; who and when stay, and so do older versions.

    Parameters
    ----------
    patient : Patient
        Its newest version is written to.
    measurement : Address or str
        As `put_measurement` gave it.
    by : str
        Who.
    reason : str

    Raises
    ------
    NotFoundError
        The newest version has no such measurement, or not one that a person made.
    MeasureError
        Nobody is named.
    """
    if not by.strip():
        raise MeasureError("Nobody is named", expected="who withdraws it")
    address = Address.parse(measurement) if isinstance(measurement, str) else measurement
    there = patient.store[patient.key]
    run = next(
        (
            row
            for row in there.rows("runs")
            if address.key == there.key
            and row["run"] == address.item
            and (row["kind"], row["producer"], row["state"]) == (KIND, PERSON, "present")
        ),
        None,
    )
    if run is None:
        raise NotFoundError(
            f"No measurement made by hand at {address}", where=f"patient {patient.label}"
        )
    said = {"by": by, "at": now(), "reason": reason}
    draft = RunDraft(
        KIND, PERSON, run["version"], input=run["input"], settings=json.loads(run["settings"]),
        state=f"withdrawn by {by}", detail={**json.loads(run["detail"]), "withdrawn": said},
        synthetic=bool(run["synthetic"]),
    )  # fmt: skip
    with there.store.transaction(f"measurement {address.item} withdrawn") as t:
        t.put_run(there.key, draft)
