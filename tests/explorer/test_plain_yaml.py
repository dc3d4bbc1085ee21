"""Values as they are written; a name twice is told with its line."""

from __future__ import annotations

import pytest
import yaml

from explorer.plain_yaml import plain_yaml


def test_values_are_plain() -> None:
    assert plain_yaml("a: 1\nb: [x, {c: null}]\n") == {"a": 1, "b": ["x", {"c": None}]}
    assert plain_yaml('{"a": {"a": true}}') == {"a": {"a": True}}
    # what a mapping takes over from another one may be said anew
    assert plain_yaml("base: &b {k: 1}\none: {<<: *b, k: 2}\n")["one"] == {"k": 2}


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "m: {rna: 1,\n rna: 2}", '{"a":1,\n"a":2}'])
def test_a_name_twice_is_an_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match=r"stands here twice[\s\S]*line \d"):
        plain_yaml(text)


def test_nothing_but_plain_values_is_made() -> None:
    with pytest.raises(yaml.YAMLError):
        plain_yaml("!!python/object/apply:os.getcwd []")
