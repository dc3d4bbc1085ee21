from __future__ import annotations

from graphs.patient_graph import PatientGraph
from widgets.timeline_figure import timeline_figure
from widgets.timeline_items import Timeline, TimelineItem, timeline_items


def test_hostile_names_are_text() -> None:
    item = TimelineItem("$\\frac{", "$x^{\x1b", "event", 3, ["onco:k/events/x"], end=9)
    figure = timeline_figure(Timeline([item], [], ["$\\frac{"]), "$zero", title="患者")
    figure.canvas.draw()
    assert figure.axes[0].get_yticklabels()[0].get_text() == "$\\frac{"
    assert figure.axes[0].get_title(loc="left") == "▯▯"


def test_nothing_to_draw_is_drawn_all_the_same() -> None:
    figure = timeline_figure(timeline_items(PatientGraph()), "The patient has no time zero.")
    assert figure.axes[0].get_xlabel() == "days. The patient has no time zero."
