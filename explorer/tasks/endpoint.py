"""Endpoint: what a task predicts, and where in a store it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import TaskError

#: What an endpoint may be read from, with the keys that each one takes.
SOURCES: dict[str, tuple[str, ...]] = {
    "outcome": ("unit", "from"),
    "times": ("event", "happened", "causes", "unit", "from"),
    "fact": ("classes", "threshold"),
    "facts": ("positive",),
    "phenotype": ("incident", "follow"),
    "findings": (),
    "segments": (),
    "report": (),
    "none": (),
}


@dataclass(frozen=True)
class Endpoint:
    """An endpoint.

    Attributes
    ----------
    source : str
        ``outcome``: events of the kind 'outcome' of that name, which say 'event' or 'censored'
        and a time. ``times``: facts with numbers, the first that a patient has, and a fact
        ``event`` whose values ``happened`` mean that it did (of competing risks ``causes``, value
        to cause). ``fact``: the value of a fact, with ``classes`` (value to class) or a
        ``threshold``. ``facts``: several, each positive with one of the values ``positive``.
        ``phenotype``: codes. ``findings``: entities that reports state. ``segments``: names of
        segments. ``report``: a report's text. ``none``: nothing is predicted.
    names : tuple of str
        Of the outcome, the facts, the codes, the entities, the segments (``*`` and ``?``).
    options : dict
        The rest; see `SOURCES`. ``from: index`` says that times without a day count from the
        task's index day; without it nobody knows what they count from.
    """

    source: str = "none"
    names: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise TaskError(f"An endpoint from {self.source!r}", expected=", ".join(SOURCES))
        if not self.names and self.source not in ("none", "report"):
            raise TaskError(f"An endpoint from {self.source} that names none")
        unknown = set(self.options) - set(SOURCES[self.source])
        if unknown:
            raise TaskError(
                f"An endpoint from {self.source} with {sorted(unknown)}",
                expected=", ".join(SOURCES[self.source]) or "nothing more",
            )
        if self.source == "times" and not (
            self.options.get("event")
            and (self.options.get("happened") or self.options.get("causes"))
        ):
            raise TaskError("An endpoint from times without event and happened (or causes)")
        if self.source in ("outcome", "fact") and len(self.names) != 1:
            raise TaskError(f"An endpoint from {self.source} names one", where=str(self.names))

    @classmethod
    def of(cls, said: Endpoint | Mapping[str, Any] | None) -> Endpoint:
        """Read what a person wrote: ``{"outcome": "overall survival"}``.

        Parameters
        ----------
        said : Endpoint, mapping or None
            One key of `SOURCES`, with a name or several, and its options.

        Raises
        ------
        TaskError
            It is no endpoint.
        """
        if isinstance(said, Endpoint):
            return said
        if said is None:
            return cls()
        if not isinstance(said, Mapping):
            raise TaskError(f"An endpoint {said!r}", expected="such as {outcome: overall survival}")
        sources = [name for name in said if name in SOURCES]
        if len(sources) != 1:
            raise TaskError(
                f"An endpoint with {list(said)}", expected=f"one of {', '.join(SOURCES)}"
            )
        (source,) = sources
        names = said[source]
        if names is True or names is None:
            names = ()
        named = (str(names),) if isinstance(names, str | int | float) else tuple(map(str, names))
        return cls(source, named, {key: value for key, value in said.items() if key != source})

    def plain(self) -> dict[str, Any]:
        """The same as a mapping."""
        return {self.source: list(self.names), **self.options}

    def __str__(self) -> str:
        return f"{self.source}: {', '.join(self.names)}" if self.names else self.source
