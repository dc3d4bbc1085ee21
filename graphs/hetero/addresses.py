"""Addresses: a long list of text that takes no Python object for each of its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from graphs.hetero.lazy_text import Texts, made


class Addresses:
    """The nodes' addresses, in the nodes' order.

    It is no `collections.abc.Sequence` on purpose: torch_geometric goes through each entry of
    those, whenever a graph is moved to another device.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray, or iterable of str
    """

    def __init__(self, texts: pa.Array | pa.ChunkedArray | Iterable[str]) -> None:
        if not isinstance(texts, pa.Array | pa.ChunkedArray):
            texts = pa.array(list(texts), pa.string())
        whole = isinstance(texts, pa.Array)
        self._parts: Sequence[Texts] = [texts] if whole else texts.chunks

    @classmethod
    def of_parts(cls, parts: Sequence[Texts]) -> Addresses:
        """Of several columns behind each other; those that are not made yet stay so."""
        one = cls([])
        one._parts = parts
        return one

    @cached_property
    def texts(self) -> pa.ChunkedArray:
        """The text of all of them, made when it is first asked for."""
        self._parts = [made(part) for part in self._parts]
        return pa.chunked_array(self._parts, pa.string())

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __reduce__(self) -> tuple[Any, ...]:
        return Addresses, (self.texts,)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        return str(self.texts[int(place)].as_py())

    def __iter__(self) -> Iterator[str]:
        for chunk in self.texts.chunks:
            yield from chunk.to_pylist()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Addresses):
            return NotImplemented
        return bool(self.texts.equals(other.texts))

    __hash__ = None  # type: ignore[assignment]

    def __deepcopy__(self, memo: dict[int, Any]) -> Addresses:
        return self  # Arrow's values do not change

    def __repr__(self) -> str:
        return f"<{len(self)} addresses>"

    def take(self, places: ArrayLike) -> Addresses:
        """Some of them, by position."""
        return Addresses(self.texts.take(pa.array(np.asarray(places, np.int64))))

    def index(self, text: str) -> int:
        """Where one stands.

        Raises
        ------
        ValueError
            It is not among them.
        """
        place = pc.index(self.texts, text).as_py()
        if place < 0:
            raise ValueError(f"{text!r} is not among {self!r}")
        return int(place)

    def places(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """Where many stand; -1 for those that are not among them."""
        wanted = texts.texts if isinstance(texts, Addresses) else pa.array(texts, pa.string())
        found = pc.index_in(wanted, value_set=self.texts)
        return np.asarray(pc.fill_null(found, -1)).astype(np.int64)
