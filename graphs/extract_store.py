"""extract_store: read the reports of many patients, a few of them a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from graphs.extract import read, unread
from graphs.text.extractor import Extractor

if TYPE_CHECKING:
    from explorer.store import Store

_TOGETHER = 64


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
    everybody = iter(list(store) if keys is None else keys)
    while some := list(islice(everybody, _TOGETHER)):
        patients = [store[key] for key in some]
        drafts = [
            (one.key, read(report, extractor))
            for one in patients
            for report in unread(one, extractor)
        ]
        if drafts:
            with store.transaction(f"findings by {extractor.producer.name}") as t:
                for key, draft in drafts:
                    t.put_run(key, draft)
        count += len(drafts)
        for one in patients:
            if step:
                step(one.label)
    return count
