"""FactsView: what tables, documents and measurements say of a patient, as a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.patient import Patient
from graphs.assemble import assemble
from widgets.esm import css, esm
from widgets.facts_rows import facts_rows
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "FactsView"


class FactsView(WholeWidget):
    """Facts, events, measurements and observations, to filter, to sort and to pick.

    A value that is not there says why: 'unknown', 'withheld', 'not acquired', ...

    Parameters
    ----------
    patient : Patient
    selection : Selection, optional
        Shared with other views; its own by default.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    search : str
        Only rows that have all of these words, in whatever case.
    kinds : list of str
        Only rows of these kinds; all where empty.
    missing : bool
        Only rows without a value.
    sort_by : str
        A column: 'kind', 'name', 'value', 'when', 'of', 'source'; '' for the order of the store.
    descending : bool
    height : int
        CSS pixels.
    """

    _esm = esm("facts_view.js")
    _css = css("theme.css", "facts_view.css")

    search = t.Unicode("").tag(sync=True)
    kinds: Any = t.List(t.Unicode()).tag(sync=True)
    missing = t.Bool(False).tag(sync=True)
    sort_by = t.Enum(["", "kind", "name", "value", "when", "of", "source"], "").tag(sync=True)
    descending = t.Bool(False).tag(sync=True)
    height = t.Int(380, min=120).tag(sync=True)
    _rows: Any = t.List().tag(sync=True)
    _counts: Any = t.List().tag(sync=True)
    _lit: Any = t.Dict({"rows": [], "picked": [], "scroll": False}).tag(sync=True)

    def __init__(self, patient: Patient, selection: Selection | None = None, **traits: Any) -> None:
        super().__init__()
        self.selection = Selection() if selection is None else selection
        self._show(patient)
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"{NAME} has no trait {name!r}")
            setattr(self, name, value)
        self.selection.observe(self._selected, "lit")
        self._joined = True
        self.on_msg(self._on_message)
        self._selected()

    def close(self) -> None:
        """Take it off the page; the selection forgets it."""
        if getattr(self, "_joined", False):  # it is called again when the object goes
            self.selection.unobserve(self._selected, "lit")
            self._joined = False
        super().close()

    def refresh(self) -> None:
        """Show the newest version of the patient."""
        self._show(self.patient.store[self.patient.key])
        self._selected()

    def _show(self, patient: Patient) -> None:
        self.patient = patient
        rows = facts_rows(assemble(patient))
        self._place = {row["address"]: k for k, row in enumerate(rows)}
        with self.hold_sync():
            self._rows = rows
            self._counts = [[kind, n] for kind, n in Counter(row["kind"] for row in rows).items()]

    def rows(self) -> list[dict[str, Any]]:
        """The rows that pass the filters, in the order in which they are shown."""
        words = self.search.casefold().split()
        found = []
        for row in self._rows:
            text = " ".join(str(row[one]) for one in _SEARCHED).casefold()
            if self.kinds and row["kind"] not in self.kinds:
                continue
            if (self.missing and row["value"]) or not all(word in text for word in words):
                continue
            found.append(row)
        if self.sort_by:
            found.sort(key=lambda row: _order(row, self.sort_by), reverse=self.descending)
        return found

    def figure(self, *, most: int = 40, **options: Any) -> Figure:
        """The rows that are shown, as a table for a paper.

        Parameters
        ----------
        most : int
            Rows; how many there are more is said below.
        **options
            Of `matplotlib.figure.Figure`.
        """
        from widgets.facts_figure import facts_figure

        return facts_figure(self.patient, self.rows(), most, **options)

    def _selected(self, _: Any = None) -> None:
        lit = [self._place[one] for one in self.selection.lit if one in self._place]
        picked = [self._place[one] for one in self.selection.picked if one in self._place]
        self._lit = {"rows": lit, "picked": picked, "scroll": self.selection.by != NAME}

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        row = content.get("row")
        if content.get("kind") == "pick" and isinstance(row, int) and 0 <= row < len(self._rows):
            address = self._rows[row]["address"]
            self.selection.pick(address, add=bool(content.get("add")), by=NAME)


_SEARCHED = ("kind", "name", "value", "state", "when", "of", "source")


def _order(row: dict[str, Any], column: str) -> tuple[Any, ...]:
    """Numbers by size and before words; what is not there last."""
    if column == "when":
        return row["day"] is None, row["day"] or 0, row["when"]
    text = str(row[column])
    try:
        return 0, float(text.split(" ", 1)[0]), text
    except ValueError:
        return 1 if text else 2, 0.0, text.casefold()
