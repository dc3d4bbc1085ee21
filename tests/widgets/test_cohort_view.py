"""The cohort view from Python: what a click does, survival that a person has named, figures."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.store import Store
from widgets.cohort_view import CohortView
from widgets.selection import Selection
from widgets.view import View

NASTY = '<img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Forty made-up rows: those of arm B live longer; every tenth has no time."""
    folder = tmp_path_factory.mktemp("cohort")
    (folder / "files").mkdir()
    rng = np.random.default_rng(2)
    rows = ["patient_id,arm,site,os_time,dead,weight"]
    for n in range(40):
        arm = "B" if n % 2 else "A"
        months = "" if n % 10 == 9 else f"{rng.exponential(24 if n % 2 else 6):.1f}"
        site = f'"{NASTY.replace(chr(34), chr(34) * 2)}"' if n < 3 else "unknown"
        rows.append(f"=p{n:02},{arm},{site},{months},{int(rng.random() < 0.8)},{60 + n}.5")
    (folder / "files" / "clinical.csv").write_text("\n".join(rows))
    ingest(folder / "files", folder / "made.onco")
    return explorer.open(folder / "made.onco")


@pytest.fixture
def view(store: Store, tmp_path: Path) -> CohortView:
    return CohortView(store, folder=tmp_path)


def _send(view: CohortView, **message: Any) -> None:
    view._on_message(view, message, [])


def test_a_click_changes_counts_flow_and_list(view: CohortView) -> None:
    assert isinstance(view, View)
    _send(view, do="value", facet="facts: arm", label="A", state=False)
    assert len(view.chosen) == 20
    shown = {one["name"]: one for one in view._facets}
    assert shown["facts: arm"]["values"] == [["A", 20, True], ["B", 20, False]]
    assert shown["facts: site"]["values"] == [[NASTY, 2, False]]
    assert shown["facts: site"]["states"] == [["unknown", 18, False]]
    _send(view, do="range", facet="facts: weight", low=70, high=None)
    assert [step["left"] for step in view._flow["steps"]] == [20, 15]
    assert view._rows["total"] == 15
    assert view._rows["head"] == ["arm", "weight"]
    _send(view, do="value", facet="facts: arm", label="A", state=False)
    _send(view, do="drop", facet="facts: weight")
    assert len(view.chosen) == 40


def test_a_patient_is_picked_and_opened(store: Store) -> None:
    opened: list[str] = []
    selection = Selection()
    view = CohortView(store, selection, on_open=opened.append)
    key = view.chosen[30]
    _send(view, do="pick", key=key)
    assert selection.picked == (f"onco:{key}/patients/{key}",)
    assert selection.by == "CohortView"
    assert view._rows["first"] == 0  # a click of its own does not turn the page
    selection.pick(f"onco:{key}/images/ct", by="SliceView")
    assert view._rows["first"] == 25
    assert [row["key"] for row in view._rows["rows"] if row["lit"]] == [key]
    _send(view, do="go", key=key)
    assert opened == [key]


def test_survival_is_of_the_columns_that_a_person_named(view: CohortView) -> None:
    guess = view._survival["guess"]
    assert (guess["time"], guess["event"]) == ("facts: os_time", "facts: dead")
    assert view._survival["picture"] == ""  # offered, not taken
    with pytest.raises(NotFoundError):
        view.survival("facts: os_time", "facts: dead", ["1"])  # nobody has said the unit
    found = view.survival("facts: os_time", "facts: dead", ["1"], unit="months", by="facts: arm")
    assert [curve.label for curve in found.curves] == ["A", "B"]
    assert found.n == 36
    assert view.survival_panel.left_out == {"no time": 4}
    assert "B: 16 patients, 14 events" in view._survival["text"]
    assert view._survival["picture"].startswith("data:image/png;base64,")
    figure = view.figure()
    assert "months" in figure.axes[0].get_xlabel()
    view.only("facts: arm", ["B"])
    assert view.survival("facts: os_time", "facts: dead", ["1"], unit="months").n == 16
    halves = view.survival(
        "facts: os_time", "facts: dead", ["1"], unit="months", by="facts: weight"
    )
    assert [curve.n for curve in halves.curves] == [8, 8]


def test_a_fault_is_told_and_leaves_the_choice(view: CohortView) -> None:
    _send(view, do="value", facet="facts: arm", label="C", state=False)
    assert "C" in view._note
    _send(view, do="survival", time="", event="", happened=[], unit="", by="")
    assert "not named" in view._survival["message"]
    assert len(view.chosen) == 40


def test_a_list_names_store_versions_and_steps(view: CohortView, store: Store) -> None:
    view.only("facts: arm", ["A"])
    view.among(view.chosen[:5], "lasso in the map")
    place = view.save_list()
    saved = json.loads(place.read_text())
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert saved["store"] == store.id
    assert saved["frozen"] is False
    assert [one["left"] for one in saved["steps"]] == [20, 5]
    assert [one["key"] for one in saved["patients"]] == list(view.chosen)
    assert {one["version"] for one in saved["patients"]} == {1}
    table = view.save_table().read_text()
    assert "'=p00" in table


def test_hostile_text_is_drawn_as_text(view: CohortView) -> None:
    view.only("facts: site", [NASTY])
    texts = [text.get_text() for text in view.figure(what="flow").axes[0].texts]
    assert any("onerror" in text for text in texts)
    view.figure(what="flow")._repr_png_()
    view.survival("facts: os_time", "facts: dead", ["1"], unit="months", by="facts: site")
    view.figure(what="survival")._repr_png_()


def test_conditions_stay_when_the_store_is_read_again(view: CohortView) -> None:
    view.only("facts: arm", ["A"])
    view.refresh()
    assert len(view.chosen) == 20
    assert view.survival_panel.choice is view.choice


def test_the_chosen_are_a_cohort_and_can_be_frozen(store: Store, tmp_path: Path) -> None:
    view = CohortView(store, folder=tmp_path)
    view.only("facts: arm", ["A"])
    view.only("facts: weight", low=70, high=90)
    view.among(view.chosen[:4], "lasso in the map")
    made = view.cohort
    assert made.keys == view.chosen
    assert [vars(step) for step in made.steps] == [vars(step) for step in view.steps]
    _send(view, do="freeze", name=" of the view ", by_reference=False)
    assert view._freeze_job is not None
    assert view._freeze_job.wait(240)
    assert view._freezing["state"] == "done", view._freezing
    frozen = store.cohort("of the view")
    assert set(frozen.keys) == set(view.chosen)
    assert frozen.document["question"]["steps"][0]["ask"] == "only"
    _send(view, do="freeze", name="of the view")
    assert view._freeze_job.wait(240)
    assert view._freezing["state"] == "failed"
    assert "of the view" in view._freezing["text"]


def test_a_store_for_reading_alone_says_why_it_cannot_freeze(store: Store) -> None:
    reader = explorer.open(store.path)
    reader.read_only = True
    view = CohortView(reader)
    assert view._can["freeze"] is False
    assert "reading alone" in view._can["why"]
    _send(view, do="freeze", name="x")
    assert "reading alone" in view._note
