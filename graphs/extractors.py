"""extractors: what turns reports into findings, found by name."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from explorer.errors import NotFoundError, NotInstalledError
from graphs.text.extractor import Extractor

_GROUP = "oncograph.extractors"


def extractors() -> list[str]:
    """Names of the installed extractors."""
    return sorted(_installed())


def extractor(name: str, **options: Any) -> Extractor:
    """Make an extractor.

    Parameters
    ----------
    name : str
        As registered under ``oncograph.extractors``: 'rules', ...
    **options
        Its own: a lexicon, a model's folder.

    Returns
    -------
    Extractor

    Raises
    ------
    NotFoundError
        There is none of that name.
    NotInstalledError
        What it needs is missing.
    """
    point = _installed().get(name)
    if point is None:
        raise NotFoundError(
            f"No extractor {name!r} is installed", expected=f"one of {', '.join(extractors())}"
        )
    try:
        made = point.load()
    except ImportError as error:
        raise NotInstalledError(
            f"The extractor {name!r} cannot be loaded: {error}",
            do="pip install 'oncograph[models]'",
        ) from error
    return cast("Extractor", made(**options))


@lru_cache(maxsize=1)
def _installed() -> dict[str, EntryPoint]:
    # looking through every installed package takes longer than reading a report
    return {point.name: point for point in entry_points(group=_GROUP)}
