from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.derived import text_sha256
from explorer.run_draft import RunDraft
from explorer.store import Store
from graphs import findings
from graphs.finding import Finding
from widgets.napari.desk import about, desk_of
from widgets.napari.mask_edit import MaskEdit
from widgets.napari.save_edit import save_edit
from widgets.napari.shown_text import shown_text

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> <b>bold</b> &amp; "
    "<a href='http://127.0.0.1:9/'>a link</a>\r\nA \U0001f9a0 nodule \x1b[31m\u202ehere.\tEnd\rlast"
)


def test_positions_of_a_text_hold_in_qts_own_count() -> None:
    shown, at = shown_text(HOSTILE)
    assert len(at) == len(HOSTILE) + 1
    units = shown.encode("utf-16-le")
    word = HOSTILE.index("nodule")
    assert units[2 * at[word] : 2 * at[word + 6]].decode("utf-16-le") == "nodule"
    assert "\\x1b" in shown
    assert "\\u202e" in shown
    assert "\r" not in shown
    assert shown.endswith("\tEnd\nlast")
    assert shown.startswith("<img src=x onerror=alert(1)><script>")


def test_a_report_leads_to_its_places_and_shows_hostile_text_as_text(
    viewer: Any, panel: Callable[[str], Any], told: Store, settle: Any, by_hand: Any
) -> None:
    desk = desk_of(viewer)
    report, table = panel("Report"), panel("Findings")
    desk.open_patient(told["LIDC-IDRI-0314"])
    nodule = next(one for one in findings(desk.patient) if one.entity == "nodule")
    assert report.text.toPlainText() == report.report.text
    assert "made up" in report.chosen.currentText()
    before = viewer.dims.point
    report.text.anchorClicked.emit(report_link(report, nodule))  # as a click on the phrase does
    assert viewer.dims.point != before
    marks = [one.cursor.selectedText() for one in report.text.extraSelections()]
    assert any("nodule" in one for one in marks)
    assert nodule.id in table._ids()
    # the other way: a row of the table, then a click into the picture
    absent = next(k for k in range(table.table.rowCount())
                  if table.table.item(k, 1).text() == "absent")  # fmt: skip
    table.table.selectRow(absent)
    assert desk.selection.by == "FindingsPanel"
    masks = next(iter(desk.patient.segmentations.values()))
    z, y, x = np.argwhere(np.asarray(masks.stored[2]))[0]
    layer = desk.layers_of(masks)[2]
    desk.click(tuple(about(layer)["placement"].to_world([z, y, x])))
    assert nodule.id in table._ids()
    table.table.sortItems(5)
    scores = [table.table.item(k, 5).text() for k in range(table.table.rowCount())]
    assert scores == sorted(scores)
    desk.open_patient(by_hand)
    assert report.text.toPlainText() == report.report.text
    assert report.said.text().startswith("4 findings")


def report_link(report: Any, finding: Finding) -> Any:
    """The link of a finding's words, looked up in the document."""
    from qtpy.QtCore import QUrl
    from qtpy.QtGui import QTextCursor

    cursor = QTextCursor(report.text.document())
    cursor.setPosition(report._at[finding.start] + 1)
    assert cursor.charFormat().isAnchor()
    return QUrl(cursor.charFormat().anchorHref())


def test_hostile_text_loads_nothing(
    viewer: Any, panel: Callable[[str], Any], tmp_path: Path, settle: Any
) -> None:
    store = explorer.open(tmp_path / "hostile.onco", create=True)
    with store.transaction("hostile") as t:
        key = t.patient("<b>who</b>")
        t.add_text(key, "r-1", HOSTILE, name="<img src=x>", synthetic=True)
    word = HOSTILE.index("nodule")
    said = Finding(word, word + 6, "nodule", "<i>nodule</i>", item="r-1", id="f-1")
    with store.transaction("said") as t:
        run = RunDraft("findings", "made up", "1", "reports/r-1", text_sha256(HOSTILE))
        run.findings = [said.row()]
        t.put_run(key, run)
    desk = desk_of(viewer)
    desk.open_patient(store[key])
    report, table, patients = panel("Report"), panel("Findings"), panel("Patients")
    patients.open_store(store)
    settle()
    assert report.text.toPlainText() == shown_text(HOSTILE)[0]
    assert report.chosen.currentText().startswith("no date: <img src=x>")
    assert table.table.item(0, 0).text() == "<i>nodule</i>"
    assert patients.tree.topLevelItem(0).text(0) == "<b>who</b>"
    assert report.text.loadResource(2, report_link(report, said)) is None
    report.pick(word, word + 6)
    assert [one.cursor.selectedText() for one in report.text.extraSelections()] == ["nodule"]
    images = [f for f in _formats(report.text.document()) if f.isImageFormat()]
    assert images == []


