"""ground_store: ground the findings of many patients, many of them a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from explorer.errors import OncographError
from explorer.run_draft import RunDraft
from graphs.ground_all import grounding_drafts

if TYPE_CHECKING:
    from explorer.store import Store
    from graphs.grounding.grounder import Grounder

# What grounding reads of each patient.
TABLES = ("items", "segments", "texts", "observations", "runs", "findings", "groundings")
_TOGETHER = 128


def ground_store(
    store: Store,
    keys: Iterable[str] | None = None,
    methods: Sequence[str | Grounder] | None = None,
    *,
    again: bool = False,
    step: Callable[[str], None] | None = None,
) -> dict[str, str]:
    """Ground the findings of a store's patients; see `graphs.ground_all.ground_all`.

    It can be stopped at any time: what was committed is not done again.

    Parameters
    ----------
    store : Store
    keys : iterable of str, optional
        Of the patients; all of the store by default.
    methods, again
        As in `ground_all`.
    step : callable, optional
        Called with a patient's label after each.

    Returns
    -------
    dict
        Key to the reason, of patients who could not be grounded.
    """
    failed: dict[str, str] = {}
    everybody = store.patients(keys, TABLES)
    for first in range(0, len(everybody), _TOGETHER):
        made: dict[str, list[RunDraft]] = {}
        for one in everybody[first : first + _TOGETHER]:
            try:
                drafts = [d for _, d in grounding_drafts(one, methods, again=again) if d]
            except OncographError as error:
                failed[one.key] = error.message
            else:
                if drafts:
                    made[one.key] = drafts
            if step is not None:
                step(one.label)
        if made:
            with store.transaction("findings grounded") as t:
                t.begin(made)
                for key, drafts in made.items():
                    for draft in drafts:
                        t.put_run(key, draft)
    return failed
