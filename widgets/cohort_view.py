"""CohortView: choose patients by what is known of them, and see who was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets as t
from matplotlib.figure import Figure

from explorer.address import Address
from explorer.choice import Choice, Step
from explorer.cohort import Cohort
from explorer.errors import OncographError, StoreError
from explorer.records import now
from explorer.save_list import save_list
from explorer.save_table import save_table
from explorer.select.flow_figure import flow_figure
from explorer.store import Store
from graphs.kaplan_meier import Survival
from widgets.cohort_freezing import CohortFreezing
from widgets.cohort_shown import shown_flow
from widgets.cohort_survival import CohortSurvival
from widgets.esm import css, esm
from widgets.facet_panel import FacetPanel
from widgets.patient_page import PatientPage
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from explorer.freeze.frozen_cohort import FrozenCohort

_READ_ONLY = (
    "The store is open for reading alone, so nothing can be frozen; 'Save list' keeps the "
    "patients, their versions and the steps."
)
_HOW = "Freeze keeps these patients, at these versions, under a name."


class CohortView(WholeWidget):
    """Choose patients of a store: facets with counts, a flow of who was left out, survival.

    Values of one facet are alternatives; facets hold together. Absence is chosen like a value,
    by its state. All can be done from Python as in the browser.

    Parameters
    ----------
    store : Store
    selection : Selection, optional
        Shared with other views; its own by default. Picking a patient picks
        ``onco:<key>/patients/<key>``.
    on_open : callable, optional
        Called with a patient's key; without it there is no 'Open'.
    folder : path-like, optional
        Where the buttons save lists and tables; the working folder by default.

    Attributes
    ----------
    store : Store
    selection : Selection
    choice : Choice
        The conditions; change them through the view's methods.
    survival_panel : CohortSurvival
        What is drawn of survival.
    chosen : tuple of str
        Keys of the chosen patients; observe it.
    """

    _esm = esm("cohort.js")
    _css = css("theme.css", "cohort.css")

    chosen: Any = t.Tuple()
    _facets: Any = t.List().tag(sync=True)
    _flow = t.Dict().tag(sync=True)
    _rows = t.Dict().tag(sync=True)
    _survival = t.Dict().tag(sync=True)
    _note = t.Unicode("").tag(sync=True)
    _freezing = t.Dict().tag(sync=True)
    _can = t.Dict().tag(sync=True)

    def __init__(
        self,
        store: Store,
        selection: Selection | None = None,
        *,
        on_open: Callable[[str], Any] | None = None,
        folder: str | Path = ".",
    ) -> None:
        self.store = store
        self.selection = Selection() if selection is None else selection
        self.on_open = on_open
        self.folder = Path(folder)
        self._everybody = store.cohort()
        self.choice = Choice(self._everybody.facets())
        self.survival_panel = CohortSurvival(store, self.choice)
        self._panel, self._list = FacetPanel(self.choice), PatientPage()
        super().__init__()
        self._freeze_job: CohortFreezing | None = None
        why = _READ_ONLY if store.read_only else _HOW
        self._can = {"open": on_open is not None, "freeze": not store.read_only, "why": why}
        self.on_msg(self._on_message)
        self.selection.observe(self._on_lit, "lit")
        self._show()
        self._survival = self.survival_panel.shown()

    @property
    def labels(self) -> list[str]:
        """What people call the chosen patients (hostile text)."""
        known = self.choice.facets
        return [known.labels_of[k] for k in self.choice.mask().nonzero()[0].tolist()]

    @property
    def steps(self) -> list[Step]:
        """From all patients to the chosen ones, with numbers and reasons."""
        return self.choice.steps

    @property
    def cohort(self) -> Cohort:
        """The chosen patients as a cohort, which has the conditions as its question."""
        found = self._everybody
        for name, one in self.choice.conditions.items():
            if one.keys is not None:
                found = found.among(one.keys, name)
            else:
                found = found.only(
                    one.facet, one.values, low=one.low, high=one.high, states=one.states
                )
        return found

    def freeze(self, name: str, *, by_reference: bool = False) -> FrozenCohort:
        """Keep the chosen patients under a name; see `explorer.freeze.freeze`.

        Raises
        ------
        StoreError
            The store is open for reading alone, or has such a cohort.
        """
        if self.store.read_only:
            raise StoreError("The store is open for reading alone", where=self.store.url)
        return self.cohort.freeze(name, by_reference=by_reference)

    def only(
        self,
        facet: str,
        values: Iterable[str] = (),
        *,
        low: float | None = None,
        high: float | None = None,
        states: Iterable[str] = (),
    ) -> None:
        """Ask for values, a range or states of absence of a facet; see `Choice.only`.

        Parameters
        ----------
        facet : str
            A name of ``view.choice.facets``.
        values : iterable of str
        low, high : float, optional
            ``low <= number < high``.
        states : iterable of str
        """
        self.choice.only(facet, values, low=low, high=high, states=states)
        self._panel.open(facet)
        self._show()

    def among(self, keys: Iterable[str], what: str) -> None:
        """Ask for some patients by their keys; another view's lasso, say.

        Parameters
        ----------
        keys : iterable of str
        what : str
            Where they come from: 'lasso in the map'. Later keys of the same place replace them.
        """
        self.choice.among(keys, what)
        self._show()

    def drop(self, name: str) -> None:
        """Take a condition away."""
        self.choice.drop(name)
        self._show()

    def clear(self) -> None:
        """Take all conditions away."""
        self.choice.clear()
        self._show()

    def refresh(self) -> None:
        """Read the store again; conditions that still mean something stay."""
        self._everybody = self.store.cohort()
        self.choice = self.choice.renewed(self._everybody.facets())
        self.survival_panel.look_at(self.choice)
        self._show()
        self._survival = self.survival_panel.shown()

    def survival(
        self,
        time: str | Iterable[str],
        event: str = "",
        happened: Iterable[str] = (),
        *,
        unit: str = "",
        by: str = "",
    ) -> Survival:
        """Estimate and draw survival of the chosen patients.

        Parameters
        ----------
        time : str or iterable of str
            The name of an outcome that a table was read as (``view.survival_panel.outcomes``),
            or numeric facets; of several, the first that a patient has.
        event : str
            Facet that says whether it happened.
        happened : iterable of str
            Its values that mean that it did.
        unit : {'', 'days', 'weeks', 'months', 'years'}
            Of the times, where the facet does not say it.
        by : str
            Facet whose values are the groups; of numbers, below the median and above.

        Returns
        -------
        Survival
        """
        self.survival_panel.ask(time, event, happened, unit=unit, by=by)
        found = self.survival_panel.draw()
        self._survival = self.survival_panel.shown()
        return found

    def save_list(self, path: str | Path | None = None) -> Path:
        """Write the chosen patients, their versions and the steps; see `save_list`."""
        where = path or self.folder / f"patients-{_stamp()}.json"
        return save_list(self.choice, self.store, where)

    def save_table(self, path: str | Path | None = None) -> Path:
        """Write the chosen patients with what was asked of them as CSV; see `save_table`."""
        return save_table(self.choice, path or self.folder / f"patients-{_stamp()}.csv")

    def figure(self, **options: Any) -> Figure:
        """The survival curves where an outcome was chosen, else the flow.

        Parameters
        ----------
        **options
            ``what``: 'survival' or 'flow'; the rest is of `survival_figure` or `flow_figure`.
        """
        drawn = self.survival_panel.result is not None
        if options.pop("what", "survival" if drawn else "flow") == "flow":
            return flow_figure(len(self.choice.facets.keys_of), self.choice.steps, **options)
        self.survival_panel.draw()
        return self.survival_panel.figure(**options)

    def _show(self) -> None:
        with self.hold_sync():
            self._facets = self._panel.shown(self.choice)
            self._flow = shown_flow(self.choice)
            self._page()
        self.chosen = tuple(self.choice.chosen)

    def _page(self) -> None:
        self._rows = self._list.shown(self.choice, self._lit())

    def _lit(self) -> set[str]:
        return {Address.parse(one).key for one in self.selection.lit}

    def _on_lit(self, _: Any) -> None:
        if self.selection.by != type(self).__name__:
            self._list.go_to(self.choice, self._lit())
        self._page()

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        """What was done in the browser."""
        try:
            self._do(dict(message))
        except (OncographError, OSError, ValueError) as error:
            self._note = str(error)

    def _do(self, message: dict[str, Any]) -> None:
        what, name = str(message.get("do")), str(message.get("facet", ""))
        if what == "value":
            self.choice.toggle(name, str(message["label"]), state=bool(message["state"]))
            self._panel.open(name)
            self._show()
        elif what == "range":
            asked = self.choice.conditions.get(name)
            states = asked.states if asked else ()
            self.only(name, low=message["low"], high=message["high"], states=states)
        elif what in ("drop", "clear"):
            self.drop(name) if what == "drop" else self.clear()
        elif what in ("open", "wide", "find"):
            self._panel.fold(what, name, str(message.get("text", "")))
            self._facets = self._panel.shown(self.choice)
        elif what == "page":
            self._list.turn(str(message["text"]), int(message["first"]))
            self._page()
        elif what == "pick":
            key = str(message["key"])
            address = Address(key, "patients", key)
            self.selection.pick(address, add=bool(message.get("add")), by=type(self).__name__)
        elif what == "go" and self.on_open is not None:
            self.on_open(str(message["key"]))
        elif what in ("list", "table"):
            place = self.save_list() if what == "list" else self.save_table()
            self._note = f"Written: {place.resolve()}"
        elif what == "freeze":
            self._start_freezing(str(message["name"]), bool(message.get("by_reference")))
        elif what == "survival":
            self._draw(message)

    def _start_freezing(self, name: str, by_reference: bool) -> None:
        if self.store.read_only:
            raise StoreError("The store is open for reading alone", where=self.store.url)
        if self._freeze_job is not None and self._freeze_job.running:
            return

        def told(state: str, text: str) -> None:
            self._freezing = {"state": state, "text": text}

        self._freeze_job = CohortFreezing(self.cohort, name.strip(), by_reference, told)
        self._freeze_job.start()

    def _draw(self, message: dict[str, Any]) -> None:
        self.survival_panel.browser(message)
        self._survival = self.survival_panel.shown()


def _stamp() -> str:
    return now().replace(":", "").replace("-", "")[:19].replace(".", "-").replace("+", "")
