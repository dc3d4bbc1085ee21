"""A node of a map's YAML that knows its line and key, so that every fault can be located."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from explorer.errors import MapError


class MapNode:
    """A node of YAML; scalars are the text that stands there ('no' is no boolean).

    Parameters
    ----------
    node : yaml.Node
    where : str
        The file.
    key : str
        Way to the node: ``tables[0].columns.age``.
    """

    def __init__(self, node: yaml.Node, where: str, key: str) -> None:
        self._node, self._where, self._key = node, where, key

    def fault(self, found: str, expected: str) -> MapError:
        """An error with the node's place."""
        place = f"{self._where}, line {self._node.start_mark.line + 1}"
        return MapError(
            f"The map says {found}",
            expected=expected,
            where=f"{place}, key {self._key}" if self._key else place,
        )

    def is_text(self) -> bool:
        """Whether it is a scalar."""
        return isinstance(self._node, yaml.ScalarNode)

    def text(self) -> str:
        """The scalar as it stands; an empty one that is not quoted is empty text."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.fault("a list or a mapping", "one word or text")
        return str(self._node.value)

    def choice(self, of: Iterable[str]) -> str:
        """The scalar, which is one of a few."""
        text, known = self.text(), tuple(of)
        if text not in known:
            raise self.fault(repr(text), f"one of {', '.join(known)}")
        return text

    def number(self) -> float:
        """The scalar as a number."""
        try:
            return float(self.text())
        except ValueError:
            raise self.fault(repr(self.text()), "a number") from None

    def sequence(self) -> list[MapNode]:
        """The nodes of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.fault("no list", "a list: lines that begin with '- '")
        nodes: list[Any] = self._node.value
        return [MapNode(one, self._where, f"{self._key}[{n}]") for n, one in enumerate(nodes)]

    def pairs(self) -> dict[str, MapNode]:
        """The nodes of a mapping, whatever its keys are."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.fault("no mapping", "lines of 'key: value'")
        found: dict[str, MapNode] = {}
        for key, value in self._node.value:
            name = MapNode(key, self._where, self._key).text()
            way = f"{self._key}.{name}" if self._key else name
            if name in found:
                raise MapNode(key, self._where, way).fault("the key twice", "each key once")
            found[name] = MapNode(value, self._where, way)
        return found

    def mapping(self, allowed: tuple[str, ...], needs: tuple[str, ...] = ()) -> dict[str, MapNode]:
        """The nodes of a mapping of which the keys are known."""
        found = self.pairs()
        for name, node in found.items():
            if name not in allowed:
                raise node.fault(f"the key {name!r}", f"of {', '.join(allowed)}")
        for name in needs:
            if name not in found:
                raise self.fault(f"no {name!r}", f"the key {name!r}")
        return found
