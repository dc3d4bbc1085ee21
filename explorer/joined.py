"""Joined: which patients' things lie in which patient, now and in older versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.store import Store


def joined_into(store: Store, key: str) -> list[str]:
    """The patients who were joined into one, at any depth of a chain.

    Parameters
    ----------
    store : Store
    key : str
        A patient's key; the patient may be joined into another one.

    Returns
    -------
    list of str
        Keys, sorted. Each has a repository and a history of its own, which stay.
    """
    head = store.records.head(key)
    rows = store.records.rows("attributes", head) if head else []
    return sorted({row["came_as"] for row in rows if row["came_as"]})


def ever_joined(store: Store, key: str) -> list[str]:
    """The patients whose older versions may hold what is this one's, or the reverse.

    A join that was taken back stays in the history of the patient who was joined with: whoever
    erases one has to look at all of these.

    Parameters
    ----------
    store : Store
    key : str

    Returns
    -------
    list of str
        Keys, sorted, without `key`; joins of joined patients are followed.
    """
    rows = store.records.read("joins", columns=["patient", "into"]).to_pylist()
    found, news = {key}, {key}
    while news:
        near = {row["into"] for row in rows if row["patient"] in news}
        near |= {row["patient"] for row in rows if row["into"] in news}
        news = near - found
        found |= news
    return sorted(found - {key})
