"""RowAddress: the address of the row that each number of a block was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from explorer.address import Address


class RowAddress:
    """Called with a patient's key and a feature; '' where there is no row.

    Addresses are put together when they are asked for: a cohort has millions.

    Parameters
    ----------
    kind : str
        'facts', 'events', 'vectors'.
    keys : sequence of str
    versions : mapping
        Key to version.
    items : mapping
        Feature to the item of the address: the row's name.
    nth : mapping
        Feature to the place of the row among the patient's of that name, (patient,) from 1; 0
        where there is none.
    """

    def __init__(
        self,
        kind: str,
        keys: Sequence[str],
        versions: Mapping[str, int],
        items: Mapping[str, str],
        nth: Mapping[str, NDArray[np.int64]],
    ) -> None:
        self.kind, self.keys, self.versions = kind, tuple(keys), versions
        self.items, self.nth = items, nth

    @cached_property
    def _place(self) -> dict[str, int]:
        return {key: k for k, key in enumerate(self.keys)}

    def __call__(self, key: str, feature: str) -> str:
        """Look up."""
        place, nth = self._place.get(key), self.nth.get(feature)
        if place is None or nth is None or not nth[place] or not self.items[feature]:
            return ""
        item, version = self.items[feature], self.versions.get(key)
        return str(Address(key, self.kind, item, version, {"row": str(int(nth[place]))}))
