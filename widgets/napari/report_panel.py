"""A report whose phrases lead to their places in the images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QColor, QTextCharFormat, QTextCursor
from qtpy.QtWidgets import QComboBox, QLabel, QTextBrowser, QTextEdit, QVBoxLayout, QWidget

from explorer.address import Address
from explorer.printable import printable
from explorer.report import Report
from graphs import findings
from graphs.finding import Finding
from widgets.napari.desk import desk_of
from widgets.napari.follow import follow
from widgets.napari.shown_text import shown_text
from widgets.palette import ASSERTIONS, SELECTED

if TYPE_CHECKING:
    import napari

_LINES = {
    "present": QTextCharFormat.UnderlineStyle.SingleUnderline,
    "uncertain": QTextCharFormat.UnderlineStyle.DashUnderline,
    "absent": QTextCharFormat.UnderlineStyle.DotLine,
}


class _Browser(QTextBrowser):
    """Text that loads nothing and opens nothing."""

    def loadResource(self, _kind: int, _name: QUrl) -> None:
        """Nothing: neither files nor addresses of the network."""


class ReportPanel(QWidget):
    """The reports of the patient that is shown.

    A phrase that states a finding is underlined: present solid, uncertain dashed, absent dotted.
    A click on it, or Tab and Enter, goes to where it was grounded. Words that are about what was
    clicked in the image are marked.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self.desk = desk_of(napari_viewer)
        self._reports: list[Report] = []
        self._at: list[int] = [0]
        self.chosen = QComboBox()
        self.chosen.setAccessibleName("Report")
        self.chosen.currentIndexChanged.connect(self._show)
        self.text = _Browser()
        self.text.setAccessibleName("Text of the report")
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._clicked)
        self.said = QLabel("No patient is open.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        layout = QVBoxLayout(self)
        for one in (self.chosen, self.text, self.said):
            layout.addWidget(one)
        follow(self, self.desk, self._patient, self._lit)

    @property
    def report(self) -> Report | None:
        """The one that is shown."""
        k = self.chosen.currentIndex()
        return self._reports[k] if 0 <= k < len(self._reports) else None

    def _patient(self) -> None:
        patient = self.desk.patient
        self._reports = list(patient.reports.values())
        self._findings = findings(patient) if self._reports else []
        self.chosen.blockSignals(True)
        self.chosen.clear()
        for one in self._reports:
            made = ", made up" if one.synthetic else ""
            self.chosen.addItem(printable(f"{one.date or 'no date'}: {one.name or one.id}{made}"))
        self.chosen.blockSignals(False)
        self._show()

    def _show(self, _: int = 0) -> None:
        self.text.clear()
        report = self.report
        if report is None:
            self.said.setText("This patient has no report.")
            return
        shown, self._at = shown_text(report.text)
        mine = [one for one in self._findings if one.item == report.id]
        cursor = QTextCursor(self.text.document())
        cursor.insertText(shown, QTextCharFormat())
        # longer ones first, so that a phrase within a phrase stays a link of its own
        for one in sorted(mine, key=lambda f: f.start - f.end):
            self._link(cursor, one)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        made = " It is made up, not written by a radiologist." if report.synthetic else ""
        self.said.setText(f"{len(mine)} findings; a click on one goes to its place.{made}")
        self._lit()

    def _link(self, cursor: QTextCursor, finding: Finding) -> None:
        end = min(finding.end, len(self._at) - 1)
        if not 0 <= finding.start < end:
            return
        look = QTextCharFormat()
        look.setAnchor(True)
        look.setAnchorHref(f"#{finding.start}-{finding.end}")
        look.setUnderlineStyle(_LINES.get(finding.assertion, _LINES["present"]))
        look.setUnderlineColor(QColor(ASSERTIONS.get(finding.assertion, SELECTED)))
        cursor.setPosition(self._at[finding.start])
        cursor.setPosition(self._at[end], QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(look)

    def _clicked(self, url: QUrl) -> None:
        report = self.report
        start, _, end = url.fragment().partition("-")
        if report is None or not (start.isdigit() and end.isdigit()):
            return
        self.pick(int(start), int(end))

    def pick(self, start: int, end: int) -> None:
        """Pick words of the report; the image goes to where they were grounded.

        Parameters
        ----------
        start, end : int
            Code points of the text, half-open.
        """
        report = self.report
        if report is None:
            return
        words = Address(report.patient.key, "reports", report.id, None, {"chars": (start, end)})
        self.desk.selection.pick(words, by=type(self).__name__)

    def _lit(self) -> None:
        """Mark the words that are about what is selected, and scroll to them."""
        report = self.report
        if report is None:
            return
        spans = [
            self._span(one.fragment["chars"])
            for one in self.desk.selection.of_kind("reports")
            if one.item == report.id and "chars" in one.fragment
        ]
        marks = []
        for start, end in spans:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.text.document())
            mark.cursor.setPosition(start)
            mark.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setBackground(QColor(SELECTED))
            look.setForeground(QColor("#000000"))
            mark.format = look
            marks.append(mark)
        self.text.setExtraSelections(marks)
        if marks and self.desk.selection.by != type(self).__name__:
            cursor = QTextCursor(self.text.document())
            cursor.setPosition(min(start for start, _ in spans))
            self.text.setTextCursor(cursor)
            self.text.ensureCursorVisible()

    def _span(self, chars: Any) -> tuple[int, int]:
        last = len(self._at) - 1
        start, end = (min(int(one), last) for one in chars)
        return self._at[start], self._at[end]
