"""Every installed way to ground a finding, in order of trust."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

from explorer.errors import NotFoundError

if TYPE_CHECKING:
    from graphs.grounding.grounder import Grounder


def grounders(names: Iterable[str] | None = None) -> tuple[Grounder, ...]:
    """Load grounders, the most trusted first.

    Parameters
    ----------
    names : iterable of str, optional
        Only these entry points of ``oncograph.groundings``; all by default.

    Returns
    -------
    tuple of Grounder

    Raises
    ------
    NotFoundError
        There is none of that name.
    """
    found = _installed()
    wanted = list(found) if names is None else list(names)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise NotFoundError(f"No grounder {missing[0]!r}", expected=f"one of {sorted(found)}")
    chosen = [(name, found[name]) for name in wanted]
    return tuple(one for _, one in sorted(chosen, key=lambda pair: (pair[1].trust, pair[0])))


@lru_cache(maxsize=1)
def _installed() -> dict[str, Grounder]:
    return {
        point.name: cast("Grounder", point.load()())
        for point in entry_points(group="oncograph.groundings")
    }
