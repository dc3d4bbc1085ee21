"""extractors: what turns reports into findings, found by name."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Any, cast

from explorer.errors import NotFoundError, NotInstalledError
from graphs.errors import ModelFolderError
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
    ModelFolderError
        It reads a model's folder, and none is given; or an option is not one of its own.
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
    try:
        signature(made).bind(**options)
    except TypeError as error:
        raise ModelFolderError(
            f"The extractor {name!r} cannot be made of what is given: {error}",
            expected="the folder of a local model where it reads weights",
            do="extractor(NAME, folder=...), or --model FOLDER",
        ) from error
    return cast("Extractor", made(**options))


@lru_cache(maxsize=1)
def _installed() -> dict[str, EntryPoint]:
    # looking through every installed package takes longer than reading a report
    return {point.name: point for point in entry_points(group=_GROUP)}