def _formats(document: Any) -> list[Any]:
    return [one for one in document.allFormats() if one.isCharFormat()]


def test_patients_are_searched_and_opened(
    viewer: Any, panel: Callable[[str], Any], demo: Store
) -> None:
    desk = desk_of(viewer)
    patients = panel("Patients")
    patients.open_store(str(demo.path / "no such store"))
    assert "no such store" in patients.said.text()
    patients.place.setText(str(demo.path))
    patients.place.returnPressed.emit()
    assert patients.tree.topLevelItemCount() == 8
    patients.search.setText("sts")
    assert patients.said.text() == "1 of 8 patients."
    row = patients.tree.topLevelItem(0)
    assert row.text(0) == "STS_002"
    assert row.childCount() == 6  # looked up, since there is just this one
    patients.search.returnPressed.emit()
    assert desk.patient.label == "STS_002"
    assert "version 1" in patients.said.text()
    mr = next(row.child(k) for k in range(6) if row.child(k).text(1).startswith("MR,"))
    count = len(viewer.layers)
    patients.tree.itemActivated.emit(mr, 0)  # a double click, or Enter
    assert len(viewer.layers) == count + 1
    key = demo["LIDC-IDRI-0314"].key
    image = demo["LIDC-IDRI-0314"].images["CT"]
    patients.search.setText(f"onco:{key}/images/{image.id}#box=3:6,100:120,200:230")
    patients.search.returnPressed.emit()
    assert desk.patient.key == key
    assert [one.name for one in viewer.layers][-1] == "Address"
    assert len(viewer.layers[-1].data) == 3
    patients.search.setText("onco:nobody/images/x")
    patients.search.returnPressed.emit()
    assert "nobody" in patients.said.text()


@pytest.mark.slow
def test_masks_are_painted_and_saved_and_a_second_writer_loses_nothing(
    viewer: Any, panel: Callable[[str], Any], copied: Store, settle: Any
) -> None:
    desk = desk_of(viewer)
    patient = copied["PCAMPMRI-00001"]
    desk.open_patient(patient)
    masks = panel("Masks")
    (opened,) = patient.segmentations.values()
    was = np.asarray(opened.stored)
    assert masks.table.rowCount() == 1
    masks.begin.click()
    layer = viewer.layers.selection.active
    assert (layer.mode, layer.selected_label) == ("paint", 1)
    z, y, x = 9, 30, 40
    point = about(layer)["placement"].to_world([z, y, x])
    viewer.dims.set_point(0, point[0])
    layer.brush_size = 1
    layer.paint(layer.world_to_data(point), 1)
    assert not masks.on_top.isVisible()
    other = MaskEdit(opened)
    other.begin([2])[5, 10, 10] = 3
    save_edit(other, "B. Other")
    masks.who.setText("A. Reader")
    masks.save.click()
    assert "moved on, from version 1 to 2" in masks.said.text()
    assert not masks.on_top.isHidden()
    assert not masks.beside.isHidden()
    assert not masks.save.isEnabled()
    assert copied["PCAMPMRI-00001"].version == 2
    masks.on_top.click()
    assert masks.said.text() == "Saved as version 3: Normal +1 -0 voxels."
    saved = copied["PCAMPMRI-00001"].segmentations[opened.id]
    now = np.asarray(saved.stored)
    assert np.argwhere(now != was).tolist() == [[0, z, y, x], [2, 5, 10, 10]]
    assert desk.patient.version == 3
    assert viewer.dims.point[0] == pytest.approx(point[0])
    assert [masks.table.item(k, 2).text() for k in range(3)] == ["A. Reader", "B. Other", ""]
    masks.table.selectRow(2)
    masks.back.click()
    assert masks.said.text() == "Back to what version 1 had."
    back = copied["PCAMPMRI-00001"].segmentations[opened.id]
    np.testing.assert_array_equal(np.asarray(back.stored), was)
    masks.begin.click()
    masks.leave.click()
    assert copied["PCAMPMRI-00001"].version == 4
