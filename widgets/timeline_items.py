"""What of a patient has a time: items in lanes, and values over days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from explorer.printable import printable
from graphs.patient_graph import PatientGraph
from graphs.prior import Prior
from widgets.node_label import node_label

_LANES = {
    "waveform": "waveforms", "slide": "slides", "report": "reports", "treatment": "treatments",
    "outcome": "outcomes", "event": "events", "gene set": "genes", "observation": "observations",
    "fact": "facts", "measurement": "measurements",
}  # fmt: skip
_ORDER = ("reports", "treatments", "outcomes", "events", "genes", "waveforms", "slides")
_SERIES = ("measurement", "observation", "fact", "event")
_NO_DAY = "no date is known"


@dataclass
class TimelineItem:
    """Something at a time, or of which the time is not known.

    Attributes
    ----------
    lane : str
    label : str
        Hostile.
    kind : str
        Of `graphs.patient_graph.NODE_KINDS`, or 'response'.
    day, end : int or None
        From time zero; `end` of what lasts.
    addresses : list of str
        What a click picks.
    detail : str
        Hostile.
    reason : str
        Why there is no day.
    synthetic : bool
    series : int or None
        Number of the series that it is a point of; then `value` is in the series' unit.
    """

    lane: str
    label: str
    kind: str
    day: int | None
    addresses: list[str]
    end: int | None = None
    detail: str = ""
    reason: str = ""
    synthetic: bool = False
    series: int | None = None
    value: float | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


@dataclass
class TimelineSeries:
    """Values of one name and unit over days.

    Attributes
    ----------
    chart : str
        Series of one chart share its axis.
    name, unit : str
        Hostile.
    from_zero : bool
        The axis begins at 0.
    """

    chart: str
    name: str
    unit: str
    from_zero: bool = False

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


@dataclass
class Timeline:
    """Everything that a timeline shows.

    Attributes
    ----------
    items : list of TimelineItem
    series : list of TimelineSeries
    lanes : list of str
        In the order in which they stand.
    """

    items: list[TimelineItem] = field(default_factory=list)
    series: list[TimelineSeries] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)


def timeline_items(graph: PatientGraph, priors: Sequence[Prior] = ()) -> Timeline:
    """Sort a patient's graph into lanes.

    Parameters
    ----------
    graph : PatientGraph
        Of one patient.
    priors : sequence of Prior
        What each image is to be compared with; stands in its detail.

    Returns
    -------
    Timeline
        A value that was taken on several days is a series; images of one study and modality are
        one item.
    """
    made = Timeline()
    made.items += _images(graph, {one.current: one for one in priors})
    lanes = list(dict.fromkeys(one.lane for one in made.items))
    rest: dict[str, list[TimelineItem]] = defaultdict(list)
    numbers: dict[tuple[str, str], list[TimelineItem]] = defaultdict(list)
    for node, about in graph.nodes(data=True):
        kind = str(about.get("kind"))
        if kind not in _LANES:
            continue
        one = _item(_LANES[kind], node, about)
        number = about.get("number")
        if kind in _SERIES and number is not None and about.get("day") is not None:
            one.value = float(number)
            numbers[str(about.get("name")), str(about.get("unit") or "")].append(one)
        else:
            rest[one.lane].append(one)
    for (name, unit), points in numbers.items():
        if len({one.day for one in points}) > 1:
            lane = f"{name}, {unit}" if unit not in ("", "1") else name
            for one in points:
                one.lane, one.series = lane, len(made.series)
            made.series.append(TimelineSeries(lane, name, unit))
            rest[lane] += points
        else:
            for one in points:
                one.value = None
                rest[one.lane].append(one)
    order = [lane for lane in _ORDER if lane in rest] + [x for x in rest if x not in _ORDER]
    made.lanes = [*lanes, *order]
    made.items += [one for lane in order for one in rest[lane]]
    return made


def _item(lane: str, node: str, about: dict[str, Any]) -> TimelineItem:
    end = about.get("end_day")
    return TimelineItem(
        lane, node_label(about), str(about.get("kind")), about.get("day"), [node],
        None if end is None else int(end), reason=_reason(about),
        synthetic=bool(about.get("synthetic")),
    )  # fmt: skip


def _reason(about: dict[str, Any]) -> str:
    if about.get("day") is not None:
        return ""
    said = about.get("day_state")
    if said in (None, "", "present"):
        return f"a date ({about['date']}), and no time zero" if about.get("date") else _NO_DAY
    return printable(said)


def _images(graph: PatientGraph, priors: dict[str, Prior]) -> list[TimelineItem]:
    """One item for the images of one modality in one study, another for what outlines them."""
    groups: dict[tuple[str, str | None, int | None], list[str]] = defaultdict(list)
    for node in graph.of_kind("image", "segment"):
        about = graph.nodes[node]
        study = next(
            (
                one
                for one in graph.predecessors(node)
                if graph.nodes[one].get("kind") == "study"
            ),
            None,
        )  # fmt: skip
        what = about.get("modality") or "images"
        lane = f"outlines ({what})" if about["kind"] == "segment" else str(what)
        groups[lane, study, about.get("day")].append(node)
    found = []
    for (lane, study, day), nodes in groups.items():
        about = [graph.nodes[node] for node in nodes]
        named = list(dict.fromkeys(node_label(one) for one in about))
        label = named[0] if len(named) == 1 else f"{len(nodes)}: {', '.join(named)}"
        detail = [f"{len(nodes)} {about[0]['kind']}s of one study"] if len(nodes) > 1 else []
        for node in nodes:
            prior = priors.get(node.partition("/")[2])
            if prior is not None:
                said = (
                    f"prior: {prior.days} days earlier ({prior.reason})"
                    if prior.prior
                    else f"no prior ({prior.state})"
                )
                detail.append(said)
        picked = nodes if len(nodes) == 1 or study is None else [study, *nodes]
        found.append(
            TimelineItem(
                lane, label[:120], str(about[0]["kind"]), day, picked,
                detail="; ".join(dict.fromkeys(detail)), reason=_reason(about[0]),
                synthetic=any(one.get("synthetic") for one in about),
            )
        )  # fmt: skip
    # outlines below the images that they lie on
    return sorted(found, key=lambda one: (one.kind == "segment", one.lane))
