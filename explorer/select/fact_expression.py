"""FactExpression: a small language for one fact, ``age > 60 years``, read without any eval."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from explorer.errors import QueryError

Value = str | float
_LONGEST = 2000
_EQUAL, _ORDER = ("=", "!=", "in", "not in"), ("<", "<=", ">", ">=", "between")
_ALIKE = ("like", "ilike", "not like", "not ilike")
_SAME = {"==": "=", "<>": "!="}
_QUOTED_NAME = re.compile(r'\s*"((?:[^"]|"")*)"\s*')
_OPERATOR = re.compile(
    r"<=|>=|!=|<>|==|=|<|>|\b(?:not\s+)?in(?=\s*\()|\bbetween\b|\b(?:not\s+)?i?like\b",
    re.IGNORECASE,
)
_STRING = re.compile(r"\s*'((?:[^']|'')*)'\s*")
_NUMBER = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?:\s+(\S.*?)|(%))?\s*")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


@dataclass(frozen=True)
class FactExpression:
    """A fact's name, an operator, values.

    ``age > 60``, ``age between 40 and 60 years``, ``stage in ('IIIA', 'IIIB')``,
    ``stage ilike 'stage iii%'``, ``"a name with < in it" = 3``. What is in single quotes, or does
    not begin as a number, is text; what follows a number after a space is its unit.

    Attributes
    ----------
    name : str
    operator : str
        One of ``= != < <= > >= in, not in, between, like, ilike, not like, not ilike``; `between`
        has both its ends, `like` is SQL's.
    values : tuple of str or float
    unit : str or None
        Of the numbers, as the expression says it.
    """

    name: str
    operator: str
    values: tuple[Value, ...]
    unit: str | None = None

    @classmethod
    def parse(cls, text: str) -> FactExpression:
        """Read an expression.

        Raises
        ------
        QueryError
            It is none.
        """
        if len(text) > _LONGEST:
            _refuse(text[:60], f"at most {_LONGEST} characters")
        quoted = _QUOTED_NAME.match(text)
        start = quoted.end() if quoted else 0
        found = _OPERATOR.match(text, start) if quoted else _OPERATOR.search(text)
        if found is None:
            _refuse(text, "a name, an operator and a value: age > 60")
        name = quoted[1].replace('""', '"') if quoted else text[: found.start()].strip()
        operator = re.sub(r"\s+", " ", found[0].lower())
        operator = _SAME.get(operator, operator)
        if not name:
            _refuse(text, "the name of a fact first")
        values, unit = _values(text, operator, text[found.end() :])
        if operator in _ORDER and not all(isinstance(one, float) for one in values):
            _refuse(text, f"numbers after {operator!r}; text can be = or in (...)")
        if operator in _ALIKE and not isinstance(values[0], str):
            _refuse(text, "a pattern in quotes: stage ilike 'stage iii%'")
        return cls(name, operator, values, unit)

    @property
    def negative(self) -> bool:
        """Whether every value of a patient must be another one."""
        return self.operator == "!=" or self.operator.startswith("not ")

    @property
    def numeric(self) -> bool:
        """Whether numbers are compared."""
        return any(isinstance(one, float) for one in self.values)

    def __str__(self) -> str:
        name = self.name
        plain = name == name.strip() and '"' not in name and not _OPERATOR.search(name + " (")
        said = name if plain else '"' + name.replace('"', '""') + '"'
        return f"{said} {self.condition}"

    @property
    def condition(self) -> str:
        """What is asked of the fact, without its name: '> 60 years'."""
        unit = f" {self.unit}" if self.unit else ""
        shown = [_shown(one) for one in self.values]
        if "in" in self.operator.split():
            return f"{self.operator} ({', '.join(shown)}){unit}"
        return f"{self.operator} {' and '.join(shown)}{unit}"


def _values(text: str, operator: str, rest: str) -> tuple[tuple[Value, ...], str | None]:
    unit: str | None = None
    if operator in ("in", "not in"):
        inner, unit = _in_brackets(text, rest)
        parts = _split(text, inner)
    elif operator == "between":
        parts = _AND.split(rest)
        if len(parts) != 2:
            _refuse(text, "between LOW and HIGH")
    else:
        parts = [rest]
    read = [_value(text, part) for part in parts]
    units = {one for _, one in read if one is not None} | ({unit} if unit else set())
    if len(units) > 1:
        _refuse(text, "one unit")
    return tuple(value for value, _ in read), next(iter(units), None)


def _in_brackets(text: str, rest: str) -> tuple[str, str | None]:
    """What stands between the brackets, and the unit behind them."""
    start, end, quoted = rest.index("(") + 1, -1, False
    for k in range(start, len(rest)):
        quoted ^= rest[k] == "'"
        if rest[k] == ")" and not quoted:
            end = k
            break
    if end < 0:
        _refuse(text, "a closing bracket")
    return rest[start:end], rest[end + 1 :].strip() or None


def _split(text: str, inner: str) -> list[str]:
    parts, quoted = [""], False
    for one in inner:
        quoted ^= one == "'"
        if one == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += one
    if not any(part.strip() for part in parts):
        _refuse(text, "a value in the brackets")
    return parts


def _value(text: str, part: str) -> tuple[Value, str | None]:
    string = _STRING.fullmatch(part)
    if string:
        return string[1].replace("''", "'"), None
    number = _NUMBER.fullmatch(part)
    if number:
        value = float(number[1])
        if not math.isfinite(value):
            _refuse(text, "a finite number")
        return value, number[2] or number[3]
    plain = part.strip()
    if not plain or plain.startswith("'"):
        _refuse(text, "a value, or text in single quotes ('' is a quote in it)")
    return plain, None


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "'" + value.replace("'", "''") + "'"


def _refuse(text: str, expected: str) -> NoReturn:
    raise QueryError(f"The condition {text!r} cannot be read", expected=expected)
