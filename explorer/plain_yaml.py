"""plain_yaml: a YAML or JSON text as plain values; a name that stands twice is an error."""

from __future__ import annotations

from typing import Any

import yaml


def plain_yaml(text: str) -> Any:
    """Read a text that a person wrote.

    YAML's own loader takes the last of two values of one name, so that a modality which was
    written twice would be read as one.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict, list, str, number, bool or None

    Raises
    ------
    yaml.YAMLError
        It is no YAML, or a mapping has a name twice; the message has the lines.
    """
    # the loader is a safe one: it makes plain values only
    return yaml.load(text, Loader=_Once)


class _Once(yaml.SafeLoader):  # type: ignore[misc] # yaml has no types
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
