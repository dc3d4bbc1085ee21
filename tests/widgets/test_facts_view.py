from __future__ import annotations

from matplotlib.figure import Figure

from explorer.patient import Patient
from explorer.store import Store
from widgets.facts_rows import facts_rows
from widgets.facts_view import FactsView
from widgets.link_index import LinkIndex
from widgets.patient_links import PatientLinks
from widgets.selection import Selection
from widgets.view import View


def _names(view: FactsView) -> list[str]:
    return [row["name"] for row in view.rows()]


def test_rows_have_the_addresses_of_the_graph(told: Store) -> None:
    patient = told["LIDC-IDRI-0314"]
    graph = LinkIndex(patient).graph
    view = FactsView(patient)
    assert isinstance(view, View)
    assert [row["address"] for row in view._rows] == [row["address"] for row in facts_rows(graph)]
    assert {row["address"] for row in view._rows} <= set(graph)
    size = next(row for row in view._rows if row["name"] == "Longest diameter")
    assert size["value"].endswith(" mm")
    assert (size["of"], size["source"]) == ("Nodule, reader 1", "oncograph.measure 1")
    grades = {row["name"]: row["value"] for row in view._rows}
    assert grades["Nodule, reader 1: subtlety"] == "obvious (5, scale 1 to 5)"
    assert grades["Nodule, reader 1: sphericity"] == "2 (scale 1 to 5)"


def test_filters_and_order(by_hand: Patient) -> None:
    view = FactsView(by_hand)
    assert _names(view)[:2] == ["stage", "grade"]
    view.kinds = ["treatment", "outcome"]
    assert _names(view) == ["surgery", "drug", "progression"]
    view.sort_by, view.descending = "when", True
    assert _names(view) == ["progression", "drug", "surgery"]
    view.kinds, view.sort_by, view.descending = [], "", False
    view.search = "10 MM"
    assert _names(view) == ["size", "Diameter"]
    view.search, view.missing = "", True
    assert all(not row["value"] for row in view.rows())
    grade = next(row for row in view.rows() if row["name"] == "grade")
    assert grade["state"] not in ("", "present")
    assert grade["no_day"]


def test_a_row_is_picked_and_lit(by_hand: Patient) -> None:
    selection = Selection(PatientLinks(by_hand))
    view = FactsView(by_hand, selection)
    rows = [row["name"] for row in view._rows]
    view._on_message(view, {"kind": "pick", "row": rows.index("Diameter")}, [])
    assert selection.by == "FactsView"
    assert f"onco:{by_hand.key}/segmentations/seg-1#label=Nodule%201" in selection.lit
    assert view._lit["picked"] == [rows.index("Diameter")]
    assert not view._lit["scroll"]
    view._on_message(view, {"kind": "pick", "row": 10**6}, [])
    view._on_message(view, {"kind": "pick", "row": "0"}, [])
    assert len(selection.picked) == 1
    selection.pick(f"onco:{by_hand.key}/findings/f-mass", by="ReportView")
    assert view._lit == {"rows": [rows.index("Score")], "picked": [], "scroll": True}


def test_a_figure_says_what_is_left_out(by_hand: Patient) -> None:
    view = FactsView(by_hand)
    figure = view.figure(most=3)
    assert isinstance(figure, Figure)
    texts = [one.get_text() for one in figure.axes[0].texts]
    assert f"and {len(view.rows()) - 3} more rows" in texts
    assert "by hand" in texts
