"""linked: who has to stay together, since one thing leads to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def linked(keys: Sequence[str], links: Iterable[Iterable[str]]) -> dict[str, str]:
    """Join what is linked, at any distance (union-find).

    Parameters
    ----------
    keys : sequence of str
    links : iterable of iterables of str
        Keys that belong together; others than `keys` are passed over.

    Returns
    -------
    dict of str to str
        Key to the first one, in alphabetical order, of those who belong with him.
    """
    root = {key: key for key in keys}

    def find(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for link in links:
        known = [key for key in link if key in root]
        for other in known[1:]:
            one, two = sorted((find(known[0]), find(other)))
            root[two] = one
    return {key: find(key) for key in keys}
