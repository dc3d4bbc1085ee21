"""Windowed: where the rows of some patients lie, seen from each patient's index day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.html import table_html
from explorer.patient_set import PatientSet
from explorer.windows.dated_rows import DATED, dated_rows
from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses
from explorer.windows.window import PLACES, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_BACK, CANNOT_TELL = "look-back", "cannot tell"


class Windowed:
    """A window on some patients.

    Parameters
    ----------
    window : Window
    patients : PatientSet
    index : pandas.DataFrame
        Of `Index.days`.

    Attributes
    ----------
    index : pandas.DataFrame
        A row a patient, indexed by key: ``day`` (Int64, from time zero), ``state``, ``address``,
        ``rows``, ``undated``.
    """

    def __init__(self, window: Window, patients: PatientSet, index: pd.DataFrame) -> None:
        self.window, self.patients, self.index = window, patients, index
        self._keys = pa.array(patients.keys, pa.string())
        self._days: NDArray[np.float64] = index["day"].to_numpy(float, na_value=np.nan)

    def rows(self, table: str, columns: Sequence[str] = ()) -> pa.Table:
        """The rows of a table, each with where it lies.

        Parameters
        ----------
        table : str
            'facts', 'events', 'observations', 'vectors', 'texts', 'findings' or 'items'.
        columns : sequence of str
            To be read besides those of `dated_rows`.

        Returns
        -------
        pyarrow.Table
            With ``offset`` (days from the patient's index day, null where it cannot be told),
            ``place`` (one of `PLACES`) and ``why`` (why it cannot be told).
        """
        data = dated_rows(self.patients, table, columns)
        who = pc.index_in(data["patient"], value_set=self._keys).to_numpy()
        zero = self._days[who]
        offset = data["day"].to_numpy().astype(float) - zero
        place = self.window.place(offset)
        unknown = np.isnan(offset)
        indices = pa.array(place, pa.int8())
        places = pa.DictionaryArray.from_arrays(indices, pa.array(PLACES, pa.string()))
        state = pa.array(self.index["state"].to_numpy(), pa.string()).take(pa.array(who))
        no_index = pc.binary_join_element_wise("the index: ", state, "")
        why = pc.if_else(pa.array(np.isnan(zero)), no_index, _whole(data["day_state"]))
        whole = np.where(unknown, 0, offset).astype(np.int64)
        days = pa.array(whole, pa.int64(), mask=unknown)
        data = data.append_column("offset", days).append_column("place", places)
        return data.append_column("why", pc.if_else(pa.array(unknown), why, None))

    def features(self, table: str, columns: Sequence[str] = ()) -> pa.Table:
        """The rows of a table that lie in the look-back window, and no others.

        Returns
        -------
        pyarrow.Table
            As `rows`. Rows that have no day are not among them.
        """
        data = self.rows(table, columns)
        return data.filter(pc.equal(pc.cast(data["place"], pa.string()), LOOK_BACK))

    def frame(self, table: str, *places: str) -> pd.DataFrame:
        """Rows for people, with their addresses.

        Parameters
        ----------
        table : str
        *places : str
            Of `PLACES`; all without any.

        Returns
        -------
        pandas.DataFrame
            ``patient``, ``what``, ``day``, ``offset``, ``place``, ``why``, ``address``.
        """
        data = self.rows(table, ADDRESS_COLUMNS[table])
        if places:
            some = pa.array(places, pa.string())
            data = data.filter(pc.is_in(pc.cast(data["place"], pa.string()), value_set=some))
        names = ["patient", "what", "day", "offset", "place", "why"]
        made: pd.DataFrame = data.select(names).to_pandas()
        made["day"] = pd.array(data["day"].to_pandas(), dtype="Int64")
        made["offset"] = pd.array(data["offset"].to_pandas(), dtype="Int64")
        made["address"] = row_addresses(table, data, self.patients.versions)
        return made

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Rows of each table by where they lie; a column a place."""
        found = {}
        for table in DATED:
            codes = self.rows(table)["place"].combine_chunks().indices.to_numpy()
            found[table] = np.bincount(codes, minlength=len(PLACES))
        return pd.DataFrame.from_dict(found, orient="index", columns=list(PLACES))

    @cached_property
    def states(self) -> dict[str, int]:
        """Patients by the state of their index day."""
        return dict(Counter(self.index["state"].tolist()).most_common())

    def __repr__(self) -> str:
        held = self.states.get("present", 0)
        return f"<Windowed {held} of {len(self.index)} patients with an index day>"

    def _repr_html_(self) -> str:
        states = [[state, count] for state, count in self.states.items()]
        rows = [[table, *counts] for table, counts in zip(self.counts.index,
                self.counts.to_numpy().tolist(), strict=True)]  # fmt: skip
        return table_html(["index day", "patients"], states, str(self.window)) + table_html(
            ["rows of", *PLACES], rows
        )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
