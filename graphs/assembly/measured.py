"""Nodes of what was measured and of scene graphs: observations, lesions, nodes and their edges."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from graphs.assembly.builder import Builder
from graphs.assembly.items import add_anatomy, patient_address
from graphs.assembly.later import later
from graphs.assembly.node_address import fragment_of, node_address
from graphs.assembly.tables import Tables

_OBSERVATION = (
    "patient", "group", "group_uid", "name", "code", "value", "number", "unit", "state", "method",
    "finding", "finding_code", "site", "site_code", "laterality", "target", "date", "day",
    "day_state", "origin", "source", "row", "synthetic", "came_as",
)  # fmt: skip
_NODE = (
    "patient", "run", "current", "node", "kind", "name", "code", "assertion", "target", "number",
    "unit", "detail", "synthetic",
)  # fmt: skip
_EDGE = (
    "patient", "run", "current", "kind", "tail", "head", "number", "unit", "detail",
)  # fmt: skip
Runs = Mapping[str, Mapping[str, Any]]


def add_observations(builder: Builder, tables: Tables, runs: Runs, gone: set[str]) -> None:
    """Measurements and coded findings; those with one tracking UID are of one lesion."""
    if not builder.wants("measurement", "observation", "lesion"):
        return
    seen: dict[str, int] = {}
    for cells in tables.read("observations", _OBSERVATION):
        row = dict(zip(_OBSERVATION, cells, strict=True))
        if row["origin"] not in gone:
            _add_observation(builder, row, runs, seen)


def _add_observation(
    builder: Builder, row: dict[str, Any], runs: Runs, seen: dict[str, int]
) -> None:
    key, by = row["patient"], row["origin"] or row["source"]
    day, at, state = row["day"], row["date"], row["day_state"]
    if by in runs:  # computed of the outline: it was not known before that was drawn
        of = builder.when(key, row["target"])
        day, at, state = of if day is None and at is None else later((day, at, state), of)
    plain = node_address(key, "observations", by or "a person")
    number = seen[plain] = seen.get(plain, 0) + 1
    place = str(row["row"] or number)
    address = f"{plain}#{fragment_of('row', place)}"
    if seen.setdefault(address, number) != number:  # a component of the same resource
        address = f"{plain}#{fragment_of('row', f'{place}.{number}')}"
    kind = "measurement" if row["number"] is not None else "observation"
    names = ("value", "number", "unit", "code", "state", "method", "laterality", "target",
             "finding", "group", "row", "came_as")  # fmt: skip
    about: dict[str, Any] = {
        "kind": kind, "name": row["name"], "patient": key, "day": day, "source": by,
        **{name: row[name] for name in names if row[name] is not None},
    }  # fmt: skip
    if row["synthetic"]:
        about["synthetic"] = True
    if not builder.index.allows(key, address, kind, day, at, state):
        return
    builder.timed(address, about, at, state)
    above = [patient_address(key)]
    site = None
    if row["site"]:
        site = add_anatomy(builder, key, row["site_code"], row["site"], bool(row["synthetic"]))
    on = builder.seen(key, row["target"])
    if row["group_uid"] and row["finding"]:
        lesion = _lesion(builder, row, site, day)
        above = [lesion, *above]
        if on is not None and lesion in builder.nodes:
            _once(builder, lesion, on, "seen_in", by, day)
    elif on is not None:
        above = [on, *above]
        if site:  # said of what was measured, at each of its numbers
            _once(builder, on, site, "located_at", by, day)
    elif site:
        builder.edge(address, site, "located_at", by, day)
    builder.under(address, "measured_by", by, *above, day=day)
    if on is not None and above[0] != on:
        builder.edge(address, on, "measured_on", by, day, target=row["target"])


def _lesion(builder: Builder, row: dict[str, Any], site: str | None, day: int | None) -> str:
    """What a tracking UID follows: the one thing that is said to be the same."""
    key, by = row["patient"], row["origin"] or row["source"]
    lesion = node_address(key, "lesions", row["group_uid"])
    about: dict[str, Any] = {
        "kind": "lesion", "name": row["group"] or row["finding"], "patient": key, "day": None,
        "finding": row["finding"], "code": row["finding_code"], "source": by,
    }  # fmt: skip
    if row["synthetic"]:
        about["synthetic"] = True
    fresh = lesion not in builder.nodes
    if builder.add(lesion, about) and fresh:
        builder.edge(patient_address(key), lesion, "has", by, day)
    if site:
        _once(builder, lesion, site, "located_at", by, day)
    return lesion


def _once(
    builder: Builder, tail: str, head: str, kind: str, by: str | None, day: int | None
) -> None:
    """An edge that each measurement of a lesion would repeat."""
    place = (tail, head, kind, by, day)
    if place not in builder.said:
        builder.said.add(place)
        builder.edge(tail, head, kind, by, day)


def add_scene(builder: Builder, tables: Tables, runs: Runs) -> None:
    """Nodes and edges of scene graphs, each under its own id."""
    known: dict[tuple[str, str], str] = {}
    for cells in tables.read("nodes", _NODE):
        row = dict(zip(_NODE, cells, strict=True))
        if row["current"] and row["run"] in runs and runs[row["run"]]["kind"] != "prediction":
            _add_node(builder, row, runs[row["run"]], known)
    said = {(tail, head, about["kind"]) for tail, head, _, about in builder.edges} if known else ()
    for cells in tables.read("edges", _EDGE):
        row = dict(zip(_EDGE, cells, strict=True))
        if row["current"] and row["run"] in runs:
            _add_edge(builder, row, runs[row["run"]], known, said)


def _add_node(
    builder: Builder, row: dict[str, Any], run: Mapping[str, Any],
    known: dict[tuple[str, str], str],
) -> None:  # fmt: skip
    key, by = row["patient"], row["run"]
    there = _restated(builder, row)
    address = there or node_address(key, "nodes", row["node"])
    known[key, row["node"]] = address
    if there is not None:
        return
    # what it stands on, else what the whole run looked at
    day, at, state = builder.when(key, row["target"] or run["input"])
    names = ("code", "assertion", "target", "number", "unit")
    about: dict[str, Any] = {
        "kind": row["kind"], "name": row["name"], "patient": key, "day": day,
        **{name: row[name] for name in names if row[name] is not None},
        "run": by, "producer": f"{run['producer']} {run['version']}",
    }  # fmt: skip
    if detail := json.loads(row["detail"] or "{}"):
        about["detail"] = detail
    if row["synthetic"]:
        about["synthetic"] = True
    if not builder.timed(address, about, at, state):
        return
    place = builder.seen(key, row["target"])
    above = [node_address(key, *run["input"].split("/", 1))] if "/" in (run["input"] or "") else []
    builder.under(address, "contains", by, *above, patient_address(key), day=day)
    if place is not None:
        builder.edge(address, place, "stands_at", by, day, target=row["target"])


def _restated(builder: Builder, row: dict[str, Any]) -> str | None:
    """The node that a scene graph's node says again: our findings' graphs carry their ids."""
    key, node, target = row["patient"], row["node"] or "", row["target"] or ""
    if node == f"anatomy.{row['name']}":
        return add_anatomy(builder, key, row["code"], row["name"], bool(row["synthetic"]))
    places = {
        "observation": node_address(key, "findings", node),
        "region": node_address(key, "groundings", node),
        "sentence": f"onco:{key}/{target}",
        "measurement": f"onco:{key}/{target}&node=measurement",
    }
    place = places.get(row["kind"] or "")
    return place if place in builder.nodes else None


def _add_edge(
    builder: Builder, row: dict[str, Any], run: Mapping[str, Any],
    known: Mapping[tuple[str, str], str], said: Collection[tuple[str, str, str]],
) -> None:  # fmt: skip
    key = row["patient"]
    ends: list[str] = []
    for end in (row["tail"], row["head"]):
        found: str | None = known.get((key, end)) or node_address(key, "findings", end or "")
        if found not in builder.nodes and (key, end) not in known:
            found = builder.seen(key, end) if "/" in (end or "") else None
        if found is None:
            if builder.kinds is None and builder.index.known_on is None:
                builder.problem(f"an edge {row['kind']!r} of {key} names {end!r}, which is not")
            return
        ends.append(found)
    if (ends[0], ends[1], row["kind"]) in said or (ends[1], ends[0], "states") in said:
        return  # the finding's own row says it already
    more = {name: row[name] for name in ("number", "unit") if row[name] is not None}
    if detail := json.loads(row["detail"] or "{}"):
        more["detail"] = detail
    day = max(
        (builder.nodes[one]["day"] for one in ends if one in builder.nodes
         and builder.nodes[one]["day"] is not None), default=None,
    )  # fmt: skip
    builder.edge(ends[0], ends[1], row["kind"], row["run"], day, **more)
