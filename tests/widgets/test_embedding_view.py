"""The embedding view from Python: planes, colours, and what choosing does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.errors import NotFoundError
from explorer.ingest import ingest
from explorer.store import Store
from widgets.embedding_colors import embedding_colors
from widgets.embedding_view import EmbeddingView
from widgets.palette import GREY
from widgets.selection import Selection
from widgets.view import View

NASTY = '<img src=x onerror="document.title=1">'


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": [0.0, 1, 2, 3, np.nan],
            "y": [0.0, 1, 4, 9, 16],
            "kind": [NASTY, "b", None, NASTY, "b"],
            "patient": ["k0", "k1", "k1", "k3", "k4"],
        }
    )


def test_choosing_points_chooses_their_patients() -> None:
    got: list[list[str]] = []
    view = EmbeddingView(_frame(), "x", "y", color="kind", on_chosen=got.append)
    assert isinstance(view, View)
    assert "1 rows have no place" in view.points.how
    view.choose([1, 2, 3])
    assert view.chosen == ("k1", "k3")
    assert view.selection.picked == ()  # many are chosen, not picked
    view._act({"do": "cohort"})
    assert got == [["k1", "k3"]]
    # as the lasso in the browser does
    view.scatter.widget.selection = np.array([3], np.uint32)
    assert view.chosen == ("k3",)
    assert view.selection.picked == ("onco:k3/patients/k3",)
    view._act({"do": "box", "box": [0.5, None, None, 5]})
    assert view.picked_points.tolist() == [1, 2]
    view._act({"do": "kind", "kind": 0})
    assert view.chosen == ("k0", "k3")
    view.figure()._repr_png_()


def test_unknown_is_grey_and_last() -> None:
    view = EmbeddingView(_frame(), "x", "y", color="kind")
    assert view.panel.shown["legend"][0][0] == NASTY
    assert view.panel.shown["legend"][-1] == ["unknown", GREY, 1]
    numbers = embedding_colors(pd.Series([*np.linspace(0, 60, 12), np.nan]), 13)
    assert numbers.code.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    assert numbers.legend[-1] == ("unknown", GREY)


def test_what_others_select_is_framed_and_listed() -> None:
    selection = Selection()
    view = EmbeddingView(_frame(), "x", "y", selection=selection)
    view.choose([0, 1])
    selection.pick("onco:k1/images/ct", by="SliceView")
    assert len(view.scatter.widget.annotations) == 2  # the patient has two points
    assert [row[2] for row in view.panel.chosen["rows"]] == [False, True]
    assert view.chosen == ("k0", "k1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The study of the test data: genes of a few samples, and clinical rows."""
    folder = tmp_path_factory.mktemp("vectors")
    study = Path(__file__).parents[1] / "data" / "cbioportal_study"
    ingest(study, folder / "made.onco")
    return explorer.open(folder / "made.onco")


def test_vectors_that_are_not_there_are_told(store: Store) -> None:
    with pytest.raises(NotFoundError, match="No vectors"):
        EmbeddingView(store, vectors="nowhere")
    with pytest.raises(NotFoundError, match="No numbers"):
        EmbeddingView(store, "facts: nowhere", "facts: nowhere")
