"""What the readers of formats share: hostile JSON, and values that are what they should be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from graphs.errors import FormatError

T = TypeVar("T")

_MOST = 1 << 28  # characters; a document of a quarter of a gigabyte is none of these formats
_PLAIN = re.compile(r"[A-Za-z_]\w{0,40}\Z")
_LONE = re.compile("[\ud800-\udfff]")
_NAMES: dict[type, str] = {
    dict: "an object", list: "a list", str: "a text", int: "a whole number", float: "a number",
    bool: "true or false", type(None): "null",
}  # fmt: skip


def parse(source: Any) -> Any:
    """JSON that can be kept: no key twice, no NaN, no lone surrogate, not too deep.

    Parameters
    ----------
    source : str, bytes, or what JSON gives
        What is no text is taken as parsed already.

    Raises
    ------
    FormatError
    """
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError("The document is not UTF-8", expected="UTF-8", where="$") from error
    if not isinstance(source, str):
        return _kept(source)
    if len(source) > _MOST:
        raise FormatError(f"A document of {len(source)} characters", where="$")
    if _LONE.search(source):
        raise FormatError("A lone surrogate, which is no character", where="$")
    try:
        found = json.loads(source.lstrip("\ufeff"), object_pairs_hook=_once, parse_constant=_no)
    except FormatError:
        raise
    except RecursionError as error:
        raise FormatError("The document is nested too deeply", where="$") from error
    except ValueError as error:
        raise FormatError(f"Not JSON: {error}", expected="a JSON document", where="$") from error
    if "\\u" in source:
        _kept(found)
    return found


def dump(value: Any) -> str:
    """JSON as we write it."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FormatError(f"The key {twice!r} twice in one object", where="$")
    return found


def _no(name: str) -> Any:
    raise FormatError(f"The number {name}", expected="a number that JSON has", where="$")


def _kept(value: Any) -> Any:
    """Refuse what cannot be stored."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"Not what JSON can hold: {error}", where="$") from error
    if _LONE.search(text):
        raise FormatError("A lone surrogate, which is no character", where="$")
    return value


def pieces(source: Any) -> list[tuple[str | int, str]]:
    """The records of a document, each with its own characters.

    Parameters
    ----------
    source : str, bytes, or what JSON gives
        A list or an object that `parse` took.

    Returns
    -------
    list of (key or index, str)
        Of what was not text, JSON as we write it.
    """
    if isinstance(source, bytes):
        source = source.decode("utf-8-sig")
    if not isinstance(source, str):
        found = source.items() if isinstance(source, dict) else enumerate(source)
        return [(name, json.dumps(one, ensure_ascii=False)) for name, one in found]
    text = source.lstrip("\ufeff")
    decoder, at = json.JSONDecoder(), _past(text, 0)
    made: list[tuple[str | int, str]] = []
    inside = _past(text, at + 1)
    while text[inside] not in "]}":
        name: str | int = len(made)
        if text[at] == "{":
            name, inside = decoder.raw_decode(text, inside)
            inside = _past(text, _past(text, inside) + 1)
        _, end = decoder.raw_decode(text, inside)
        made.append((name, text[inside:end]))
        inside = _past(text, end)
        if text[inside] == ",":
            inside = _past(text, inside + 1)
    return made


def _past(text: str, at: int) -> int:
    """The next place that is no white space."""
    while text[at : at + 1] in (" ", "\t", "\n", "\r"):
        at += 1
    return at


class Place:
    """A value of a document, and where it stands.

    Parameters
    ----------
    found : object
        As `parse` gave it.
    path : str
        JSON path: ``$.findings[2].boxes``.
    """

    def __init__(self, found: Any, path: str = "$") -> None:
        self.found = found
        self.path = path

    def fail(self, expected: str) -> FormatError:
        """The error that says what is here instead."""
        shown = _NAMES.get(type(self.found), "something else")
        if isinstance(self.found, str | int | float) and not isinstance(self.found, bool):
            shown = f"{self.found!r}"[:80]
        return FormatError(f"Found {shown}", expected=expected, where=self.path)

    def step(self, name: str | int) -> str:
        """The path one step down."""
        if isinstance(name, int):
            return f"{self.path}[{name}]"
        return f"{self.path}.{name}" if _PLAIN.match(name) else f"{self.path}[{name!r:.60}]"

    def as_(self, kind: type[T]) -> T:
        """The value, which must be of a kind; a whole number is a number.

        Raises
        ------
        FormatError
        """
        value = self.found
        fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and kind is not bool):
            raise self.fail(_NAMES[kind])
        if kind in (int, float) and abs(cast(float, value)) > 2**53:
            raise self.fail("a number of at most 2**53")
        return cast(T, value)

    def at(self, name: str) -> Place:
        """One step down; the key must be there.

        Raises
        ------
        FormatError
        """
        found = self.as_(dict)
        if name not in found:
            raise FormatError(f"No key {name!r}", expected=f"{name!r}", where=self.path)
        return Place(found[name], self.step(name))

    def has(self, name: str) -> bool:
        """Whether an object has a key."""
        return name in self.as_(dict)

    def value(self, name: str, kind: type[T]) -> T:
        """The value of a key.

        Raises
        ------
        FormatError
        """
        return self.at(name).as_(kind)

    def maybe(self, name: str, kind: type[T]) -> T | None:
        """The value of a key; None where the key is missing or null.

        Raises
        ------
        FormatError
        """
        found = self.as_(dict).get(name)
        return None if found is None else Place(found, self.step(name)).as_(kind)

    def each(self, name: str | None = None) -> Iterator[Place]:
        """The elements of a list, here or at a key.

        Raises
        ------
        FormatError
        """
        here = self if name is None else self.at(name)
        for k, one in enumerate(here.as_(list)):
            yield Place(one, here.step(k))

    def items(self) -> Iterator[tuple[str, Place]]:
        """The values of an object by key.

        Raises
        ------
        FormatError
        """
        for name, one in self.as_(dict).items():
            yield name, Place(one, self.step(name))

    def others(self, *known: str) -> dict[str, Any]:
        """What an object has beyond the keys that are known."""
        return {name: one for name, one in self.as_(dict).items() if name not in known}
