"""ReportView: a report with what was found in it, where it lies, and whether it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets as t

from explorer.address import Address
from explorer.errors import NotFoundError, OncographError
from graphs.grounding.review import review
from widgets.compared_reports import compared_reports
from widgets.esm import css, esm
from widgets.findings_job import FindingsJob, Progress
from widgets.home_loop import at_once, home_loop
from widgets.report_content import report_choices, report_content
from widgets.report_lit import report_lit, report_of
from widgets.selection import Selection
from widgets.whole_widget import WholeWidget

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from explorer.patient import Patient

_NAME = "ReportView"
_ASSERTIONS = ("present", "uncertain", "absent", "not assessed")


class ReportView(WholeWidget):
    """Read a patient's reports: findings marked in the text, places and checks in the margin.

    A click (or Enter) on a finding picks its address and that of its words; what is lit of the
    selection is highlighted, and scrolled to when another view picked it. Every trait below can
    be set from Python and follows what is done in the browser.

    Parameters
    ----------
    patient : Patient
    selection : Selection, optional
        Shared with other views; one of its own by default.
    report : str, optional
        Id of the report to show first; the newest by default.
    **traits
        Initial values of the traits below.

    Attributes
    ----------
    patient : Patient
        At the version that is shown; see `refresh`.
    report : str
        Id of the report that is shown.
    mode : {'text', 'table', 'compare'}
    against : str
        Id of the report that it is compared with; '' for none.
    inline : bool
        Compare in one column rather than side by side.
    search : str
        Words that are marked in the text; case does not count.
    assertions : list of str
        Which findings are shown: 'present', 'uncertain', 'absent', 'not assessed'.
    section, verdict : str
        Only findings of this section, with such a verdict; '' for all.
    current : str
        Id of the finding whose details are open; '' for none.
    reviewer : str
        Who accepts and rejects; asked once.
    height : int
        Of the text, CSS pixels.

    Raises
    ------
    NotFoundError
        The patient has no report, or not this one.
    """

    _esm = esm("report.js")
    _css = css("theme.css", "report.css")

    report = t.Unicode().tag(sync=True)
    mode = t.Enum(["text", "table", "compare"], "text").tag(sync=True)
    against = t.Unicode("").tag(sync=True)
    inline = t.Bool(False).tag(sync=True)
    search = t.Unicode("").tag(sync=True)
    assertions: Any = t.List(t.Enum(_ASSERTIONS), list(_ASSERTIONS)).tag(sync=True)
    section = t.Unicode("").tag(sync=True)
    verdict = t.Unicode("").tag(sync=True)
    current = t.Unicode("").tag(sync=True)
    reviewer = t.Unicode("").tag(sync=True)
    height = t.Int(460, min=120).tag(sync=True)
    _reports: Any = t.List().tag(sync=True)
    _content: Any = t.Dict().tag(sync=True)
    _lit: Any = t.Dict().tag(sync=True)
    _compared: Any = t.Dict().tag(sync=True)
    _work: Any = t.Dict().tag(sync=True)

    def __init__(
        self,
        patient: Patient,
        selection: Selection | None = None,
        report: str | None = None,
        **traits: Any,
    ) -> None:
        if not patient.reports:
            raise NotFoundError("There is no report to show", where=f"patient {patient.label}")
        self.patient = patient
        self.selection = Selection() if selection is None else selection
        self._picking = False
        self._job: FindingsJob | None = None
        super().__init__()
        choices = report_choices(patient)
        dated = [one for one in choices if one["when"] != "no date"]
        self._reports = choices
        first = report if report is not None else (dated or choices)[-1]["id"]
        self.report = patient.reports[first].id
        self.on_msg(self._on_message)
        self.selection.observe(self._lit_changed, "lit")
        for name, value in traits.items():
            if not self.has_trait(name) or name.startswith("_"):
                raise TypeError(f"{_NAME} has no trait {name!r}")
            setattr(self, name, value)
        self._show_lit(scroll=True)

    def refresh(self) -> None:
        """Show the newest version of the patient; after a run of an extractor, say."""
        self.patient = self.patient.store[self.patient.key]
        self._reports = report_choices(self.patient)
        self._fill()
        self._compare()
        self._show_lit(scroll=False)

    def pick(self, finding: str) -> None:
        """Select a finding and its words, as a click on it does.

        Raises
        ------
        NotFoundError
            The report that is shown has no such finding.
        """
        one = self._finding(finding)
        words = Address(
            self.patient.key, "reports", self.report, None, {"chars": (one["start"], one["end"])}
        )
        self.current = finding
        self._pick(Address(self.patient.key, "findings", finding), words)

    def judge(self, grounding: str, status: str, reason: str = "") -> None:
        """Accept or reject a grounding in the name of `reviewer`; see `graphs.review`.

        It is written to the newest version of the patient, so that nothing of what others have
        done meanwhile is lost.

        Parameters
        ----------
        grounding : str
            Its id.
        status : {'accepted', 'rejected'}
        reason : str

        Raises
        ------
        GroundingError
            Nobody is named, or there is no place to accept or reject.
        NotFoundError
            There is no such grounding.
        """
        review(self.patient, grounding, status, self.reviewer, reason)  # type: ignore[arg-type]
        self.refresh()
        self.selection.refresh()

    def find(self, wait: bool = False) -> None:
        """Read all reports of the patient, ground and check what they say; see `FindingsJob`.

        Parameters
        ----------
        wait : bool
            Return when it is done; else it goes on in a thread, and `stop` ends it.
        """
        if self._job is not None and not self._job.wait(0):
            return
        home = at_once if wait else home_loop()
        self._job = FindingsJob(self.patient, lambda step: home(lambda: self._worked(step)))
        self._work = {"state": "running", "step": 0, "total": 1, "words": "beginning"}
        if wait:
            self._job.run()
        else:
            self._job.start()

    def stop(self) -> None:
        """Stop what `find` began, after the report that is being worked on."""
        if self._job is not None:
            self._job.stop()

    def figure(self, **options: Any) -> Figure:
        """The report as a static figure, with marks and legend; see `report_figure`."""
        from widgets.report_figure import report_figure

        return report_figure(self.patient, self.report, **options)

    def _worked(self, step: Progress) -> None:
        self._work = vars(step)
        if step.state != "running":
            self.refresh()
            self.selection.refresh()

    def _finding(self, name: str) -> dict[str, Any]:
        for one in self._content.get("findings", ()):
            if one["id"] == name:
                found: dict[str, Any] = one
                return found
        raise NotFoundError(f"No finding {name!r}", where=f"report {self.report}")

    def _fill(self) -> None:
        content = report_content(self.patient, self.report)
        names = {one["id"] for one in content["findings"]}
        with self.hold_sync():
            self._content = content
            if self.current not in names:
                self.current = ""

    def _pick(self, *addresses: Address | str) -> None:
        self._picking = True
        try:
            self.selection.pick(*addresses, by=_NAME)
        finally:
            self._picking = False

    def _lit_changed(self, _: Any) -> None:
        self._show_lit(scroll=not self._picking)

    def _show_lit(self, *, scroll: bool) -> None:
        lit = self.selection.lit
        if scroll:
            other = report_of(self.patient, lit, self.report)
            if other is not None and other != self.report:
                self.report = other
        shown = report_lit(self.patient, lit, self._content)
        with self.hold_sync():
            self._lit = {**shown, "scroll": scroll, "n": self._lit.get("n", 0) + 1}
            if scroll and shown["findings"]:
                self.current = shown["findings"][0]

    @t.observe("report")
    def _report_changed(self, _: Any) -> None:
        with self.hold_sync():
            self.section = self.verdict = self.current = ""
            self._fill()
            self._show_lit(scroll=False)
            self._compare()

    @t.observe("against", "mode")
    def _compare(self, _: Any = None) -> None:
        if self.mode != "compare" or not self.report:
            return
        others = [one["id"] for one in self._reports if one["id"] != self.report]
        if self.against not in others:
            earlier = [one["id"] for one in self._reports]
            before = earlier[: earlier.index(self.report)]
            self.against = (before or others or [""])[-1]
        if self.against:
            self._compared = compared_reports(self.patient, self.against, self.report)
        else:
            self._compared = {}

    @t.validate("report")
    def _valid_report(self, proposal: Any) -> str:
        return self.patient.reports[proposal["value"]].id

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        try:
            self._act(content)
        except OncographError as error:
            self.send({"kind": "notice", "message": str(error)})

    def _act(self, content: dict[str, Any]) -> None:
        kind, name = content.get("kind"), str(content.get("id", ""))
        if kind == "finding":
            self.pick(name)
        elif kind == "grounding":
            self._pick(Address(self.patient.key, "groundings", name))
        elif kind == "target":
            self._pick(f"onco:{self.patient.key}/{name}")
        elif kind == "verdict":
            one = self._content["verdicts"][int(content.get("at", 0))]
            self._pick(*(f"onco:{self.patient.key}/{target}" for target in one["evidence"]))
        elif kind == "judge":
            self.reviewer = str(content.get("reviewer", "")).strip()
            self.judge(name, str(content.get("status")), str(content.get("reason", "")))
        elif kind == "find":
            self.find()
        elif kind == "stop":
            self.stop()
