"""outcome_columns: facts, events and columns that say how it went, and so are never features."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from explorer.patient_set import PatientSet
from explorer.windows.glob_match import glob_match

if TYPE_CHECKING:
    from explorer.tasks.task import Task

READ = "its table was read as having this outcome"
SAID = "the task says that it is never a feature"
OWN = "the task predicts it"
NAMED = "its name is that of an outcome"

# Words that only an outcome has in its name. The ends of words are asked for, so that 'status',
# 'response' of a questionnaire or 'ospedale' are none.
_OUTCOME = re.compile(
    r"""(?ix) (?:^|[^a-z]) (?:
      vital[^a-z]?status | (?:days|weeks|months|years|time)[^a-z]?(?:to|until|till)[^a-z]?
        (?:death|progression|recurrence|relapse|last|new[^a-z]?tumou?r|event|metastas[ie]s)
      | (?:last|final)[^a-z]?(?:follow[^a-z]?up|contact|known[^a-z]?alive) | follow[^a-z]?up[^a-z]?
        (?:time|days|months|years|duration|status) | (?:days|months|time)[^a-z]?follow[^a-z]?up
      | (?:overall|progression|disease|recurrence|relapse|event|metastasis|cancer)[^a-z]?
        (?:free|specific)?[^a-z]?surviv(?:al|ed) | surviv(?:al|ed) | deceased | died | dead | death
      | mortality | (?:os|pfs|dfs|dss|pfi|dfi|rfs|efs|mfs|ttp)
        (?:[^a-z]|$|status|months|days|time|event)
      | censor(?:ed|ship|ing)? | progressed | recurred | relapsed
      | best[^a-z]?(?:overall)?[^a-z]?response | treatment[^a-z]?outcome | outcomes?
      | (?:mrs|nihss|modified[^a-z]?rankin)[^a-z]?(?:score|scale)?[^a-z]?
        (?:at)?[^a-z]?\d+[^a-z]?(?:m|d|mo|months?|days?) | (?:3|90)[^a-z]?(?:m|d|months?|days?)
        [^a-z]?(?:mrs|nihss)
    ) (?:$|[^a-z]) | (?:^|_)(?:mrs|mRS)_?(?:3months|90d)"""
)


def outcome_columns(patients: PatientSet, task: Task) -> dict[str, dict[str, str]]:
    """Find names that are never features of a task.

    Four rules: columns that a table's reader took for an outcome (the outcome's event keeps
    their names), what the task itself predicts, what the task says is never a feature, and names
    that only outcomes have (days to death, vital status, PFS, mRS at 90 days, ...).

    Parameters
    ----------
    patients : PatientSet
    task : Task

    Returns
    -------
    dict of str to dict of str to str
        'facts', 'events', 'observations' and 'vectors': name (hostile text; of events kind and
        name) to the rule.
    """
    read = _read_as_outcome(patients)
    own = _own(task)
    found: dict[str, dict[str, str]] = {}
    for table in ("facts", "events", "observations", "vectors"):
        wanted = list(_COLUMNS.get(table, ("name",)))
        data = patients.rows(table, wanted)
        for row in data.group_by(wanted).aggregate([]).to_pylist():
            rule = _rule(table, row, read, own, task.never)
            if rule is not None:
                name = row["name"] or ""
                what = f"{row['kind'] or ''}:{name}" if table == "events" else name
                found.setdefault(table, {})[what] = rule
    return found


_COLUMNS = {"events": ("kind", "name"), "facts": ("name", "column", "origin")}


def _rule(
    table: str,
    row: dict[str, str | None],
    read: set[tuple[str | None, str]],
    own: Sequence[tuple[str, str]],
    never: Sequence[str],
) -> str | None:
    names = {row["name"] or "", row.get("column") or row["name"] or ""}
    texts = pa.array(sorted(names), pa.string())
    if table == "events" and row["kind"] == "outcome":
        return READ
    for of, pattern in own:
        if of == table and pc.any(glob_match(texts, pattern)).as_py():
            return OWN
    if table == "facts" and any((row["origin"], name) in read for name in names):
        return READ
    if any(pc.any(glob_match(texts, pattern)).as_py() for pattern in never):
        return SAID
    return NAMED if any(_OUTCOME.search(name) for name in names) else None


def _own(task: Task) -> list[tuple[str, str]]:
    """Tables and patterns of what the task predicts."""
    outcome = task.outcome
    if outcome.source in ("fact", "facts", "times"):
        event = outcome.options.get("event")
        return [("facts", name) for name in (*outcome.names, *([str(event)] if event else []))]
    if outcome.source == "outcome":
        return [("events", name) for name in outcome.names]
    return []


def _read_as_outcome(patients: PatientSet) -> set[tuple[str | None, str]]:
    """Origins and columns that a reader of tables took for a time or an event."""
    data = patients.rows("events", ["kind", "name", "origin", "detail"])
    data = data.filter(pc.fill_null(pc.equal(data["kind"], "outcome"), False))
    # the columns of an outcome are the same in all rows of its table
    each = data.group_by(["origin", "name"]).aggregate([("detail", "one")])
    found: set[tuple[str | None, str]] = set()
    for row in each.to_pylist():
        try:
            said = json.loads(row["detail_one"] or "{}")
        except ValueError:
            continue
        if isinstance(said, dict):
            found |= {(row["origin"], str(name)) for name in said}
    return found
