"""A patient's items by id; a name or modality that only one item has will do as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from explorer.errors import NotFoundError
from explorer.html import table_html

T = TypeVar("T")


class ItemMap(Mapping[str, T], Generic[T]):
    """Items by id, in time order.

    ``images["ct-3f9a2c41"]`` and, where just one CT is there, ``images["CT"]``.

    Parameters
    ----------
    items : dict
        Id to item.
    what : str
        'images', ... for messages.
    where : str
        The patient, for messages.
    """

    def __init__(self, items: dict[str, T], what: str, where: str) -> None:
        self._items = items
        self._what = what
        self._where = where

    def __getitem__(self, name: str) -> T:
        if name in self._items:
            return self._items[name]
        wanted = str(name).casefold()
        hits = [
            item
            for item in self._items.values()
            if wanted
            in (str(getattr(item, field, "")).casefold() for field in ("modality", "name"))
        ]
        if len(hits) == 1:
            return hits[0]
        raise NotFoundError(
            f"{len(hits) or 'No'} {self._what} called {name!r}",
            expected="one of " + ", ".join(map(repr, self._items)) if self._items else "none here",
            where=self._where,
        )

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def get(self, name: str | None, default: T | None = None) -> T | None:  # type: ignore[override]
        """The item with exactly this id, else `default`."""
        return self._items.get(name, default) if name is not None else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        lines = [f"{len(self)} {self._what} of {self._where}"]
        return "\n".join(lines + [f"  {item!r}" for item in self._items.values()])

    def _repr_html_(self) -> str:
        fields = ("id", "modality", "name", "day", "units", "shape")
        rows = [[getattr(item, field, None) for field in fields] for item in self._items.values()]
        return table_html(list(fields), rows, caption=f"{self._what} of {self._where}")
