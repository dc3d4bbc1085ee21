"""Rows of a table of what tables and measurements say of a patient."""

from __future__ import annotations

import re
from typing import Any

from explorer.address import Address
from graphs.patient_graph import PatientGraph

KINDS = ("fact", "treatment", "outcome", "event", "gene set", "measurement", "observation",
         "prediction")  # fmt: skip
_LONGEST = 400
_NUMBER = re.compile(r"[-+]?\d*\.?\d*(?:[eE][-+]?\d+)?")


def facts_rows(graph: PatientGraph) -> list[dict[str, Any]]:
    """One row a fact, event, measurement or observation, whatever its state.

    Parameters
    ----------
    graph : PatientGraph

    Returns
    -------
    list of dict
        ``address``, ``kind``, ``name``, ``value`` (with its unit; empty where there is none),
        ``state`` ('present', or why there is no value), ``day`` (int or None), ``when`` (or
        ``no_day``, why not), ``of`` (what it was measured on), ``source``, ``synthetic``. All
        texts are hostile.
    """
    runs = graph.graph.get("runs") or {}
    found = [
        (KINDS.index(about["kind"]), _row(node, about, runs))
        for node, about in graph.nodes(data=True)
        if about.get("kind") in KINDS
    ]
    found.sort(key=lambda one: one[0])
    return [row for _, row in found]


def _row(node: str, about: dict[str, Any], runs: dict[str, Any]) -> dict[str, Any]:
    value = _value(about)
    state = about.get("state") or ("present" if value else "unknown")
    if about.get("predicted"):  # by a model: never shown as measured
        state, value = "predicted", f"{value} ({_cut(about.get('what'))})"
    day = about.get("day")
    when = [f"day {day}" if day is not None else "", about.get("date") or ""]
    if about.get("end_day") is not None:
        when[0] += f" to {about['end_day']}"
    return {
        "address": node,
        "kind": about.get("event") or about["kind"],
        "name": _cut(about.get("name")),
        "value": value,
        "state": state,
        "day": day,
        "when": ", ".join(part for part in when if part),
        "no_day": _cut(about.get("day_state") or "its day is not known"),
        "of": _of(node, about),
        "source": _source(about, runs),
        "synthetic": bool(about.get("synthetic")),
    }


def _value(about: dict[str, Any]) -> str:
    unit = about.get("unit") or ""
    unit = "" if unit == "1" else unit
    if about.get("values"):
        return " × ".join(f"{one:g}" for one in about["values"]) + f" {unit}".rstrip()  # noqa: RUF001
    if about.get("number") is not None:
        number = f"{about['number']:.6g}"
        if unit.startswith("scale "):  # a grade: what it means, where the table says it
            word = _cut(about.get("value")).strip()
            worded = word and not _NUMBER.fullmatch(word)
            return f"{word} ({number}, {unit})" if worded else f"{number} ({unit})"
        return f"{number} {unit}".rstrip()
    if about.get("genes"):
        return _cut(", ".join(map(str, about["genes"])))
    return _cut(about.get("value"))


def _of(node: str, about: dict[str, Any]) -> str:
    """What was measured: an outline's name, a place in an image, a report."""
    target = about.get("target")
    if not target:
        return "report" if Address.parse(node).kind == "reports" else ""
    where = Address.parse(f"onco:k/{target}")
    return _cut(where.fragment.get("label") or where.item)


def _source(about: dict[str, Any], runs: dict[str, Any]) -> str:
    """The program, or the file's name and not where it lay."""
    source = str(about.get("source") or about.get("run") or "")
    if source in runs:
        return _cut(f"{runs[source]['producer']} {runs[source]['version']}")
    return _cut(source.replace("\\", "/").rsplit("/", 1)[-1])


def _cut(text: Any) -> str:
    plain = "" if text is None else str(text)
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"
