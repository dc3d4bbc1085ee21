"""Edit masks in the viewer, and save them as a new version."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import OncographError
from explorer.printable import printable
from explorer.segmentation import Segmentation
from widgets.napari.desk import about, desk_of
from widgets.napari.follow import follow
from widgets.napari.mask_edit import MaskEdit
from widgets.napari.mask_history import mask_history
from widgets.napari.moved_on import MovedOnError
from widgets.napari.read_folder import for_now
from widgets.napari.restore_mask import restore_mask
from widgets.napari.save_edit import How, save_edit

if TYPE_CHECKING:
    import napari
    from napari.layers import Labels

_COLUMNS = ("version", "time", "who", "note", "voxels")


class MaskPanel(QWidget):
    """Edit the masks of a segmentation with napari's brushes, and save them.

    Where somebody else has saved a newer version of the patient in the meantime, nothing is
    written before the person has chosen: on top of the newest version, or beside it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self.desk = desk_of(napari_viewer)
        self.viewer = self.desk.viewer
        self.edit: MaskEdit | None = None
        self.chosen = QComboBox()
        self.who, self.note = QLineEdit(_user()), QLineEdit()
        self.begin = self._button("&Edit", self._begin)
        self.save = self._button("&Save as new version", lambda: self._save(None))
        self.on_top = self._button("Save on &top of the newest", lambda: self._save("on top"))
        self.beside = self._button("Save &beside it, as own masks", lambda: self._save("beside"))
        self.leave = self._button("Leave without saving", self._leave)
        self.back = self._button("Back to the chosen version", self._restore)
        self.said = QLabel("No patient is open.")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Versions of the masks")
        self.table.setHorizontalHeaderLabels([name.capitalize() for name in _COLUMNS])
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(  # type: ignore[union-attr]
            QHeaderView.ResizeMode.ResizeToContents
        )
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self._lay_out()
        self.chosen.currentIndexChanged.connect(self._list)
        self._offer(moved=False)
        follow(self, self.desk, self._patient)

    def _button(self, text: str, step: Any) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(step)
        return button

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Masks", self.chosen)
        form.addRow("&Who", self.who)
        form.addRow("&Note", self.note)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        for buttons in ((self.begin, self.save), (self.on_top, self.beside), (self.leave,)):
            row = QHBoxLayout()
            for button in buttons:
                row.addWidget(button)
            layout.addLayout(row)
        for one in (self.said, self.table, self.back):
            layout.addWidget(one)

    @property
    def segmentation(self) -> Segmentation | None:
        """The one that is chosen."""
        patient, item = self.desk.patient, self.chosen.currentData()
        found = patient.segmentations.get(item) if patient is not None and item else None
        return found if isinstance(found, Segmentation) else None

    def _patient(self) -> None:
        self.edit = None
        before = self.chosen.currentData()
        self.chosen.blockSignals(True)
        self.chosen.clear()
        for one in self.desk.patient.segmentations.values():
            self.chosen.addItem(printable(f"{one.modality} {one.name or one.id}"), one.id)
        self.chosen.setCurrentIndex(max(0, self.chosen.findData(before)))
        self.chosen.blockSignals(False)
        self._list()
        self._offer(moved=False)

    def _list(self, _: int = 0) -> None:
        found = self.segmentation
        self.table.setRowCount(0)
        if found is None:
            self.said.setText("This patient has no masks.")
            return
        rows = mask_history(self.desk.patient.store[self.desk.patient.key], found.id)
        self.table.setRowCount(len(rows))
        for k, row in enumerate(rows.to_dict("records")):
            for column, name in enumerate(_COLUMNS):
                value = row[name]
                text = value.strftime("%Y-%m-%d %H:%M") if name == "time" else str(value)
                self.table.setItem(k, column, QTableWidgetItem(printable(text)))
        self.said.setText("Edit loads the masks; napari's brushes change them.")

    def _offer(self, *, moved: bool) -> None:
        """Show the buttons that mean something now."""
        editing = self.edit is not None
        self.chosen.setEnabled(not editing)
        self.begin.setEnabled(not editing and self.segmentation is not None)
        self.save.setEnabled(editing and not moved)
        self.leave.setEnabled(editing)
        self.back.setEnabled(not editing and self.segmentation is not None)
        for one in (self.on_top, self.beside):
            one.setVisible(moved)

    def _begin(self) -> None:
        found = self.segmentation
        if found is None:
            return
        if for_now(self.desk.patient.store):
            self.said.setText(
                "These files were opened without a store, so there is no place for a new "
                "version. Take them in first: oncograph ingest FOLDER STORE."
            )
            return
        self._try(lambda: self._load(found))

    def _load(self, found: Segmentation) -> None:
        edit = MaskEdit(found)
        layers = self.desk.show(found)
        for layer in layers:
            labels = edit.begin([value - 1 for value in about(layer)["labels"]])
            layer.data = np.ascontiguousarray(about(layer)["placement"].turned(labels))
            layer.editable = True
        self.edit = edit
        first: Labels = layers[0]
        self.viewer.layers.selection.active = first
        first.selected_label = min(about(first)["labels"])
        first.mode = "paint"
        self._offer(moved=False)
        self.said.setText(
            "Paint on the layers of these masks, then save. A label that no segment has "
            "becomes a new segment."
        )

    def _collect(self, edit: MaskEdit) -> None:
        for layer in self.desk.layers_of(edit.segmentation):
            known = about(layer)
            labels = known["placement"].turned_back(np.asarray(layer.data))
            edit.take([value - 1 for value in known["labels"]], labels)

    def _save(self, how: How | None) -> None:
        edit = self.edit
        if edit is None:
            return
        try:
            self._collect(edit)
            saved = save_edit(edit, self.who.text(), self.note.text(), how=how)
        except MovedOnError as error:
            self.said.setText(printable(error))
            self._offer(moved=True)
            return
        except (OncographError, OSError) as error:
            self.said.setText(printable(error))
            return
        counts = ", ".join(
            f"{name} +{len(one.added)} -{len(one.removed)}" for name, one in edit.changes().items()
        )
        self._again(saved)
        self.said.setText(printable(f"Saved as version {saved.patient.version}: {counts} voxels."))

    def _leave(self) -> None:
        edit = self.edit
        if edit is not None:
            self._again(edit.segmentation)
            self.said.setText("Left; nothing was written.")

    def _restore(self) -> None:
        found, chosen = self.segmentation, self.table.selectedItems()
        if found is None or not chosen:
            self.said.setText("Choose a version in the table first.")
            return
        version = int(min(chosen, key=lambda cell: cell.column()).text())

        def step() -> None:
            saved = restore_mask(self.desk.patient, found.id, version, self.who.text())
            self._again(saved)
            self.said.setText(f"Back to what version {version} had.")

        self._try(step)

    def _again(self, saved: Segmentation) -> None:
        """Show the patient at the version that was saved, seen from where the viewer stands."""
        self.edit = None
        dims, camera = self.viewer.dims, self.viewer.scene.camera
        point, center, zoom = dims.point, camera.center, camera.zoom
        image = next(
            (
                about(layer)["address"].partition("/images/")[2].partition("@")[0]
                for layer in self.viewer.layers
                if layer._type_string == "image" and "/images/" in about(layer).get("address", "")
            ),
            None,
        )
        self.desk.open_patient(saved.patient, image)
        self.desk.show(saved.patient.segmentations[saved.id])
        dims.point = point
        camera.center, camera.zoom = center, zoom

    def _try(self, step: Any) -> None:
        try:
            step()
        except (OncographError, OSError) as error:
            self.said.setText(printable(error))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""
