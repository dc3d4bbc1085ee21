"""The YAML that says what tables mean: read with every fault located, and written to be edited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from explorer.errors import MapError
from explorer.readers.absence import STATES
from explorer.readers.map_node import MapNode
from explorer.readers.table_meaning import (
    CENSORED,
    HAPPENED,
    KINDS,
    ROWS,
    Block,
    Column,
    Meaning,
    Outcome,
)

_MOST_CHARACTERS = 8 << 20

_TABLE = (
    "files", "sheet", "rows", "identifier", "features", "kind", "name", "time", "end", "value",
    "unit", "code", "anchor", "separator", "encoding", "absent", "columns", "outcomes", "vectors",
    "synthetic", "by",
)  # fmt: skip
_TEXTS = (
    "sheet", "features", "kind", "name", "time", "end", "value", "unit", "code", "anchor",
    "separator", "encoding",
)  # fmt: skip
_COLUMN = {
    "is": "kind", "name": "name", "unit": "unit", "format": "form", "decimal": "decimal",
    "from": "zero", "scheme": "scheme", "least": "least", "most": "most", "absent": "absent",
    "per": "per",
}  # fmt: skip
_OUTCOME = ("name", "time", "event", "codes", "followed", "unit", "from")
_BLOCK = ("name", "columns", "unit")


def read_map(text: str, where: str) -> list[Meaning]:
    """Read a map.

    Parameters
    ----------
    text : str
        YAML; loaded without tags, aliases or any other way to run or to multiply something.
    where : str
        The file's name, for messages.

    Returns
    -------
    list of Meaning
        In the order of the file; blocks of vectors still as patterns.

    Raises
    ------
    MapError
        It is no YAML, or says what cannot be: with line and key.
    """
    if len(text) > _MOST_CHARACTERS:
        raise MapError(f"The map has {len(text)} characters", where=where)
    root = _root(text, where)
    top = root.mapping(("tables",), needs=("tables",))
    return [_table(node) for node in top["tables"].sequence()]


def _root(text: str, where: str) -> MapNode:
    try:
        events = yaml.parse(text, yaml.SafeLoader)
        alias = any(isinstance(event, yaml.AliasEvent) for event in events)
        node = None if alias else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where}, line {mark.line + 1}" if mark else where
        raise MapError(f"The map is no YAML: {error.problem}", where=place) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise MapError(f"The map is no YAML: {type(error).__name__}", where=where) from error
    if alias:
        raise MapError("The map has an alias (*)", expected="plain YAML", where=where)
    if node is None:
        raise MapError("The map is empty", expected="'tables:' and a list", where=where)
    return MapNode(node, where, "")


def _table(node: MapNode) -> Meaning:
    given = node.mapping(_TABLE, needs=("files",))
    found = Meaning(given["files"].text(), by="person")
    for name in _TEXTS:
        if name in given:
            setattr(found, name, given[name].text() or None)
    if "rows" in given:
        found.rows = given["rows"].choice(ROWS)
    if "by" in given:
        found.by = given["by"].choice(("guess", "person"))
    if "synthetic" in given:
        found.synthetic = given["synthetic"].choice(("true", "false")) == "true"
    if "identifier" in given:
        _identifier(given["identifier"], found)
    if found.rows == "features" and not found.features:
        raise node.fault("no 'features'", "the column of the features' names")
    if found.rows != "features" and not found.identifier:
        raise node.fault("no 'identifier'", "the column of the patients' identifiers")
    if "absent" in given:
        found.absent = _absent(given["absent"])
    if "columns" in given:
        found.columns = {name: _column(one) for name, one in given["columns"].pairs().items()}
    if "outcomes" in given:
        found.outcomes = [_outcome(one) for one in given["outcomes"].sequence()]
    if "vectors" in given:
        found.vectors = [_block(one) for one in given["vectors"].sequence()]
    if found.rows == "features" and len(found.vectors) > 1:
        raise given["vectors"].fault("several vectors", "one: the columns that are samples")
    return found


def _identifier(node: MapNode, found: Meaning) -> None:
    if node.is_text():
        found.identifier = node.text()
        return
    given = node.mapping(("column", "part"))
    found.identifier = given["column"].text() if "column" in given else ""
    if "part" in given:
        found.part = given["part"].text()
        if "X" not in found.part:
            raise given["part"].fault(
                repr(found.part), "such as TCGA-XX-XXXX: X any letter or digit"
            )


def _absent(node: MapNode) -> dict[str, str]:
    return {text: state.choice(STATES) for text, state in node.pairs().items()}


def _column(node: MapNode) -> Column:
    found = Column(why="said by a person")
    if node.is_text():
        return replace(found, kind=node.choice(KINDS))
    for key, one in node.mapping(tuple(_COLUMN)).items():
        value: Any
        if key == "is":
            value = one.choice(KINDS)
        elif key == "decimal":
            value = one.choice((".", ","))
        elif key == "per":
            value = one.choice(("patient", "row"))
        elif key in ("least", "most"):
            value = one.number()
        elif key == "absent":
            value = _absent(one)
        else:
            value = one.text()
        setattr(found, _COLUMN[key], value)
    if found.kind == "date" and found.form is None:
        found.form = "%Y-%m-%d"
    if found.form is not None and not re.search(r"%[YyCxcsGD]", found.form):
        raise node.fault(f"format {found.form!r}", "one with a year, such as %d.%m.%Y")
    return found


def _outcome(node: MapNode) -> Outcome:
    given = node.mapping(_OUTCOME, needs=("time", "event", "codes"))
    codes = {text: one.choice((HAPPENED, CENSORED)) for text, one in given["codes"].pairs().items()}
    texts = {name: one.text() for name, one in given.items() if name != "codes"}
    return Outcome(
        texts.get("name", texts["time"]), texts["time"], texts["event"], codes,
        texts.get("followed"), texts.get("unit"), texts.get("from"), why="said by a person",
    )  # fmt: skip


def _block(node: MapNode) -> Block:
    given = node.mapping(_BLOCK, needs=("name", "columns"))
    columns = given["columns"]
    unit = given["unit"].text() if "unit" in given else None
    name = given["name"].text()
    if columns.is_text():
        pattern = columns.text()
        if pattern.count("*") != 1:
            raise columns.fault(repr(pattern), "one *, such as '*_rnaseq', or a list of columns")
        return Block(name, [], [], pattern, unit)
    listed = [one.text() for one in columns.sequence()]
    return Block(name, listed, list(listed), None, unit)


def write_map(tables: list[Meaning]) -> str:
    """Write what tables mean as YAML that `read_map` reads to the same.

    Parameters
    ----------
    tables : list of Meaning

    Returns
    -------
    str
    """
    document = {"tables": [_plain_table(one) for one in tables]}
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


class _Dumper(yaml.SafeDumper):  # type: ignore[misc] # yaml has no types
    """YAML's other line ends (NEL, U+2028) are lost unless the text stands in double quotes."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if text.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def _plain_table(one: Meaning) -> dict[str, Any]:
    found: dict[str, Any] = {"files": one.files, "rows": one.rows, "by": one.by}
    if one.part:
        found["identifier"] = {"column": one.identifier, "part": one.part}
        found["identifier"] = {k: v for k, v in found["identifier"].items() if v}
    elif one.identifier:
        found["identifier"] = one.identifier
    found |= {name: value for name in _TEXTS if (value := getattr(one, name)) is not None}
    if one.synthetic:
        found["synthetic"] = True
    if one.absent:
        found["absent"] = dict(one.absent)
    if one.columns:
        found["columns"] = {
            name: _plain_column(column, one.rows) for name, column in one.columns.items()
        }
    if one.outcomes:
        found["outcomes"] = [_plain_outcome(outcome) for outcome in one.outcomes]
    if one.vectors:
        found["vectors"] = [
            {"name": block.name, "columns": block.pattern or list(block.columns)}
            | ({"unit": block.unit} if block.unit else {})
            for block in one.vectors
        ]
    return found


def _plain_column(column: Column, rows: str) -> Any:
    usual = Column()
    given = {
        key: getattr(column, name)
        for key, name in _COLUMN.items()
        if key == "is" or getattr(column, name) != getattr(usual, name)
    }
    if rows == "patient":
        given.pop("per", None)
    return given["is"] if len(given) == 1 else given


def _plain_outcome(one: Outcome) -> dict[str, Any]:
    found = {"name": one.name, "time": one.time, "event": one.event, "codes": dict(one.codes)}
    more = {"followed": one.followed, "unit": one.unit, "from": one.zero}
    return found | {name: value for name, value in more.items() if value is not None}
