"""evaluation_wishes: what a configuration wants of `graphs.evaluate`, looked through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.errors import ConfigError
from graphs.runs.mapping_of import mapping_of


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda said: isinstance(said, int) and not isinstance(said, bool) and said >= least


def _number(said: Any) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and said >= 0


def _some(said: Any) -> bool:
    names = isinstance(said, list | tuple) and all(isinstance(one, str) for one in said)
    return isinstance(said, bool) or names


_LIST = "true, false or a list of names"
_WISHES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "validation": (_number, "a share, such as 0.2"),
    "controls": (_some, _LIST),
    "subgroups": (_some, _LIST),
    "operating": (lambda said: isinstance(said, Mapping), "such as {sensitivity: 0.95}"),
    "horizon": (_number, "a time in the task's unit"),
    "measure": (lambda said: isinstance(said, str), "the name of a measure"),
    "margin": (_number, "a difference, such as 0.01"),
    "draws": (_whole(1), "a whole number, 1 or more"),
    "shuffles": (_whole(0), "a whole number, 0 or more"),
    "permutations": (_whole(0), "a whole number, 0 or more"),
}


def evaluation_wishes(said: Any) -> dict[str, Any]:
    """Read the part ``evaluation`` of a configuration.

    Parameters
    ----------
    said : mapping
        Names of parameters of `graphs.evaluate` to what they should be; None is the default.

    Returns
    -------
    dict

    Raises
    ------
    ConfigError
        There is no such parameter, or it cannot be that.
    """
    given = dict(mapping_of("evaluation", said))
    unknown = set(given) - set(_WISHES)
    if unknown:
        raise ConfigError(
            f"evaluation: {sorted(map(str, unknown))}", expected=", ".join(sorted(_WISHES))
        )
    for name, value in given.items():
        fits, expected = _WISHES[name]
        if value is not None and not fits(value):
            raise ConfigError(f"evaluation: {name}: {value!r}", expected=expected)
    return {name: value for name, value in given.items() if value is not None}
