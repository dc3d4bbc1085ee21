"""save_list: who was chosen and why, as a file of one's own."""

from __future__ import annotations

import json
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.choice import Choice
from explorer.new_file import new_file
from explorer.records import now

if TYPE_CHECKING:
    from explorer.store import Store


def save_list(choice: Choice, store: Store, path: str | PathLike[str]) -> Path:
    """Write the chosen patients with their versions, and the steps that led to them.

    It is a list, no frozen cohort: later versions of the patients do not show in it, and nothing
    keeps the earlier ones.

    Parameters
    ----------
    choice : Choice
    store : Store
        That it was made from.
    path : path-like
        A new file (JSON); only its owner may read it.

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        It is there already.
    """
    facets = choice.facets
    chosen = choice.mask().nonzero()[0].tolist()
    document = {
        "oncograph": "list of patients",
        "frozen": False,
        "store": store.id,
        "time": now(),
        "software": version("oncograph"),
        "all": len(facets.keys_of),
        "steps": [
            {"reason": one.reason, "before": one.before, "left": one.left, "why": one.why}
            for one in choice.steps
        ],
        "conditions": [
            {
                "facet": one.facet, "values": one.values, "states": one.states, "low": one.low,
                "below": one.high, "keys": None if one.keys is None else sorted(one.keys),
            }
            for one in choice.conditions.values()
        ],
        "patients": [
            {"key": facets.keys_of[k], "label": facets.labels_of[k],
             "version": facets.versions_of[k]}
            for k in chosen
        ],
    }  # fmt: skip
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return new_file(path, text.encode("utf-8", "surrogatepass"))
