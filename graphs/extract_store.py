"""extract_store: read the reports of many patients, many of them a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from explorer.run_draft import RunDraft
from graphs.extract import runs_of, unread
from graphs.text.extractor import Extractor

if TYPE_CHECKING:
    from explorer.store import Store

# Reading goes at thousands of reports a second; a commit takes as long as reading hundreds.
_TOGETHER = 1024


def extract_store(
    store: Store,
    extractor: Extractor,
    keys: Iterable[str] | None = None,
    step: Callable[[str], None] | None = None,
) -> int:
    """Read the reports of a store's patients that the extractor has not read as they read now.

    It can be stopped at any time: what was committed is not read again.

    Parameters
    ----------
    store : Store
    extractor : Extractor
    keys : iterable of str, optional
        Of the patients; all of the store by default.
    step : callable, optional
        Called with a patient's label after each.

    Returns
    -------
    int
        How many reports were read.
    """
    count = 0
    everybody = store.patients(keys, ("texts", "runs"))
    for first in range(0, len(everybody), _TOGETHER):
        drafts: list[tuple[str, RunDraft]] = []
        for one in everybody[first : first + _TOGETHER]:
            reports = unread(one, extractor)
            drafts += [(one.key, run) for report in reports for run in runs_of(report, extractor)]
            count += len(reports)
            if step:
                step(one.label)
        if drafts:
            with store.transaction(f"findings by {extractor.producer.name}") as t:
                t.begin({key for key, _ in drafts})
                for key, draft in drafts:
                    t.put_run(key, draft)
    return count
