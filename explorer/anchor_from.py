"""Time zero of many patients from what the store holds, because a person says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explorer.anchor import Anchor
from explorer.anchors import dated
from explorer.errors import NotFoundError

if TYPE_CHECKING:
    from explorer.store import Store


@dataclass
class AnchorsSet:
    """What `anchor_from` did.

    Attributes
    ----------
    kind : str
    set : int
        Patients that have this time zero now.
    disagree : dict
        What people call a patient to its dates, where there are several: none was taken.
    without : int
        Patients of whom the source says no date; their time zero stays.
    """

    kind: str
    set: int = 0
    disagree: dict[str, dict[str, str]] = field(default_factory=dict)
    without: int = 0


def anchor_from(
    store: Store,
    table: str,
    name: str,
    *,
    kind: str | None = None,
    earliest: bool = False,
) -> AnchorsSet:
    """Set time zero from a fact, a table's column or a kind of event; all patients at once.

    Parameters
    ----------
    store : Store
    table : {'facts', 'events'}
    name : str
        Of the fact or of its column, or the kind of event.
    kind : str, optional
        What the date is; by default `name`.
    earliest : bool
        Take the first of several dates. Without it a patient with several is left as it is.

    Returns
    -------
    AnchorsSet

    Raises
    ------
    NotFoundError
        Nobody has a date there.
    """
    found = dated(store, table, name)
    labels = store.keys_and_labels()
    if not found:
        raise NotFoundError(
            f"No patient has a date in {table} named {name!r}",
            where=store.url,
            do='see the names with store.sql("select distinct name from facts")',
        )
    done = AnchorsSet(kind or name.casefold())
    with store.transaction(f"time zero is the {done.kind}") as t:
        for key, label in labels.items():
            dates = found.get(key, {})
            if not dates:
                done.without += 1
            elif len(dates) > 1 and not earliest:
                done.disagree[label] = dates
            else:
                date = min(dates)
                t.set_anchor(key, Anchor(date, done.kind, f"{name} in {dates[date]}"))
                done.set += 1
    return done
