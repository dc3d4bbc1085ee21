"""TimelineView: what happened to a patient, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.address import Address
from explorer.errors import AddressError, OncographError
from explorer.patient import Patient
from graphs.assemble import assemble
from graphs.followed import Follow
from graphs.prior import priors
from widgets.esm import css, esm
from widgets.node_facts import node_facts
from widgets.palette import GREEN, NODES
from widgets.selection import Selection
from widgets.timeline_items import Timeline, timeline_items
from widgets.timeline_lesions import timeline_lesions
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SELF = "TimelineView"


class TimelineView(WholeWidget):
    """Look at a patient over time: studies, reports, treatments, values, lesions, outcomes.

    A click picks the address of what stands there; what is selected elsewhere is highlighted.
    What has no day is listed below, with the reason. Lesions are measured when the view is
    first drawn, which may take seconds; until then it says so.

    Parameters
    ----------
    patient : Patient
    selection : Selection, optional
        Shared with other views; its own by default.
    lesions : bool or Follow
        Whether to measure the outlined lesions and follow them; or what `graphs.follow` found,
        with the options that you gave it. By default images are not registered, and nothing is
        written to the store.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    patient : Patient
    selection : Selection
    axis : {'days', 'dates'}
        What the axis says; dates only where time zero has one.
    span : list of float
        First and last day in sight; ``[]`` for all.
    height : int
        CSS pixels at most; more is scrolled.

    Raises
    ------
    StoreError, ConflictError
        As `graphs.assemble`.
    """

    _esm = esm("timeline_view.js")
    _css = css("theme.css", "timeline_view.css")

    axis = t.Enum(["days", "dates"], "days").tag(sync=True)
    span: Any = t.List(t.Float()).tag(sync=True)
    height = t.Int(520, min=160).tag(sync=True)
    _timeline: Any = t.Dict().tag(sync=True)
    _lit: Any = t.List(t.Int()).tag(sync=True)
    _centre = t.Int(0).tag(sync=True)

    def __init__(
        self,
        patient: Patient,
        selection: Selection | None = None,
        *,
        lesions: bool | Follow = True,
        **traits: Any,
    ) -> None:
        super().__init__()
        self.patient = patient
        self.selection = Selection() if selection is None else selection
        self.graph = assemble(patient)
        self._plain = timeline_items(self.graph, priors(patient))
        self._follow = lesions if isinstance(lesions, Follow) else None
        self._wanted = bool(lesions) and (self._follow is not None or bool(patient.segmentations))
        self._trouble = ""
        self.on_msg(self._on_message)
        self._show()
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"TimelineView has no trait {name!r}")
            setattr(self, name, value)
        self.selection.observe(self._on_lit, "lit")
        self._on_lit()

    @property
    def follow(self) -> Follow | None:
        """The lesions over time, measured now if they are not yet; None without any."""
        if self._wanted and self._follow is None:
            from graphs.timeline import follow

            try:
                self._follow = follow(self.patient, register=False, keep=False)
            except OncographError as error:
                self._trouble = f"The lesions cannot be measured: {error}"
            self._wanted = self._follow is not None
            self._show()
            self._on_lit()
        return self._follow

    def figure(self, **options: Any) -> Figure:
        """The same as a static figure.

        Parameters
        ----------
        **options
            Of `widgets.timeline_figure.timeline_figure`: ``width`` in inches.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from widgets.timeline_figure import timeline_figure

        _ = self.follow
        return timeline_figure(self._made, self._zero(), title=self.patient.label, **options)

    def _show(self) -> None:
        made = Timeline(list(self._plain.items), list(self._plain.series), list(self._plain.lanes))
        if self._follow is not None:
            more = timeline_lesions(self.patient.key, self._follow, self._zero_date())
            for one in more.items:
                if one.series is not None:
                    one.series += len(made.series)
            made.items += more.items
            made.series += more.series
            made.lanes += more.lanes
        self._made = made
        self._of_address: dict[str, list[int]] = {}
        for place, one in enumerate(made.items):
            for address in one.addresses:
                self._of_address.setdefault(address, []).append(place)
        waiting = self._wanted and self._follow is None
        problems = self._follow.problems if self._follow is not None else ()
        made_up = sum(one.synthetic for one in made.items)
        self._timeline = {
            "items": [one.to_json() for one in made.items],
            "series": [one.to_json() for one in made.series],
            "lanes": made.lanes,
            "colors": {**NODES, "response": GREEN},
            "zero": self._zero_date(),
            "zeroName": self._zero(),
            "waiting": waiting,
            "notes": [one for one in (self._trouble, *problems) if one],
            "remark": f"{made_up} of these are synthetic: made up, not measured."
            if made_up
            else "",
        }

    def _zero_date(self) -> str | None:
        return self.patient.anchor.date if self.patient.anchor else None

    def _zero(self) -> str:
        anchor = self.patient.anchor
        if anchor is None:
            return "The patient has no time zero."
        what = " ".join(one for one in (anchor.kind, anchor.date) if one)
        return f"Days from time zero: {what} ({anchor.source})."

    def _on_lit(self, _: Any = None) -> None:
        found: dict[int, None] = {}
        for one in self.selection.lit:
            found.update(dict.fromkeys(self._places_of(one)))
        with self.hold_sync():
            self._lit = list(found)
            if found and self.selection.by != _SELF:
                self._centre += 1

    def _places_of(self, address: str) -> list[int]:
        """Where an address stands; of a voxel or of words the item that they lie in."""
        if address in self._of_address:
            return self._of_address[address]
        try:
            whole = Address.parse(address)
        except AddressError:
            return []
        return self._of_address.get(str(Address(whole.key, whole.kind, whole.item)), [])

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind = content.get("kind")
        if kind == "measure":
            _ = self.follow
            return
        places = [
            place
            for place in content.get("items", ())
            if isinstance(place, int) and 0 <= place < len(self._made.items)
        ]
        items = [self._made.items[place] for place in places]
        if kind == "pick":
            # the thing itself; a study brings its images along by what is related
            picked = dict.fromkeys(one.addresses[0] for one in items if one.addresses)
            try:
                self.selection.pick(*picked, add=bool(content.get("add")), by=_SELF)
            except OncographError as error:
                self.send({"kind": "notice", "message": str(error)})
        elif kind == "about" and items:
            nodes = [one for one in items[0].addresses if one in self.graph]
            rows = node_facts(nodes[0], self.graph.nodes[nodes[0]]) if nodes else []
            self.send({"kind": "about", "item": places[0], "rows": rows})
