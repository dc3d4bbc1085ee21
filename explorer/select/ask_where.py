"""AskWhere: patients by a condition of SQL over the table of patients."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import QueryError
from explorer.query import sql_at
from explorer.select.answer import ANOTHER, Answer, settle
from explorer.select.ask import Ask
from explorer.select.ask_sql import check_parameters, sql_words
from explorer.select.basis import Basis


@dataclass(frozen=True)
class AskWhere(Ask):
    """A condition over the table ``patients``.

    Attributes
    ----------
    condition : str
        What could stand behind WHERE; of whom it is neither true nor false (a value is missing),
        nobody can tell.
    parameters : dict
        Values of ``$name``.
    """

    kind: ClassVar[str] = "where"
    condition: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checked("condition", str)
        check_parameters(self.parameters)

    def reason(self) -> str:
        """What it asks for, in words (hostile text)."""
        return sql_words(self.condition, self.parameters)

    def answer(self, basis: Basis, last: Answer | None) -> Answer:
        """Ask it."""
        _one_condition(self.condition)
        # a comment at its end must not hide the bracket
        asked = f"cast(cast(({self.condition}\n) as boolean) as tinyint)"
        query = f"select patient, coalesce({asked}, 2::tinyint) as fits from patients"
        found = sql_at(basis, query, self.parameters)
        place = pc.index_in(pa.array(found["patient"], pa.string()), value_set=basis.keys)
        fits = np.zeros(basis.count, bool)
        unknown = np.ones(basis.count, bool)
        where = place.to_numpy()
        fits[where] = (found["fits"] == 1).to_numpy()
        unknown[where] = (found["fits"] == 2).to_numpy()
        told = [
            ("cannot tell: a value is missing", np.flatnonzero(unknown)),
            (ANOTHER, np.flatnonzero(~fits)),
        ]
        return settle(fits, told)


def _one_condition(condition: str) -> None:
    """See that nothing else than a condition stands there: DuckDB's own parser is asked."""
    query = f"select patient from patients where ({condition}\n)"
    with duckdb.connect(":memory:") as connection:
        found = connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchall()
    tree = json.loads(found[0][0])
    said = tree.get("error_message", "more than a condition")
    if not tree.get("error") and len(tree["statements"]) == 1:
        node = tree["statements"][0]["node"]
        extra = ("modifiers", "having", "qualify", "group_expressions", "sample")
        if node["type"] == "SELECT_NODE" and not any(node.get(name) for name in extra):
            return
    raise QueryError(
        f"The condition cannot be read: {str(said).splitlines()[0]}",
        expected="what could stand behind WHERE, over the table patients: sex = 'F'",
    )
