"""LazyText: a column of text that is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graphs.hetero.text_columns import Column, Ints, coded, joined, numbered, quoted

Make: TypeAlias = Callable[[], pa.Array]


class LazyText:
    """Text of many rows, as a way to make it.

    Of millions of nodes few are ever looked up by their address, and their text is more than
    all that is learnt from.

    Parameters
    ----------
    make : callable
        Makes the text.
    count : int
        Of rows.
    """

    def __init__(self, make: Make, count: int) -> None:
        self._make: Make | None = make
        self._count = count
        self._made: pa.Array | None = None

    def __len__(self) -> int:
        return self._count

    def text(self) -> pa.Array:
        """The text; made once."""
        make = self._make
        if make is not None:
            self._made = make()
            self._make = None  # and what it was made from may go
        return self._made

    def take(self, place: pa.Array) -> LazyText:
        """Some rows, by position."""
        return LazyText(lambda: self.text().take(place), len(place))

    def filter(self, rows: pa.Array | NDArray[np.bool_]) -> LazyText:
        """Some rows."""
        kept = np.flatnonzero(np.asarray(rows))
        return self.take(pa.array(kept))


Texts: TypeAlias = pa.Array | LazyText


def made(texts: Texts) -> pa.Array:
    """The text, whether it was there or has to be made."""
    return texts.text() if isinstance(texts, LazyText) else texts


def lazy_addresses(keys: pa.Array, patient: Ints, collection: str, item: Column) -> LazyText:
    """Addresses of rows that nothing points at; of rows of the same item as `numbered` says.

    Parameters
    ----------
    keys : pyarrow.Array of string, (patient,)
    patient : ndarray of int64, (row,)
        Position in `keys`; -1 of nobody.
    collection : str
    item : column of text, (row,)
    """
    each = coded(item)

    def make() -> pa.Array:
        owner = keys.take(pa.array(patient, mask=patient < 0))
        name = quoted(each)
        return numbered(patient, joined("onco:", owner, f"/{collection}/", name), name)

    return LazyText(make, len(patient))
