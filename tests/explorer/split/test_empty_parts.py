from __future__ import annotations

from explorer.split.empty_parts import empty_parts


def test_only_who_was_asked_for_is_missed() -> None:
    (said,) = empty_parts({"a": ["x"], "b": [], "c": []}, {"a": 0.7, "b": 0.3, "c": 0.0})
    assert "nobody is in b" in said
    assert "0.3" in said
