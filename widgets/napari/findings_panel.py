"""The findings of a patient as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.address import Address
from explorer.printable import printable
from graphs import findings, groundings
from graphs.findings import written
from widgets.napari.desk import desk_of
from widgets.napari.follow import follow

if TYPE_CHECKING:
    import napari

_HEAD = ("Finding", "Said", "Side", "Measured", "Place", "Score", "Report")
_ID = Qt.ItemDataRole.UserRole


class _Number(QTableWidgetItem):
    """A cell that is sorted by its number; an empty one comes first."""

    def __lt__(self, other: Any) -> bool:
        mine, others = (one.data(_ID + 1) for one in (self, other))
        return bool((-1.0 if mine is None else mine) < (-1.0 if others is None else others))


class FindingsPanel(QWidget):
    """What the reports state and where it lies; a row that is chosen is gone to.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self.desk = desk_of(napari_viewer)
        self.table = QTableWidget(0, len(_HEAD))
        self.table.setAccessibleName("Findings")
        self.table.setHorizontalHeaderLabels(list(_HEAD))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()  # type: ignore[union-attr]
        self.table.itemSelectionChanged.connect(self._chosen)
        self.said = QLabel("No patient is open.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(self.said)
        follow(self, self.desk, self._patient, self._lit)

    def _patient(self) -> None:
        patient = self.desk.patient
        place = {one.finding: one for one in groundings(patient) if one.status != "rejected"}
        found = list({one.id: one for one in findings(patient)}.values())
        self.table.setSortingEnabled(False)
        self.table.blockSignals(True)
        self.table.setRowCount(len(found))
        for row, one in enumerate(found):
            where = place.get(one.id)
            at = _place(where)
            score = None if where is None else where.score
            size = one.measurements[0].value[0] if one.measurements else None
            cells = (
                (one.entity or one.text, None), (one.assertion, None), (one.laterality, None),
                ("; ".join(map(written, one.measurements)), size), (at, None),
                ("" if score is None else f"{score:.2f}", score), (one.item, None),
            )  # fmt: skip
            for column, (text, number) in enumerate(cells):
                numeric = _HEAD[column] in ("Measured", "Score")
                cell = (_Number if numeric else QTableWidgetItem)(printable(text or ""))
                cell.setData(_ID, one.id)
                cell.setData(_ID + 1, number)
                self.table.setItem(row, column, cell)
        self.table.blockSignals(False)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)  # as the reports have them
        self.table.setSortingEnabled(True)
        self.table.resizeColumnsToContents()
        placed = sum(one.target is not None for one in place.values())
        self.said.setText(f"{len(found)} findings, {placed} with a place in an image.")

    def _ids(self) -> list[str]:
        chosen = sorted(self.table.selectedItems(), key=lambda cell: cell.row())
        return list(dict.fromkeys(cell.data(_ID) for cell in chosen))

    def _chosen(self) -> None:
        key = self.desk.patient.key
        picked = [Address(key, "findings", one) for one in self._ids()]
        if picked:
            self.desk.selection.pick(*picked, by=type(self).__name__)

    def _lit(self) -> None:
        """Choose the rows of the findings that are about what is selected."""
        if self.desk.selection.by == type(self).__name__:
            return
        lit = {one.item for one in self.desk.selection.of_kind("findings")}
        self.table.blockSignals(True)
        self.table.clearSelection()
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        for row in range(self.table.rowCount()):
            cell = self.table.item(row, 0)
            if cell is not None and cell.data(_ID) in lit:
                self.table.selectRow(row)
                self.table.scrollToItem(cell)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.blockSignals(False)


def _place(where: Any) -> str:
    if where is None:
        return ""
    return unquote(where.target) if where.target else f"abstained: {where.reason}"
