"""Nodes of what tables say: facts, events, treatments, outcomes, gene sets."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphs.assembly.builder import Builder
from graphs.assembly.event_kind import event_kind
from graphs.assembly.items import patient_address
from graphs.assembly.node_address import fragment_of, node_address
from graphs.assembly.tables import Tables

_FACT = (
    "patient", "name", "value", "number", "unit", "code", "state", "date", "day", "day_state",
    "source", "origin", "row", "synthetic", "came_as",
)  # fmt: skip
_EVENT = (
    "patient", "kind", "name", "value", "number", "unit", "code", "code_scheme", "state", "date",
    "day", "day_state", "end_day", "source", "origin", "row", "synthetic", "came_as",
)  # fmt: skip
_VECTOR = (
    "patient", "name", "features", "unit", "state", "producer", "date", "day", "day_state",
    "source", "origin", "row", "synthetic", "came_as",
)  # fmt: skip


class _Numbered:
    """Addresses of rows that have the same name: the second one is ``#row=2``."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, address: str) -> str:
        again = self._seen.get(address, 0) + 1
        self._seen[address] = again
        return address if again == 1 else f"{address}#{fragment_of('row', str(again))}"


def add_facts(builder: Builder, tables: Tables, only: set[str] | None = None) -> None:
    """A node a fact, whatever its state: what is not known is a node, too.

    Parameters
    ----------
    builder : Builder
    tables : Tables
    only : set of str, optional
        Names of the facts to take.
    """
    if not builder.wants("fact"):
        return
    numbered = _Numbered()
    for row in tables.read("facts", _FACT, only):
        (key, name, value, number, unit, code, state, at, day, day_state, source, origin, place,
         synthetic, came_as) = row  # fmt: skip
        address = numbered(node_address(key, "facts", name))
        about: dict[str, Any] = {
            "kind": "fact", "name": name, "patient": key, "day": day, "value": value,
            "state": state, "source": origin or source, "row": place,
        }  # fmt: skip
        _more(about, number, unit, code, synthetic, came_as)
        if builder.timed(address, about, at, day_state):
            builder.edge(patient_address(key), address, "has", origin or source, day)


def add_events(builder: Builder, tables: Tables) -> None:
    """Treatments, outcomes and other events; a patient's mutations are one gene set a source."""
    numbered = _Numbered()
    genes: dict[str, dict[str, Any]] = {}
    names: dict[str, set[str]] = defaultdict(set)
    for row in tables.read("events", _EVENT):
        (key, own, name, value, number, unit, code, scheme, state, at, day, day_state, end,
         source, origin, place, synthetic, came_as) = row  # fmt: skip
        kind, by = event_kind(own), origin or source
        if kind == "mutation":
            address = node_address(key, "events", f"mutation:{by}")
            gene_set = genes.setdefault(
                address,
                {"kind": "gene set", "name": "mutations", "patient": key, "day": day,
                 "mutations": 0, "source": by, "_at": (at, day_state)},
            )  # fmt: skip
            gene_set["mutations"] += 1
            names[address].add(name)
            _more(gene_set, None, None, None, synthetic, came_as)
            continue
        address = numbered(node_address(key, "events", f"{own}:{name}"))
        about = {
            "kind": kind, "name": name, "patient": key, "day": day, "value": value,
            "state": state, "source": by, "row": place,
        }  # fmt: skip
        if own != kind:
            about["event"] = own
        if end is not None:
            about["end_day"] = end
        _more(about, number, unit, f"{scheme}:{code}" if code and scheme else code, synthetic,
              came_as)  # fmt: skip
        if builder.timed(address, about, at, day_state):
            builder.edge(patient_address(key), address, "has", by, day)
    for address, about in genes.items():
        at, day_state = about.pop("_at")
        about["genes"] = sorted(names[address])
        if builder.timed(address, about, at, day_state):
            tail = patient_address(about["patient"])
            builder.edge(tail, address, "has", about["source"], about["day"])


def add_vectors(builder: Builder, tables: Tables) -> None:
    """A gene set a vector; its numbers stay in the store."""
    if not builder.wants("gene set"):
        return
    numbered = _Numbered()
    for row in tables.read("vectors", _VECTOR):
        (key, name, features, unit, state, producer, at, day, day_state, source, origin, place,
         synthetic, came_as) = row  # fmt: skip
        address = numbered(node_address(key, "vectors", name))
        about = {
            "kind": "gene set", "name": name, "patient": key, "day": day, "features": features,
            "state": state, "producer": producer, "source": origin or source, "row": place,
        }  # fmt: skip
        _more(about, None, unit, None, synthetic, came_as)
        if builder.timed(address, about, at, day_state):
            builder.edge(patient_address(key), address, "has", origin or source, day)


def _more(
    about: dict[str, Any], number: Any, unit: Any, code: Any, synthetic: Any, came_as: Any
) -> None:
    """What most rows do not have takes no room there."""
    if number is not None:
        about["number"] = number
    if unit is not None:
        about["unit"] = unit
    if code is not None:
        about["code"] = code
    if synthetic:
        about["synthetic"] = True
    if came_as is not None:
        about["came_as"] = came_as
