"""SeriesQuestion: which series of a public index are like what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from explorer.errors import NotFoundError
from explorer.index.public_index import PublicIndex

#: What is asked for, and the column of the index that it stands in.
COLUMNS = {
    "modality": "Modality", "body_part": "BodyPartExamined", "collection": "collection_id",
    "licence": "license_short_name", "sex": "PatientSex", "manufacturer": "Manufacturer",
    "patient": "PatientID", "analysis": "analysis_result_id",
    "transfer_syntax": "transfer_syntax_name",
}  # fmt: skip
_SHOWN = 12
Asked = str | Iterable[str] | None


@dataclass(frozen=True)
class SeriesQuestion:
    """Values that a series may have; as text it says so.

    Attributes
    ----------
    values : mapping of str to tuple of str
        A name of `COLUMNS` to the values of which a series has one.
    """

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, asked: Mapping[str, Asked]) -> Self:
        """Take values by name; None asks for nothing."""
        return cls({
            name: (values,) if isinstance(values, str) else tuple(dict.fromkeys(values))
            for name, values in asked.items()
            if values is not None
        })  # fmt: skip

    def fits(self, index: PublicIndex) -> NDArray[np.bool_]:
        """Which series are like this.

        Returns
        -------
        ndarray of bool, (series,)

        Raises
        ------
        NotFoundError
            The index has no such column or value.
        """
        found = np.ones(len(index), bool)
        for name, values in self.values.items():
            code, texts = codes_of(index, name)
            unknown = [value for value in values if value not in set(texts)]
            if unknown:
                near = get_close_matches(unknown[0], [text for text in texts if text], 3, 0.5)
                raise NotFoundError(
                    f"No {name} {unknown[0]!r} in the index",
                    expected=f"such as {', '.join(near)}" if near else f"a {COLUMNS[name]} of it",
                    where=index.source,
                )
            found &= np.array([text in values for text in texts], bool)[code]
        return found

    def silent(self, index: PublicIndex) -> NDArray[np.bool_]:
        """Series that may fit: where they do not, it is because the index says nothing."""
        found, nothing = np.ones(len(index), bool), np.zeros(len(index), bool)
        for name, values in self.values.items():
            code, texts = codes_of(index, name)
            found &= np.array([text is None or text in values for text in texts], bool)[code]
            nothing |= np.array([text is None for text in texts], bool)[code]
        return found & nothing

    def __str__(self) -> str:
        each = []
        for name, values in self.values.items():
            more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
            each.append(f"{name} {' or '.join(values[:_SHOWN])}{more}")
        return ", ".join(each) or "anything"


def codes_of(index: PublicIndex, name: str) -> tuple[Any, list[str | None]]:
    """The column of a name of `COLUMNS`; see `PublicIndex.codes`.

    Raises
    ------
    NotFoundError
        Nothing is called so, or the index has no such column.
    """
    if name not in COLUMNS:
        raise NotFoundError(f"Nothing to ask for is called {name!r}",
                            expected=", ".join(COLUMNS))  # fmt: skip
    return index.codes(COLUMNS[name])
