from __future__ import annotations

from widgets.node_label import node_label


def test_what_stands_beside_a_node() -> None:
    assert node_label({"kind": "finding", "name": "nodule", "assertion": "absent"}) == (
        "nodule (absent)"
    )
    assert node_label(
        {"kind": "measurement", "name": "size", "values": [20.0, 9.0], "unit": "mm"}
    ) == ("size: 20 x 9 mm")
    assert node_label({"kind": "fact", "name": "age", "state": "unknown: not asked"}) == (
        "age: unknown: not asked"
    )
    assert node_label({"kind": "study", "name": "study", "date": "2006-01-03"}) == (
        "study 2006-01-03"
    )
    assert node_label({"kind": "event", "name": ""}) == "event"


def test_a_name_is_one_printable_line() -> None:
    label = node_label({"kind": "fact", "name": "a\n\x1b[31m" + "x" * 500})
    assert label.startswith("a \\x1b[31mx")
    assert len(label) == 120
