"""TemplateSchema: the blanks of a structured report, read from YAML that users write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from explorer.errors import MapError
from explorer.readers.map_node import MapNode
from graphs.text.template_item import FROM, KINDS, UNITS, TemplateItem

_OWN = Path(__file__).parent / "data" / "templates"
_MOST_CHARACTERS = 1 << 20
_TOP = ("template", "title", "source", "rows", "items")
_ITEM = (
    "name", "title", "type", "words", "with", "choices", "sections", "unit", "least", "most",
    "pattern", "form", "take", "from",
)  # fmt: skip


@dataclass(frozen=True)
class TemplateSchema:
    """A structured report's form.

    Attributes
    ----------
    name, title : str
    source : str
        What it was written from.
    rows : str or None
        The item of which each mention begins a row; None where the form is filled once.
    items : tuple of TemplateItem
    """

    name: str
    title: str
    source: str
    rows: str | None
    items: tuple[TemplateItem, ...]

    @classmethod
    def own(cls) -> list[str]:
        """Names of the templates that come with the package."""
        return sorted(file.stem for file in _OWN.glob("*.yaml"))

    @classmethod
    def read(cls, source: str | Path) -> TemplateSchema:
        """Read a schema.

        Parameters
        ----------
        source : str or path
            A template of the package by its name ('bi_rads'), or a file.

        Raises
        ------
        MapError
            It cannot be read, or says what cannot be: with line and key.
        """
        file = _OWN / f"{source}.yaml" if str(source) in cls.own() else Path(source)
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MapError(
                f"The template cannot be read: {error}",
                expected=f"a file, or one of {', '.join(cls.own())}",
                where=str(source),
            ) from error
        return cls.of(text, file.name)

    @classmethod
    def of(cls, text: str, where: str = "template") -> TemplateSchema:
        """Read a schema's YAML.

        Parameters
        ----------
        text : str
            Loaded without tags, aliases or any other way to run or to multiply something.
        where : str
            The file's name, for messages.

        Raises
        ------
        MapError
            With line and key.
        """
        top = _root(text, where).mapping(_TOP, needs=("template", "items"))
        items = [_item(node) for node in top["items"].sequence()]
        names = [item.name for item in items]
        for number, node in enumerate(top["items"].sequence()):
            if names.index(names[number]) < number:
                raise node.fault(f"the item {names[number]!r} twice", "each name once")
        rows = top["rows"].choice(names) if "rows" in top else None
        if rows and items[names.index(rows)].kind != "choice":
            raise top["rows"].fault(f"{rows!r}, which is no choice", "an item of type choice")
        name = top["template"].text()
        return cls(
            name,
            top["title"].text() if "title" in top else name,
            top["source"].text() if "source" in top else "",
            rows,
            tuple(items),
        )

    def item(self, name: str) -> TemplateItem:
        """One item."""
        return next(one for one in self.items if one.name == name)

    def faults(self, values: dict[str, object]) -> dict[str, str]:
        """What is wrong with the form of values, whoever filled them in.

        Parameters
        ----------
        values : dict of str to object
            By item; None or '' is a blank, and right.

        Returns
        -------
        dict of str to str
            By item, only those that are wrong; names that are no item among them.
        """
        known = {item.name: item for item in self.items}
        found = {name: "no item of the template" for name in values if name not in known}
        for name, item in known.items():
            fault = item.fault(values.get(name))
            if fault:
                found[name] = fault
        return found


def _root(text: str, where: str) -> MapNode:
    if len(text) > _MOST_CHARACTERS:
        raise MapError(f"The template has {len(text)} characters", where=where)
    try:
        alias = any(
            isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)
        )
        node = None if alias else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where}, line {mark.line + 1}" if mark else where
        raise MapError(f"The template is no YAML: {error.problem}", where=place) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        kind = type(error).__name__
        raise MapError(f"The template is no YAML: {kind}", where=where) from error
    if node is None:
        found = "has an alias (*)" if alias else "is empty"
        raise MapError(f"The template {found}", expected="'template:', 'items:'", where=where)
    return MapNode(node, where, "")


def _item(node: MapNode) -> TemplateItem:
    given = node.mapping(_ITEM, needs=("name", "type"))
    kind = given["type"].choice(KINDS)
    if (kind == "choice") != ("choices" in given):
        raise node.fault("'choices' of no choice, or a choice without", "both or neither")
    if (kind == "code") != ("pattern" in given):
        raise node.fault("'pattern' of no code, or a code without", "both or neither")
    if kind in ("yes_no", "number", "size") and not {"words", "from"} & set(given):
        raise node.fault("no 'words'", f"'words' or 'from', as the type is {kind}")
    unit = given["unit"].text() if "unit" in given else None
    if kind == "size":
        unit = given["unit"].choice(tuple(UNITS)) if "unit" in given else "mm"
    return TemplateItem(
        name=given["name"].text(),
        title=given["title"].text() if "title" in given else given["name"].text(),
        kind=kind,
        words=_texts(given, "words"),
        along=_texts(given, "with"),
        choices=_choices(given["choices"]) if "choices" in given else {},
        sections=_texts(given, "sections"),
        unit=unit,
        least=given["least"].number() if "least" in given else None,
        most=given["most"].number() if "most" in given else None,
        pattern=_pattern(given["pattern"]) if "pattern" in given else None,
        form=_pattern(given["form"]) if "form" in given else None,
        take=given["take"].choice(("first", "last", "largest")) if "take" in given else "first",
        source=given["from"].choice(FROM) if "from" in given else None,
    )


def _choices(node: MapNode) -> dict[str, tuple[str, ...]]:
    found = {}
    for value, words in node.pairs().items():
        given = tuple(one.text() for one in words.sequence())
        found[value] = given or (value,)
    if not found:
        raise node.fault("no choices", "lines of 'value: [words]'")
    return found


def _texts(given: dict[str, MapNode], name: str) -> tuple[str, ...]:
    if name not in given:
        return ()
    node = given[name]
    found = (node.text(),) if node.is_text() else tuple(one.text() for one in node.sequence())
    if not all(one.strip() for one in found):
        raise node.fault("an empty word", "words")
    return found


def _pattern(node: MapNode) -> re.Pattern[str]:
    try:
        found = re.compile(node.text())
    except re.error as error:
        raise node.fault(f"a pattern that is none: {error}", "a regular expression") from error
    if found.fullmatch(""):
        raise node.fault("a pattern that fits nothing at all", "one that needs a character")
    return found
