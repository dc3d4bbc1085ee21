"""The list of a store's patients, and of what each of them has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.printable import printable
from explorer.segmentation import Segmentation
from explorer.store import Store
from widgets.napari.desk import desk_of

if TYPE_CHECKING:
    import napari

_MOST = 500  # patients that are listed at once
_KEY, _ITEM = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class PatientsPanel(QWidget):
    """Open a store, search it, open a patient or one item of a patient.

    A double click, or Enter, opens: a patient in the place of what is shown; an item beside it.
    An address that is put into the search opens, too.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self.desk = desk_of(napari_viewer)
        self.store: Store | None = None
        self._names: dict[str, str] = {}
        self.place = QLineEdit()
        self.place.setPlaceholderText("Folder *.onco, or s3://bucket/prefix")
        self.place.setAccessibleName("Store")
        self.place.returnPressed.connect(lambda: self.open_store(self.place.text()))
        browse = QPushButton("Folder …")
        browse.clicked.connect(self._browse)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search patients, or an address")
        self.search.setAccessibleName("Search")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._list)
        self.search.returnPressed.connect(self._entered)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Patient, item", "What"])
        self.tree.setAccessibleName("Patients")
        self.tree.itemExpanded.connect(self._fill)
        self.tree.itemActivated.connect(self._open)
        self.said = QLabel("Open a store.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(self.place, 1)
        top.addWidget(browse)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        for one in (self.search, self.tree, self.said):
            layout.addWidget(one)
        if self.desk.patient is not None:
            self.open_store(self.desk.patient.store)

    def open_store(self, store: Store | str | Path) -> None:
        """List the patients of a store; where it cannot be opened, the panel says why.

        Parameters
        ----------
        store : Store, path or URL
        """
        try:
            self.store = store if isinstance(store, Store) else Store(store)
            self._names = self.store.keys_and_labels()
        except (OncographError, OSError) as error:
            self.said.setText(printable(error))
            return
        self.place.setText(printable(self.store.url))
        self._list()

    def _browse(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "A store (folder *.onco)")
        if found:
            self.open_store(found)

    def _list(self) -> None:
        """The patients whose name has the searched words in it."""
        words = self.search.text().casefold().split()
        found = [
            (label, key)
            for key, label in self._names.items()
            if all(word in label.casefold() or word in key for word in words)
        ]
        self.tree.clear()
        for label, key in sorted(found)[:_MOST]:
            row = QTreeWidgetItem([printable(label), ""])
            row.setData(0, _KEY, key)
            row.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
            self.tree.addTopLevelItem(row)
        more = f", the first {_MOST} are listed" if len(found) > _MOST else ""
        self.said.setText(f"{len(found)} of {len(self._names)} patients{more}.")
        only = self.tree.topLevelItem(0) if len(found) == 1 else None
        if only is not None:
            only.setExpanded(True)
        self.tree.resizeColumnToContents(0)

    def _fill(self, row: QTreeWidgetItem) -> None:
        """The items of a patient, looked up when they are to be seen."""
        if row.childCount() or self.store is None or row.parent() is not None:
            return
        try:
            patient = self.store[row.data(0, _KEY)]
        except OncographError as error:
            self.said.setText(printable(error))
            return
        for one in [*patient.images.values(), *patient.segmentations.values()]:
            size = " x ".join(map(str, one.shape))  # as the store's own tables have it
            what = f"{one.modality}, {size}, {one.acquired or 'no date'}"
            if isinstance(one, Segmentation):
                what += f": {', '.join(one.labels[:8])}{' …' if len(one.labels) > 8 else ''}"
            child = QTreeWidgetItem([printable(one.name or one.id), printable(what)])
            child.setData(0, _KEY, patient.key)
            child.setData(0, _ITEM, f"{one.collection}/{one.id}")
            row.addChild(child)
        if not row.childCount():
            row.addChild(QTreeWidgetItem(["no image", f"{len(patient.reports)} reports"]))

    def _open(self, row: QTreeWidgetItem, _: int = 0) -> None:
        key, item = row.data(0, _KEY), row.data(0, _ITEM)
        if key and self.store is not None:
            self._try(lambda: self.show_patient(key, item))

    def _entered(self) -> None:
        text = self.search.text().strip()
        if text.startswith("onco:"):
            self._try(lambda: self._show_address(text))
            return
        only = self.tree.topLevelItem(0) if self.tree.topLevelItemCount() == 1 else None
        if only is not None:
            self._open(only)

    def _show_address(self, text: str) -> None:
        from widgets.napari.read_address import read_address

        self.desk.add(read_address(text, self.store))
        self._say()

    def show_patient(self, key: str, item: str | None = None) -> None:
        """Show a patient, or one item beside what is shown of the same patient.

        Parameters
        ----------
        key : str
            Or the patient's name.
        item : str, optional
            Such as ``images/ct-1``.
        """
        if self.store is None:
            return
        patient = self.store[key]
        shown = self.desk.patient
        same = shown is not None and (shown.key, shown.version) == (patient.key, patient.version)
        if item is None:
            self.desk.open_patient(patient)
        else:
            if not same:
                self.desk.clear()
                self.desk.take(patient)
            collection, _, name = item.partition("/")
            found: Any = getattr(patient if not same else shown, collection)[name]
            if isinstance(found, Image | Segmentation):
                self.desk.show(found)
        self._say()

    def _try(self, step: Any) -> None:
        try:
            step()
        except (OncographError, OSError) as error:
            self.said.setText(printable(error))

    def _say(self) -> None:
        """What is shown, and what to know of how it is drawn."""
        patient: Patient | None = self.desk.patient
        if patient is None:
            return
        said = [f"{patient.label}, version {patient.version}."]
        if not patient.images:
            said.append("There is no image of this patient.")
        said += self.desk.notes()
        self.said.setText(printable("\n".join(said)))
