"""AskSql: patients by a SELECT, with parameters bound and no file in reach."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from explorer.errors import QueryError
from explorer.query import sql_at
from explorer.select.answer import Answer, settle
from explorer.select.ask import Ask
from explorer.select.basis import Basis

_SHOWN = 200


@dataclass(frozen=True)
class AskSql(Ask):
    """Patients whose keys a SELECT gives.

    Attributes
    ----------
    query : str
        One SELECT with a column ``patient``.
    parameters : dict
        Values of ``$name``.
    """

    kind: ClassVar[str] = "sql"
    query: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checked("query", str)
        check_parameters(self.parameters)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        return sql_words(self.query, self.parameters)

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        found = sql_at(basis, self.query, self.parameters)
        if "patient" not in found.columns:
            raise QueryError(
                f"The query gives the columns {list(found.columns)}",
                expected="a column patient: select patient from items where ...",
            )
        fits = np.zeros(basis.count, bool)
        keys = found["patient"].dropna().unique()
        fits[basis.positions(str(key) for key in keys)] = True
        return settle(fits, [("not in the answer", np.flatnonzero(~fits))])


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """See that JSON holds the parameters, so that the question can be kept."""
    if not isinstance(parameters, Mapping):
        raise QueryError(f"The parameters are {parameters!r}", expected="names with values")
    for name, value in parameters.items():
        many = value if isinstance(value, list | tuple) else [value]
        for one in many:
            plain = one is None or isinstance(one, str | bool | int | float)
            if not plain or (isinstance(one, float) and not math.isfinite(one)):
                raise QueryError(
                    f"The parameter {name!r} is {value!r}",
                    expected="text, a number, true or false, or a list of them; a date as its "
                    "ISO text",
                )


def sql_words(text: str, parameters: Mapping[str, Any]) -> str:
    """SQL and its parameters as one line (hostile text)."""
    line = " ".join(text.split())
    shown = line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
    bound = ", ".join(f"{name} = {value!r}" for name, value in parameters.items())
    return f"{shown} ({bound})" if bound else shown
