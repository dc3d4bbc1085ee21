from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import MapError
from graphs.text.template_schema import TemplateSchema


@pytest.mark.parametrize("name", TemplateSchema.own())
def test_own_templates(name: str) -> None:
    schema = TemplateSchema.read(name)
    assert schema.name == name
    assert schema.source
    assert len(schema.items) > 3


def test_the_lymphoma_form_has_twelve_items() -> None:
    assert len(TemplateSchema.read("lymphoma_ct").items) == 12


BROKEN = [
    ("template: x\nitems:\n- {name: a, type: wrong}\n", r"line 3, key items\[0\]\.type"),
    ("template: x\nitems:\n- name: a\n  type: choice\n", r"'choices'.*line 3, key items\[0\]"),
    ("template: x\nitems:\n- name: a\n  type: code\n  pattern: '(('\n", r"line 5.*\.pattern"),
    ("template: x\nitems:\n- {name: a, type: code, pattern: 'x*'}\n", "fits nothing at all"),
    ("template: x\nitems:\n- {name: a, type: yes_no}\n", "'words'.*line 3"),
    ("template: x\nitems:\n- {name: a, type: text, colour: red}\n", r"'colour'.*line 3"),
    ("items:\n- {name: a, type: text}\n- {name: a, type: text}\ntemplate: x", "'a' twice.*line 3"),
    ("template: x\nrows: b\nitems:\n- {name: a, type: text}\n", "line 2, key rows"),
    ("template: x\nrows: a\nitems:\n- {name: a, type: text}\n", "no choice.*line 2"),
    ("template: x\n", "no 'items'"),
    ("a: &x 1\nb: *x\n", "alias"),
    ("[", "no YAML.*line"),
    ("", "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), BROKEN)
def test_errors_name_line_and_key(tmp_path: Path, body: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(body)
    with pytest.raises(MapError, match=said) as caught:
        TemplateSchema.read(file)
    assert "own.yaml" in str(caught.value)


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(MapError, match="lymphoma_ct"):
        TemplateSchema.read("nothing")


@pytest.mark.parametrize(
    ("item", "value", "right"),
    [
        ("contrast", "yes", True),
        ("contrast", "maybe", False),
        ("contrast", None, True),
        ("response", "partial", True),
        ("response", "great", False),
        ("spleen_size", (120.0,), True),
        ("spleen_size", 120.0, True),
        ("spleen_size", (12.0,), False),
        ("spleen_size", "12 cm", False),
        ("spleen_size", (120.0, float("nan")), False),
        ("spleen_size", True, False),
        ("nothing", 1, False),
    ],
)
def test_the_form_of_a_value(item: str, value: object, right: bool) -> None:
    assert (TemplateSchema.read("lymphoma_ct").faults({item: value}) == {}) is right
