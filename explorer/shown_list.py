"""A list that people look at: a table in a notebook, a list in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from explorer.html import table_html

T = TypeVar("T")

_MOST = 100


class ShownList(list[T]):
    """A list with a table for its HTML.

    Parameters
    ----------
    rows : iterable
    head : sequence of str
        The table's columns.
    cells : callable
        The cells of one element; text of any kind, shown as text.
    what : str
        What the elements are, in the plural: 'proposals'.
    """

    def __init__(
        self,
        rows: Iterable[T],
        head: Sequence[str],
        cells: Callable[[T], Sequence[Any]],
        what: str,
    ) -> None:
        super().__init__(rows)
        self._head, self._cells, self._what = head, cells, what

    def _repr_html_(self) -> str:
        more = f", {_MOST} shown" if len(self) > _MOST else ""
        caption = f"{len(self)} {self._what}{more}"
        return table_html(self._head, [self._cells(one) for one in self[:_MOST]], caption)
