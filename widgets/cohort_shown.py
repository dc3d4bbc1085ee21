"""What a cohort view shows of a choice, as plain data for the browser."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.choice import Choice
from explorer.facet import Facet
from explorer.patient_cells import patient_cells

_FEW = 10  # values of a facet before 'more'
_MOST = 200  # at once; the rest is found by its text
_AT_FIRST = 16  # facts that are open


def open_at_first(choice: Choice) -> list[str]:
    """Facets that are open at first: what most patients have, and what tells them apart."""
    facets = choice.facets
    found, facts = [], []
    for one in facets.values():
        alike = not one.numeric and len(one.labels) < 2
        if alike:
            continue
        if one.group in ("patient", "data", "findings"):
            found.append(one.name)
        elif one.group == "facts":
            having = len(np.unique(one.patient[one.code < one.values]))
            having += 0 if one.number_of is None else len(np.unique(one.number_of))
            # as many values as patients: a name, nothing to choose by
            if one.numeric or one.values * 2 <= having:
                facts.append((-having, one.name))
    return found + [name for _, name in sorted(facts)[:_AT_FIRST]]


def shown_facets(
    choice: Choice, opened: set[str], wide: set[str], texts: dict[str, str]
) -> list[dict[str, Any]]:
    """Every facet, with counts where it is open.

    Parameters
    ----------
    choice : Choice
    opened, wide : set of str
        Facets that are open, and those that show all values.
    texts : dict
        Facet to what was typed to find a value.
    """
    return [
        _shown(choice, one, one.name in opened, one.name in wide, texts.get(one.name, ""))
        for one in choice.facets.values()
    ]


def _shown(choice: Choice, one: Facet, opened: bool, wide: bool, text: str) -> dict[str, Any]:
    asked = choice.conditions.get(one.name)
    made: dict[str, Any] = {
        "name": one.name, "title": one.title, "group": one.group, "open": opened,
        "active": asked is not None, "numeric": one.numeric, "unit": one.unit,
    }  # fmt: skip
    if not opened:
        return made
    among = choice.mask(one.name)
    counts = one.counts(among)
    values, states = (asked.values, asked.states) if asked else ((), ())
    places = [
        k for k in range(one.values)
        if text.casefold() in one.labels[k].casefold() or one.labels[k] in values
    ]  # fmt: skip
    few = len(places) if wide else _FEW
    shown = [k for n, k in enumerate(places) if n < min(few, _MOST) or one.labels[k] in values]
    made |= {
        "values": [[one.labels[k], int(counts[k]), one.labels[k] in values] for k in shown],
        "states": [
            [label, int(counts[one.values + k]), label in states]
            for k, label in enumerate(one.states)
        ],
        "hidden": len(places) - len(shown), "all": one.values, "wide": wide, "text": text,
    }  # fmt: skip
    if one.numeric:
        everyone = np.ones(len(among), bool)
        made |= {
            "edges": one.edges.tolist(),
            "bins": one.histogram(among).tolist(),
            "everyone": one.histogram(everyone).tolist(),
            "low": asked.low if asked else None,
            "high": asked.high if asked else None,
        }
    return made


def shown_flow(choice: Choice) -> dict[str, Any]:
    """All, the steps, and how many are chosen."""
    return {
        "all": len(choice.facets.keys_of),
        "chosen": int(choice.mask().sum()),
        "steps": [
            {
                "name": name, "reason": step.reason, "before": step.before, "left": step.left,
                "why": [[text, number] for text, number in step.why.items()],
            }
            for name, step in zip(choice.conditions, choice.steps, strict=True)
        ],
    }  # fmt: skip


def shown_rows(choice: Choice, text: str, first: int, count: int, lit: set[str]) -> dict[str, Any]:
    """A page of the chosen patients.

    Parameters
    ----------
    choice : Choice
    text : str
        That their labels contain.
    first, count : int
        Of the page.
    lit : set of str
        Keys of those who are selected.
    """
    facets = choice.facets
    found = np.flatnonzero(choice.mask())
    if text:
        wanted = text.casefold()
        found = np.array(
            [k for k in found.tolist() if wanted in facets.labels_of[k].casefold()], int
        )
    first = max(0, min(first, (len(found) - 1) // count * count if len(found) else 0))
    page = found[first : first + count]
    names = [name for name in choice.conditions if name in facets]
    cells = [patient_cells(facets[name], page) for name in names]
    return {
        "head": [facets[name].title for name in names],
        "rows": [
            {
                "key": facets.keys_of[k], "label": facets.labels_of[k],
                "lit": facets.keys_of[k] in lit, "cells": [column[n] for column in cells],
            }
            for n, k in enumerate(page.tolist())
        ],
        "first": first, "total": len(found), "text": text, "page": count,
    }  # fmt: skip
