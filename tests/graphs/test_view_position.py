"""The view of a radiograph, from what headers say."""

from __future__ import annotations

import pytest

from graphs.view_position import view_position


@pytest.mark.parametrize(
    ("position", "orientation", "name", "kind", "mirrored", "contradicts"),
    [
        ("PA", ["L", "F"], "PA", "frontal", False, False),
        ("AP", None, "AP", "frontal", False, False),
        ("postero-anterior", "L\\F", "PA", "frontal", False, False),
        ("AP_AXIAL", ["R", "F"], "AP", "frontal", True, False),
        ("LL", ["P", "F"], "LL", "lateral", False, False),
        ("RL", ["A", "F"], "RL", "lateral", False, False),
        ("LATERAL", None, "lateral", "lateral", False, False),
        (None, ["P", "F"], "lateral", "lateral", False, False),
        ("", "L\\F", "frontal", "frontal", False, False),
        ("PA", ["A", "F"], "PA", "frontal", False, True),
        ("LLD", ["L", "F"], "LLD", "frontal", False, False),
        ("SWIMMERS", [], None, "other", False, False),
        (None, None, None, None, False, False),
        ("LAO", ["LA", "F"], "LAO", "oblique", False, False),
        (None, ["L", "P"], None, None, False, False),  # an axial slice is no radiograph's view
    ],
)
def test_views(
    position: str | None, orientation: list[str] | str | None, name: str | None,
    kind: str | None, mirrored: bool, contradicts: bool,
) -> None:  # fmt: skip
    found = view_position(position, orientation)
    assert (found.name, found.kind) == (name, kind)
    assert (found.mirrored, found.contradicts) == (mirrored, contradicts)
    assert found.by
