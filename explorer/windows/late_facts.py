"""late_facts: what a task would use as a feature though nobody knew it on the index day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.html import table_html
from explorer.patient_set import PatientSet
from explorer.windows.chosen_inputs import ChosenInputs
from explorer.windows.dated_rows import DATED
from explorer.windows.glob_match import glob_match
from explorer.windows.outcome_columns import outcome_columns
from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses
from explorer.windows.row_places import row_places
from explorer.windows.windowed import CANNOT_TELL, Windowed

if TYPE_CHECKING:
    from explorer.tasks.task import Task

_LATE = ("gap", "after the index", "outcome window", "after the outcome window")
#: Tables of which a person may say that rows without a day were known on the index day.
SAID_KNOWN = ("facts", "vectors")
_SHOWN = 20


@dataclass(frozen=True, eq=False)
class LateFacts:
    """What the check found.

    Attributes
    ----------
    rows : pandas.DataFrame
        The leaks, a row each: ``patient``, ``table``, ``what`` (hostile text), ``day``,
        ``offset`` (days from the index day), ``place`` (a place after the look-back, 'an
        outcome', or 'its end is after the index'), ``why``, ``address``.
    cannot_tell : pandas.DataFrame
        ``table``, ``what``, ``why``, ``rows``, ``patients``: features without a day, of which
        nobody has said that they were known on the index day.
    outcomes : dict of str to dict of str to str
        Names that are never features, by table, with the rule; see `outcome_columns`.
    checked : dict of str to int
        How many rows of each table were looked at.
    windowed : Windowed
    """

    rows: pd.DataFrame
    cannot_tell: pd.DataFrame
    outcomes: dict[str, dict[str, str]]
    checked: dict[str, int]
    windowed: Windowed

    @property
    def ok(self) -> bool:
        """Whether nothing leaks; features that cannot be told count as well."""
        return self.rows.empty and self.cannot_tell.empty

    @property
    def patients(self) -> tuple[str, ...]:
        """Keys of those who have a leak."""
        return tuple(dict.fromkeys(self.rows["patient"]))

    @property
    def counts(self) -> dict[str, int]:
        """Leaks by place, and how many rows cannot be told."""
        found = {str(k): int(n) for k, n in self.rows["place"].value_counts().items()}
        unknown = int(self.cannot_tell["rows"].sum())
        return found | ({CANNOT_TELL: unknown} if unknown else {})

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return not self.ok

    def __repr__(self) -> str:
        said = ", ".join(f"{count} {place}" for place, count in self.counts.items())
        return f"<LateFacts {said or 'none'} of {sum(self.checked.values())} rows>"

    def _repr_html_(self) -> str:
        names = ["table", "what", "place", "why"]
        each = self.rows.groupby(names, dropna=False, sort=False)
        rows = [[*name, len(some), some["patient"].nunique(), some["address"].iloc[0]]
                for name, some in each]  # fmt: skip
        rows.sort(key=lambda row: -row[4])
        head = [*names, "rows", "patients", "the first one"]
        unknown = self.cannot_tell.to_numpy().tolist()
        return table_html(head, rows[:_SHOWN], f"{len(self.rows)} rows leak") + table_html(
            list(self.cannot_tell.columns), unknown[:_SHOWN], "cannot tell: features without a day"
        )


def late_facts(patients: PatientSet, task: Task) -> LateFacts:
    """Look for features of a task that come from after its index day, or from its outcome.

    Rows before the look-back window are not used, and are no leak. Every row of an outcome is a
    leak whatever its day, since it is written when the outcome is known. A row whose end is
    dated after the index day tells how long it took.

    Parameters
    ----------
    patients : PatientSet
    task : Task
        Its inputs say what would be used; without inputs that is everything.

    Returns
    -------
    LateFacts
    """
    chosen, windowed = ChosenInputs.of(task.inputs), task.window.apply(patients)
    never = outcome_columns(patients, task)
    leaks, unknown, checked = [], [], {}
    for table in DATED:
        if table not in chosen.tables:
            continue
        more = ("end_day",) if table == "events" else ()
        data = windowed.rows(table, (*ADDRESS_COLUMNS[table], *more))
        data = data.filter(chosen.rows(table, data))
        checked[table] = data.num_rows
        place, why = row_places(data, never.get(table, {}), windowed)
        late = ~np.isin(place, ["before the look-back", "look-back", CANNOT_TELL])
        leaks.append(_leaks(table, data.filter(pa.array(late)), place[late], why[late], patients))
        undated = data.filter(pa.array(place == CANNOT_TELL))
        for pattern in task.known_at_index if table in SAID_KNOWN else ():
            undated = undated.filter(pc.invert(glob_match(undated["what"], pattern)))
        unknown.append(_unknown(table, undated))
    rows = pd.concat(leaks, ignore_index=True) if leaks else _leaks_of_none()
    left = pd.concat(unknown, ignore_index=True) if unknown else _unknown_of_none()
    return LateFacts(rows, left, never, checked, windowed)


def _leaks(
    table: str, data: pa.Table, place: np.ndarray, why: np.ndarray, patients: PatientSet
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient": data["patient"].to_pandas().astype(object),
            "table": table,
            "what": data["what"].to_pandas().astype(object),
            "day": pd.array(data["day"].to_pandas(), dtype="Int64"),
            "offset": pd.array(data["offset"].to_pandas(), dtype="Int64"),
            "place": place,
            "why": why,
            "address": np.array(row_addresses(table, data, patients.versions), object),
        }
    )


def _unknown(table: str, data: pa.Table) -> pd.DataFrame:
    each = data.group_by(["what", "why"]).aggregate(
        [([], "count_all"), ("patient", "count_distinct")]
    )
    rows = each.to_pylist()
    rows.sort(key=lambda row: (-row["count_all"], row["what"], row["why"] or ""))
    return pd.DataFrame(
        [[table, row["what"], row["why"], row["count_all"], row["patient_count_distinct"]]
         for row in rows], columns=_UNKNOWN,
    )  # fmt: skip


_UNKNOWN = ["table", "what", "why", "rows", "patients"]
_LEAKS = ["patient", "table", "what", "day", "offset", "place", "why", "address"]


def _leaks_of_none() -> pd.DataFrame:
    return pd.DataFrame(columns=_LEAKS)


def _unknown_of_none() -> pd.DataFrame:
    return pd.DataFrame(columns=_UNKNOWN)
