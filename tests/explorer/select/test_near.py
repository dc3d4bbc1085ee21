from __future__ import annotations

from explorer.select.near import near

KNOWN = ["age_at_diagnosis", "stage", "Sex", "CT", "MR"]


def test_what_may_have_been_meant() -> None:
    assert near("age", KNOWN)[:2] == ["age_at_diagnosis", "stage"]
    assert near("CTT", KNOWN) == ["CT"]
    assert near("SXE", KNOWN)[0] == "Sex"
    assert near("", KNOWN) == []
    assert near("(", KNOWN) == near("ct", []) == []
    assert len(near("a", [f"a{n}" for n in range(20)])) == 8
