"""LookedUp: addresses of rows of any table, put together when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from explorer.windows.row_addresses import ADDRESS_COLUMNS, row_addresses


class LookedUp:
    """Called with a patient's key and a feature; '' where there is no row.

    Parameters
    ----------
    table : str
        A key of `explorer.windows.dated_rows.DATED`.
    data : pyarrow.Table
        Of `KnownRows.rows`, with the columns that addresses need.
    keys : sequence of str
    versions : mapping
        Key to version.
    place : mapping
        Feature to the row's position in the table, (patient,); below 0 where there is none.
    """

    def __init__(
        self,
        table: str,
        data: pa.Table,
        keys: Sequence[str],
        versions: Mapping[str, int],
        place: Mapping[str, NDArray[np.int64]],
    ) -> None:
        columns = dict.fromkeys(("patient", "what", "nth", *ADDRESS_COLUMNS[table]))
        self.table, self.data = table, data.select(list(columns))
        self.keys, self.versions, self.place = tuple(keys), versions, place

    @cached_property
    def _patient(self) -> dict[str, int]:
        return {key: k for k, key in enumerate(self.keys)}

    def __call__(self, key: str, feature: str) -> str:
        """Look up."""
        patient, rows = self._patient.get(key), self.place.get(feature)
        if patient is None or rows is None or rows[patient] < 0:
            return ""
        one = self.data.slice(int(rows[patient]), 1)
        return row_addresses(self.table, one, self.versions)[0]
