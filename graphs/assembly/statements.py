"""Nodes of what is said: reports, sentences, findings, groundings, verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from graphs.assembly.builder import Builder
from graphs.assembly.items import add_anatomy, patient_address
from graphs.assembly.later import later
from graphs.assembly.node_address import fragment_of, node_address
from graphs.assembly.tables import Tables

_TEXT = (
    "patient", "item", "name", "language", "date", "day", "day_state", "origin", "source",
    "synthetic", "came_as",
)  # fmt: skip
_FINDING = (
    "patient", "run", "current", "finding", "item", "start", "end", "text", "section",
    "sentence", "sentence_start", "sentence_end", "entity", "code", "labels", "anatomy",
    "anatomy_codes", "location", "laterality", "assertion", "change", "measurements", "relations",
    "synthetic", "came_as",
)  # fmt: skip
_GROUNDING = (
    "patient", "run", "current", "grounding", "finding", "status", "method", "region", "geometry",
    "target", "score", "reason", "reviewer", "synthetic",
)  # fmt: skip
_VERDICT = (
    "patient", "run", "current", "finding", "cue", "verdict", "report_value", "image_value",
    "evidence", "reason",
)  # fmt: skip
Runs = Mapping[str, Mapping[str, Any]]


def add_reports(builder: Builder, tables: Tables, gone: set[str]) -> None:
    """A node a report, without its text: that stays in the store."""
    for row in tables.read("texts", _TEXT):
        key, item, name, language, at, day, day_state, origin, source, synthetic, came_as = row
        if origin in gone:
            continue
        address = node_address(key, "reports", item)
        builder.times[address] = day, at, day_state
        about = {
            "kind": "report", "name": name or item, "patient": key, "day": day,
            "language": language, "source": origin or source, "came_as": came_as,
        }  # fmt: skip
        about = {one: value for one, value in about.items() if value is not None or one == "day"}
        if synthetic:
            about["synthetic"] = True
        if builder.timed(address, about, at, day_state):
            builder.edge(patient_address(key), address, "has", origin or source, day)


def add_findings(builder: Builder, tables: Tables, runs: Runs) -> None:
    """Findings with their sentence, structures, numbers and relations."""
    if not builder.wants("finding", "sentence", "anatomy", "measurement", "grounding"):
        return
    for cells in tables.read("findings", _FINDING):
        row = dict(zip(_FINDING, cells, strict=True))
        if row["current"] and row["run"] in runs:
            _add_finding(builder, row, runs[row["run"]])


def _add_finding(builder: Builder, row: dict[str, Any], run: Mapping[str, Any]) -> None:
    key, by = row["patient"], row["run"]
    report = node_address(key, "reports", row["item"] or "")
    day, at, state = builder.times.get(report, (None, None, "its report is not there"))
    address = node_address(key, "findings", row["finding"])
    names = (
        "text", "section", "code", "location", "laterality", "assertion", "change", "came_as",
    )  # fmt: skip
    about: dict[str, Any] = {
        "kind": "finding", "name": row["entity"], "patient": key, "day": day,
        **{name: row[name] for name in names if row[name] is not None},
        **({"labels": list(row["labels"])} if row["labels"] else {}),
        "run": by, "producer": f"{run['producer']} {run['version']}",
    }  # fmt: skip
    synthetic = bool(row["synthetic"])
    if synthetic:
        about["synthetic"] = True
    builder.times[address] = day, at, state
    # asked even where findings are not wanted: what hangs on one was known when it was
    if not builder.index.allows(key, address, "finding", day, at, state):
        return
    if at is not None:
        about["date"] = at
    builder.add(address, about)
    above = [report, patient_address(key)]
    if row["sentence_end"]:
        sentence = f"{report}#chars={row['sentence_start']}:{row['sentence_end']}"
        said: dict[str, Any] = {
            "kind": "sentence", "name": f"sentence {row['sentence']}", "patient": key, "day": day,
            "section": row["section"], "run": by,
        }  # fmt: skip
        if synthetic:
            said["synthetic"] = True
        fresh = sentence not in builder.nodes
        if builder.add(sentence, said) and fresh:
            builder.under(sentence, "contains", by, *above, day=day)
        above = [sentence, *above]
    builder.under(address, "states", by, *above, day=day)
    if row["section"] is None and (one := builder.nodes.get(above[0])):
        one.pop("section", None)
    _add_parts(builder, row, address, report, day)


def _add_parts(
    builder: Builder, row: dict[str, Any], address: str, report: str, day: int | None
) -> None:
    key, by, synthetic = row["patient"], row["run"], bool(row["synthetic"])
    codes = list(row["anatomy_codes"] or ())
    names = list(row["anatomy"] or ())
    for place, name in enumerate(names):
        # codes stand beside names only where each name has one
        code = codes[place] if len(codes) == len(names) else None
        site = add_anatomy(builder, key, code or None, name, synthetic)
        builder.edge(address, site, "located_at", by, day, assertion=row["assertion"])
    for one in _listed(row["measurements"]):
        value, unit = one.get("value") or [], one.get("unit") or ""
        # a sentence may be nothing but the number, and is another node
        words = f"chars={one.get('start')}:{one.get('end')}&node=measurement"
        place_of = f"{report}#{words}"
        about: dict[str, Any] = {
            "kind": "measurement", "name": one.get("kind") or "value", "patient": key, "day": day,
            "values": list(value), "unit": unit, "run": by, "source": "report",
        }  # fmt: skip
        if one.get("prior"):
            about["prior"] = True
        if len(value) == 1:
            about["number"] = value[0]
        if synthetic:
            about["synthetic"] = True
        builder.add(place_of, about)
        builder.edge(address, place_of, "measured_by", by, day)
    for one in _listed(row["relations"]):
        head = node_address(key, "findings", str(one.get("other")))
        builder.edge(address, head, str(one.get("kind")), by, day)


def add_groundings(builder: Builder, tables: Tables, runs: Runs) -> None:
    """Where findings lie in the images; an abstention is a node without a place."""
    if not builder.wants("grounding"):
        return
    for cells in tables.read("groundings", _GROUNDING):
        row = dict(zip(_GROUNDING, cells, strict=True))
        if not row["current"] or row["run"] not in runs:
            continue
        key, by, run = row["patient"], row["run"], runs[row["run"]]
        address = node_address(key, "groundings", row["grounding"])
        finding = node_address(key, "findings", row["finding"] or "")
        if finding not in builder.times:
            builder.problem(f"{address} is of a finding that is not there")
            continue
        day, at, state = builder.times[finding]
        if row["target"]:
            # a place in a later image was not known when the report was written
            day, at, state = later((day, at, state), builder.when(key, row["target"]))
        names = ("status", "method", "region", "geometry", "target", "score", "reason", "reviewer")
        told: dict[str, Any] = {
            "kind": "grounding", "name": row["method"] or row["status"], "patient": key,
            "day": day, **{name: row[name] for name in names if row[name] is not None},
            "run": by, "producer": f"{run['producer']} {run['version']}",
        }  # fmt: skip
        if row["synthetic"]:
            told["synthetic"] = True
        if not builder.timed(address, told, at, state):
            continue
        builder.under(address, "grounded_in", by, finding, patient_address(key), day=day)
        if head := builder.seen(key, row["target"]):
            builder.edge(address, head, "points_at", by, day, target=row["target"])


def add_verdicts(builder: Builder, tables: Tables, runs: Runs) -> None:
    """What was checked: on the finding, and as an edge to each piece of evidence."""
    for cells in tables.read("verdicts", _VERDICT):
        row = dict(zip(_VERDICT, cells, strict=True))
        finding = node_address(row["patient"], "findings", row["finding"] or "")
        if not row["current"] or row["run"] not in runs or finding not in builder.nodes:
            continue
        key, by, run = row["patient"], row["run"], runs[row["run"]]
        evidence = list(row["evidence"] or ())
        about = builder.nodes[finding]
        days = [builder.when(key, one) for one in evidence]
        if builder.index.known_on is not None:
            place = f"{finding}#{fragment_of('node', 'verdict ' + str(row['cue']))}"
            told = [
                builder.index.allows(key, place, "verdict", day, at, state)
                for day, at, state in days
            ]
            if not all(told):
                continue
        names = ("cue", "verdict", "report_value", "image_value", "reason")
        said = {name: row[name] for name in names if row[name] is not None}
        said |= {"run": by, "producer": f"{run['producer']} {run['version']}"}
        about.setdefault("verdicts", []).append(said)
        for target in evidence:
            head = builder.seen(key, target)
            if head is not None and head != finding:
                builder.edge(
                    finding, head, row["verdict"], by, about["day"], cue=row["cue"], target=target
                )


def _listed(text: str | None) -> list[dict[str, Any]]:
    found = json.loads(text or "[]")
    return [one for one in found if isinstance(one, dict)]
