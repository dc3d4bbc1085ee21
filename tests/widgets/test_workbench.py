from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from matplotlib.figure import Figure

import graphs
import widgets
from explorer.errors import NotFoundError
from explorer.patient import Patient
from explorer.store import Store, open_store
from widgets.facts_view import FactsView
from widgets.graph_view import GraphView
from widgets.report_view import ReportView
from widgets.selection import Selection
from widgets.view import View
from widgets.workbench import Workbench


def _texts(page: Workbench) -> str:
    found: list[str] = []

    def walk(one: Any) -> None:
        found.append(str(getattr(one, "value", "")))
        for child in getattr(one, "children", ()):
            walk(child)

    walk(page)
    return " ".join(found)


def test_view_of_a_patient_is_this_page(sarcoma: Patient) -> None:
    page = sarcoma.view(image="PT", height=300)
    assert isinstance(page, Workbench)
    assert isinstance(page, View)
    assert page.slices.height == 300
    assert page.slices.image.modality == "PT"
    assert "STS_002 has no reports" in _texts(page)
    assert isinstance(page.figure(), Figure)
    with pytest.raises(NotFoundError):
        sarcoma.view(image="XA")
    with pytest.raises(NotFoundError):
        sarcoma.view(report="none")


def test_a_view_that_takes_long_says_so(sarcoma: Patient) -> None:
    page, seen = widgets.explore(sarcoma), []

    def slow(_: Any) -> ipywidgets.Widget:
        seen.append(_texts(page))
        return ipywidgets.HTML("here it is")

    page._of_image["3D"] = slow
    page.tabs.show("3D")
    assert "3D is being made" in seen[0]
    assert "being made" not in _texts(page)
    assert "here it is" in _texts(page)


def test_all_views_share_one_selection(told: Store) -> None:
    page = widgets.explore(told["LIDC-IDRI-0314"])
    graph, values = page.tabs.show("Graph"), page.tabs.show("Values")
    assert isinstance(page.report, ReportView)
    assert isinstance(graph, GraphView)
    assert isinstance(values, FactsView)
    views = [page.slices, page.report, graph, values, page.bar]
    assert {id(one.selection) for one in views} == {id(page.selection)}
    (finding, *_) = (f for f in graphs.findings(page.patient) if f.measurements)
    page.report.pick(finding.id)
    assert page.slices.boxes
    assert page.slices._lit["segments"] == ["Nodule, reader 3"]
    lit = [graph._order[k] for k in graph._lit]
    assert any("/findings/" in one for one in lit)
    assert any("label=Nodule" in one for one in lit)
    assert {row["of"] for row in (values._rows[k] for k in values._lit["rows"])} == {
        "report", "Nodule, reader 3",
    }  # fmt: skip
    assert page.bar._picked[0]["kind"] == "finding"
    assert "9 measurements" in page.bar._also
    # and from the image back
    z, y, x = page.slices.crosshair
    page.selection.clear()
    assert page.report._lit["findings"] == []
    page.slices.clicked = {"voxel": [z, y, x], "point": None, "pane": "axial", "n": 1}
    assert finding.id in page.report._lit["findings"]
    assert page.bar._ways == [True, False]


def test_tabs_are_made_when_they_are_opened(by_hand: Patient) -> None:
    page = Workbench(by_hand)
    first = list(page.tabs.made)
    page.tabs.show("Values")
    assert [*first, "Values"] == list(page.tabs.made)
    assert page.tabs.made[first[0]].layout.display == "none"
    assert page.tabs.show("Values") is page.tabs.made["Values"]


def test_an_abstention_says_so_each_time(by_hand: Patient) -> None:
    page = Workbench(by_hand)
    for place in ("findings/f-pleural", "reports/r-1#chars=33:53"):
        page.selection.pick(f"onco:{by_hand.key}/{place}")
        assert "An absent finding has no lesion" in page.bar.notice
    page.selection.pick(f"onco:{by_hand.key}/findings/f-nodule")
    assert page.bar.notice == ""


def test_a_page_for_whoever_has_little(
    demo: Store, made: Callable[..., Patient], tmp_path: Path
) -> None:
    page = demo["TCGA-BP-5195"].view()
    assert page.images is None
    assert page.report is not None
    assert "has no images" in _texts(page)
    with pytest.raises(AttributeError, match="no images"):
        _ = page.slices
    assert isinstance(page.figure(), Figure)
    empty = made()
    page = empty.view()
    assert page.images is page.report is None
    assert "made-up has no images" in _texts(page)
    values = page.tabs.show("Values")
    assert values._rows == []
    assert isinstance(page.figure(), Figure)


def test_a_selection_can_be_given_and_outlives_the_page(by_hand: Patient) -> None:
    selection = Selection()
    page = Workbench(by_hand, selection)
    assert page.selection is selection
    page.close()
    selection.pick(f"onco:{by_hand.key}/findings/f-nodule")
    assert page.slices.boxes == []


def test_refresh_shows_what_came_since(by_hand: Patient, tmp_path: Path) -> None:
    store = open_store(shutil.copytree(by_hand.store.path, tmp_path / "copy.onco"))
    page = Workbench(store["by hand"])
    page.selection.pick(f"onco:{by_hand.key}/findings/f-nodule")
    (grounding,) = (g for g in graphs.groundings(page.patient) if g.finding == "f-nodule")
    graphs.review(page.patient, grounding.id, "rejected", reviewer="A. Nyone")
    before = page.patient.version
    page.refresh()
    assert page.patient.version > before
    assert page.slices.boxes == []
    assert f"version {page.patient.version}" in page.bar._person["about"]


def test_names_are_text(made: Callable[..., Patient]) -> None:
    patient = made()
    nasty = "<img src=x onerror=alert(1)>"
    with patient.store.transaction("named") as t:
        t.patient(nasty, synthetic=True)
    page = patient.store[nasty].view()
    assert nasty not in _texts(page)
    assert "&lt;img src=x" in _texts(page)
    assert page.bar._person["label"] == nasty


def test_a_review_in_the_report_reaches_all_views(by_hand: Patient, tmp_path: Path) -> None:
    store = open_store(shutil.copytree(by_hand.store.path, tmp_path / "copy.onco"))
    page = Workbench(store["by hand"])
    page.selection.pick(f"onco:{by_hand.key}/findings/f-nodule", by="GraphView")
    assert page.slices.boxes
    (grounding,) = (g for g in graphs.groundings(page.patient) if g.finding == "f-nodule")
    assert page.report is not None
    page.report.reviewer = "A. Nyone"
    page.report.judge(grounding.id, "rejected")
    assert page.links.patient.version == page.patient.version == page.report.patient.version
    assert page.slices.boxes == []
    assert f"onco:{by_hand.key}/segmentations/seg-1#label=Nodule%201" not in page.selection.lit


def test_a_new_outline_is_offered(by_hand: Patient, tmp_path: Path) -> None:
    store = open_store(shutil.copytree(by_hand.store.path, tmp_path / "copy.onco"))
    page = Workbench(store["by hand"], image="ct-1")
    assert page.images is not None
    with store.transaction("one outline less") as t:
        t.drop(by_hand.key, "seg-1")
    page.refresh()
    assert page.images.offered == []
    assert page.images.image.id == "ct-1"
