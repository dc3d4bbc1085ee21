from __future__ import annotations

from widgets.node_facts import node_facts


def test_what_is_known_as_text() -> None:
    about = {"kind": "fact", "name": "<b>\x1b", "patient": "k", "day": None, "number": 1 / 3,
             "genes": [f"G{k}" for k in range(60)], "day_state": "absent",
             "verdicts": [{"cue": "size", "says": "agrees", "why": None}]}  # fmt: skip
    rows = dict(node_facts("onco:k/facts/f", about))
    assert rows == {
        "kind": "fact", "name": "<b>\\x1b", "number": "0.333333", "day state": "absent",
        "verdicts": "cue: size, says: agrees",
        "genes": ", ".join(f"G{k}" for k in range(40)) + ", and 20 more",
        "address": "onco:k/facts/f",
    }  # fmt: skip
