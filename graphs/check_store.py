"""check_store: check the reports of many patients, many of them a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from explorer.errors import OncographError
from explorer.run_draft import RunDraft
from graphs.check import checked
from graphs.checks.image_cues import Tolerances
from graphs.extract_store import extract_store
from graphs.extractors import extractor
from graphs.ground_store import TABLES
from graphs.verdict import Verdict

if TYPE_CHECKING:
    from explorer.patient import Patient
    from explorer.store import Store

_TOGETHER = 128


def check_store(
    store: Store,
    keys: Iterable[str] | None = None,
    *,
    tolerances: Tolerances | None = None,
    complete: bool = False,
    step: Callable[[str], None] | None = None,
) -> tuple[list[tuple[Patient, list[Verdict]]], dict[str, str]]:
    """Check the reports of a store's patients; see `graphs.check.check`.

    Parameters
    ----------
    store : Store
    keys : iterable of str, optional
        Of the patients; all of the store by default.
    tolerances, complete
        As in `check`.
    step : callable, optional
        Called with a patient's label after each.

    Returns
    -------
    verdicts : list of (Patient, list of Verdict)
    failed : dict
        Label to the reason, of patients who could not be checked.
    """
    keys = None if keys is None else list(keys)
    extract_store(store, extractor("rules"), keys)
    everybody = store.patients(keys, (*TABLES, "verdicts"))
    results: list[tuple[Patient, list[Verdict]]] = []
    failed: dict[str, str] = {}
    for first in range(0, len(everybody), _TOGETHER):
        made: dict[str, RunDraft] = {}
        for one in everybody[first : first + _TOGETHER]:
            try:
                found, _, draft = checked(one, tolerances=tolerances, complete=complete)
            except OncographError as error:
                failed[one.label] = error.message
            else:
                results.append((one, found))
                if draft is not None:
                    made[one.key] = draft
            if step is not None:
                step(one.label)
        if made:
            with store.transaction("reports checked") as t:
                t.begin(made)
                for key, draft in made.items():
                    t.put_run(key, draft)
    return results, failed
