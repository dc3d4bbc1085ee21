"""The timeline without a browser; tests/widgets/js/test_graph_and_timeline.py has one."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.patient import Patient
from explorer.store import Store
from widgets.selection import Selection
from widgets.timeline_view import TimelineView
from widgets.view import View


def test_it_is_a_view(course: Patient) -> None:
    view = TimelineView(course)
    assert isinstance(view, View)
    assert view._timeline["waiting"]
    before = len(view._timeline["items"])
    view._on_message(None, {"kind": "measure"}, [])
    assert not view._timeline["waiting"]
    assert len(view._timeline["items"]) == before + 12
    figure = view.figure()
    assert [axis.get_ylabel() for axis in figure.axes[1:]][-1] == "longest diameter, mm"
    assert "first treatment plan" in figure.axes[-1].get_xlabel()
    assert figure.axes[0].get_title(loc="left").endswith("(hollow: synthetic)")


def test_picks_and_lights(course: Patient) -> None:
    selection = Selection()
    view = TimelineView(course, selection)
    items = view._timeline["items"]
    report = next(k for k, one in enumerate(items) if one["lane"] == "reports")
    view._on_message(None, {"kind": "pick", "items": [report]}, [])
    assert selection.picked == (items[report]["addresses"][0],)
    assert (view._lit, view._centre) == ([report], 0)
    address = f"onco:{course.key}/reports/r-2#chars=3:9"
    selection.pick(address, by="ReportView")
    assert view._centre == 1
    assert [items[k]["addresses"] for k in view._lit] == [[f"onco:{course.key}/reports/r-2"]]
    view._on_message(None, {"kind": "pick", "items": [-3, 10_000, None]}, [])
    assert selection.picked == ()


def test_facts_are_asked_for(course: Patient) -> None:
    view = TimelineView(course, lesions=False)
    assert view.follow is None
    sent: list[Any] = []
    view.send = sent.append
    place = next(k for k, one in enumerate(view._timeline["items"]) if "FOLFOX" in one["label"])
    view._on_message(None, {"kind": "about", "items": [place]}, [])
    rows = dict(sent[0]["rows"])
    assert (rows["day"], rows["end day"], rows["date"]) == ("19", "181", "2020-01-20")


def test_real_patients(demo: Store) -> None:
    for name in demo:
        view = TimelineView(demo[name], lesions=False)
        assert view.figure(width=8).axes
    view = TimelineView(demo["UPENN-GBM-00002"], lesions=False)
    assert view._timeline["zeroName"] == "The patient has no time zero."
    assert all(one["day"] is None for one in view._timeline["items"])


def test_a_wrong_trait_is_named(course: Patient) -> None:
    with pytest.raises(TypeError, match="no trait"):
        TimelineView(course, lesions=False, colour="red")
