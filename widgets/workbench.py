"""Workbench: everything of a patient on one page, and one selection for all of it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import traitlets as t

from explorer.errors import OncographError
from explorer.patient import Patient
from widgets.facts_view import FactsView
from widgets.measurement_keeper import MeasurementKeeper
from widgets.patient_links import PatientLinks
from widgets.patient_view import PatientView
from widgets.report_view import ReportView
from widgets.selection import Selection
from widgets.selection_bar import SelectionBar
from widgets.slice_link import SliceLink
from widgets.tab_strip import Tabs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from widgets.slices import SliceView


class Workbench(w.VBox):  # type: ignore[misc]
    """Images, reports, graph, time line, values and 3D of a patient: views of one selection.

    Click a phrase, and the crosshair goes to the voxels and the box is drawn in every plane; click
    a voxel, a node, a day or a row, and what is about the same thing lights up everywhere else.
    What is measured can be kept, with who and when, where the store may be written to.

    Parameters
    ----------
    patient : Patient
    selection : Selection, optional
        Shared with views outside of the page; its `related` is then the caller's. One that follows
        the patient's own links by default.
    image : str, optional
        Id, modality or name of the image to show first.
    report : str, optional
        Id of the report to show first.
    **traits
        Of the `SliceView`.

    Attributes
    ----------
    patient : Patient
    selection : Selection
    links : PatientLinks
    bar : SelectionBar
    images : PatientView or None
        None where the patient has no images.
    report : ReportView or None
    tabs : Tabs
        ``tabs.show("Graph")``; ``tabs.made`` has the views that were opened.

    Raises
    ------
    NotFoundError
        The patient has no such image, or no such report.
    """

    def __init__(
        self,
        patient: Patient,
        selection: Selection | None = None,
        *,
        image: str | None = None,
        report: str | None = None,
        **traits: Any,
    ) -> None:
        self.patient = patient
        self.links = PatientLinks(patient)
        self.selection = Selection(self.links) if selection is None else selection
        self.bar = SelectionBar(self.links, self.selection)
        self.images: PatientView | None = None
        self.report: ReportView | None = None
        self._link: SliceLink | None = None
        if patient.images or image is not None:
            self.images = PatientView(patient, image, selection=self.selection, **traits)
            self._link = SliceLink(self.images, self.selection, self.links)
            self.selection.observe(self._noticed, "lit")
            self._keeper = MeasurementKeeper(self.images, self.refresh)
        if patient.reports or report is not None:
            self.report = ReportView(patient, self.selection, report=report)
            self.report.observe(self._reviewed, "_content")
            if self.images is not None:  # who reads writes the name once
                t.link((self.report, "reviewer"), (self.slices, "reader"))
        self._made_of: dict[str, str] = {}
        self._of_image = {"3D": self._volume, "Oblique": self._oblique}
        self.tabs = Tabs(self._panels())
        super().__init__([self.bar, self._top(), self.tabs])
        self._begun = True
        self.add_class("onco-workbench")
        if self.images is not None:
            self.tabs.strip.observe(self._image_due, "selected")
            self.images.images.observe(self._image_due, "value")

    @property
    def slices(self) -> SliceView:
        """The planes of the image that is shown.

        Raises
        ------
        AttributeError
            The patient has no images.
        """
        if self.images is None:
            raise AttributeError(f"Patient {self.patient.label!r} has no images")
        return self.images.slices

    def refresh(self) -> None:
        """Show the newest version: after a run of a grounder, say, or somebody else's commit."""
        if self.report is not None:
            self.report.refresh()
        self._move_on(self.patient.store[self.patient.key])

    def _move_on(self, patient: Patient) -> None:
        """Let all views but the report show another version."""
        if patient.version == self.patient.version:
            return
        self.patient = patient
        self.links.refresh(patient)
        if self.images is not None:
            self.images.refresh(patient)
        self.tabs.renew()
        self._image_due()
        self.selection.refresh()
        self.bar.refresh()

    def _reviewed(self, _: Any) -> None:
        """A person has accepted or rejected a place, or a job has found findings."""
        if self.report is not None:
            self._move_on(self.report.patient)

    def figure(self, **options: Any) -> Figure:
        """The picture that is shown; of a patient without images the report, or the table.

        Parameters
        ----------
        **options
            Of that view's own `figure`.

        Returns
        -------
        matplotlib.figure.Figure
        """
        views = [None if self.images is None else self.slices, self.report]
        view: Any = next((one for one in views if one is not None), None)
        return (self._facts() if view is None else view).figure(**options)

    def close(self) -> None:
        """Take the page away; the selection forgets its views."""
        if getattr(self, "_begun", False):  # it is called again when the object goes
            self._begun = False
            if self._link is not None:
                self.selection.unobserve(self._noticed, "lit")
                self._link.close()
            views = [self.bar, self.report, *self.tabs.made.values()]
            views += [] if self.images is None else [self.slices]
            for view in views:
                if view is not None:
                    view.close()
        super().close()

    def _top(self) -> w.Widget:
        label = self.patient.label
        parts = [
            _note(f"{label} has no images.") if self.images is None else self.images,
            _note(f"{label} has no reports.") if self.report is None else self.report,
        ]
        if self.images is not None:
            self.images.add_class("onco-images")
        both = self.images is not None and self.report is not None
        top = w.Box(parts, layout=w.Layout(display="grid"))
        top.add_class("onco-workbench-top")
        if not both:
            top.add_class("onco-alone")
        return top

    def _panels(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "Graph": self._graph, "Timeline": self._timeline, "Values": self._facts,
        }  # fmt: skip
        if self.report is not None:
            found["Ask"] = self._dialogue
        if self.images is not None:
            found |= {title: partial(self._holder, title) for title in self._of_image}
        return found

    def _graph(self) -> w.Widget:
        from widgets.graph_view import GraphView

        return GraphView(self.patient, self.selection)

    def _timeline(self) -> w.Widget:
        from widgets.timeline_view import TimelineView

        return TimelineView(self.patient, self.selection)

    def _facts(self) -> FactsView:
        return FactsView(self.patient, self.selection)

    def _dialogue(self) -> w.Widget:
        from widgets.dialogue_view import DialogueView

        return DialogueView(self.patient, self.selection)

    def _volume(self, images: PatientView) -> w.Widget:
        from widgets.volume_view import VolumeView

        return VolumeView(images.image, images.shown, self.selection)

    def _oblique(self, images: PatientView) -> w.Widget:
        from widgets.oblique_view import ObliqueView

        return ObliqueView(images.image, images.shown, selection=self.selection)

    def _holder(self, title: str) -> w.Widget:
        """Room for a view of the image that is chosen."""
        self._made_of.pop(title, None)
        return w.VBox()

    def _image_due(self, _: Any = None) -> None:
        """Make the views of the image that is chosen, where they are looked at."""
        if self.images is None:
            return
        self._keeper.draw()
        image = self.images.image.id
        for title, make in self._of_image.items():
            holder = self.tabs.made.get(title)
            if holder is None or holder.layout.display == "none":
                continue
            if self._made_of.get(title) == image:
                continue
            self._made_of[title] = image
            before = holder.children
            waiting = _note(f"{title} is being made …")  # surfaces can take seconds
            holder.children = [waiting]
            try:
                shown = make(self.images)
            except OncographError as error:
                shown = _note(f"{title}: not of this image. {error}")
            holder.children = [shown]
            for old in (*before, waiting):
                old.close()

    def _noticed(self, _: Any) -> None:
        if self._link is not None:
            self.bar.notice = self._link.notice


def _note(text: str) -> w.Widget:
    """Plain words where a view would be; `text` is hostile."""
    note = w.HTML(f'<p class="onco-nothing">{escape(text)}</p>')
    note.add_class("onco")
    return note
