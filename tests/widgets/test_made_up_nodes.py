from __future__ import annotations

from typing import Any

from widgets.made_up_nodes import made_up_nodes


def _node(kind: str, patient: str, synthetic: bool = True) -> dict[str, Any]:
    return {"kind": kind, "patient": patient, "synthetic": synthetic}


def test_a_real_person_with_a_generated_report_is_real() -> None:
    nodes = [
        _node("patient", "a"), _node("image", "a", synthetic=False), _node("report", "a"),
        _node("patient", "b"), _node("image", "b"), _node("study", "b", synthetic=False),
    ]  # fmt: skip
    assert made_up_nodes(nodes).tolist() == [0, 0, 1, 1, 1, 0]
    assert made_up_nodes([]).tolist() == []
