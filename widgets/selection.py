"""Selection: what a person points at, shared by all views of a patient."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import traitlets as t

from explorer.address import Address
from explorer.errors import AddressError

Related = Callable[[str], Iterable[str]]

_KEPT = 200  # steps back


class Selection(t.HasTraits):
    """A set of addresses. Views observe it and change it; no view knows another.

    A view calls `pick` with the address of what was clicked, and observes `lit` to show what is
    about the same thing. Addresses have no version here, so that two views of one patient mean
    the same by the same string.

    Parameters
    ----------
    related : callable, optional
        Gives the addresses that are about the same thing as an address; see
        `widgets.patient_links.PatientLinks`.

    Attributes
    ----------
    picked : tuple of str
        What was pointed at, the newest last.
    lit : tuple of str
        `picked`, then everything related to it, each once. Observe this one: it changes once a
        pick, after `picked` did.
    picks : int
        Counts the picks; a second click on the same thing is a pick too.
    by : str
        The view that picked last; a view that must not answer its own clicks looks here.
    """

    picked: Any = t.Tuple()
    lit: Any = t.Tuple()
    picks = t.Int(0)
    by = t.Unicode("")

    def __init__(self, related: Related | None = None) -> None:
        super().__init__()
        self._related = related
        self._past: list[tuple[str, ...]] = []
        self._coming: list[tuple[str, ...]] = []

    def pick(self, *addresses: str | Address, add: bool = False, by: str = "") -> None:
        """Select something.

        Parameters
        ----------
        *addresses : str or Address
            A version is left out.
        add : bool
            Besides what is selected; what is selected already is then taken out again.
        by : str
            The view that it comes from.

        Raises
        ------
        AddressError
            One of them is no address; nothing is changed then.
        """
        asked = tuple(dict.fromkeys(_plain(one) for one in addresses))
        if add:
            kept = tuple(one for one in self.picked if one not in asked)
            asked = kept + tuple(one for one in asked if one not in self.picked)
        if asked != self.picked:
            self._past = [*self._past, self.picked][-_KEPT:]
            self._coming = []
        self._set(asked, by)

    def clear(self) -> None:
        """Select nothing."""
        self.pick()

    def back(self) -> None:
        """Go back to what was selected before; nothing happens at the first."""
        if self._past:
            self._coming.append(self.picked)
            self._set(self._past.pop(), "history")

    def forward(self) -> None:
        """Take the last `back` back."""
        if self._coming:
            self._past.append(self.picked)
            self._set(self._coming.pop(), "history")

    @property
    def ways(self) -> tuple[bool, bool]:
        """Whether there is a way back, and one forward."""
        return bool(self._past), bool(self._coming)

    def of_kind(self, *kinds: str) -> list[Address]:
        """What is lit of some kinds: 'images', 'reports', 'findings', ..."""
        return [one for one in map(Address.parse, self.lit) if one.kind in kinds]

    def refresh(self) -> None:
        """Look up again what is related; after a run of a grounder, say."""
        self.lit = self._spread(self.picked)

    def to_text(self) -> str:
        """What is picked, a line an address; to be mailed or put into a notebook."""
        return "\n".join(self.picked)

    def of_text(self, text: str) -> None:
        """Restore what `to_text` gave.

        Raises
        ------
        AddressError
            A line is no address; nothing is changed then.
        """
        self.pick(*(line.strip() for line in text.splitlines() if line.strip()), by="text")

    def save(self, path: str | Path) -> None:
        """Write what is picked to a file (JSON)."""
        Path(path).write_text(json.dumps(self.to_json()))

    def to_json(self) -> dict[str, Any]:
        """What `save` writes."""
        return {"oncograph": "selection", "picked": list(self.picked)}

    def load(self, path: str | Path) -> None:
        """Restore what `save` wrote.

        Raises
        ------
        AddressError
            The file holds something else; nothing is changed then.
        """
        expected = "a file that Selection.save wrote"
        try:
            found = json.loads(Path(path).read_text())
        except ValueError as error:
            raise AddressError("No selection", expected=expected, where=str(path)) from error
        if not isinstance(found, dict) or found.get("oncograph") != "selection":
            raise AddressError("No selection", expected=expected, where=str(path))
        self.pick(*map(str, found.get("picked", ())), by="file")

    def _set(self, picked: tuple[str, ...], by: str) -> None:
        self.by = by
        self.picked = picked
        self.picks += 1
        self.lit = self._spread(picked)

    def _spread(self, picked: tuple[str, ...]) -> tuple[str, ...]:
        found = dict.fromkeys(picked)
        if self._related is not None:
            for one in picked:
                found.update(dict.fromkeys(_plain(other) for other in self._related(one)))
        return tuple(found)


def _plain(address: str | Address) -> str:
    one = Address.parse(address) if isinstance(address, str) else address
    return str(Address(one.key, one.kind, one.item, None, one.fragment))
