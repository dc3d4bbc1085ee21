"""What is selected, and what lights up with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explorer.address import Address
from explorer.errors import AddressError
from widgets.selection import Selection

A, B, C = (f"onco:k/images/{name}" for name in "abc")


def test_pick_lights_what_is_related() -> None:
    selection = Selection(lambda one: [C] if one == A else [])
    seen: list[Any] = []
    selection.observe(lambda change: seen.append((selection.picked, change["new"])), "lit")
    selection.pick(A, by="report")
    assert seen == [((A,), (A, C))]
    assert selection.by == "report"
    assert [one.item for one in selection.of_kind("images")] == ["a", "c"]
    assert selection.of_kind("reports") == []


def test_versions_are_left_out() -> None:
    selection = Selection()
    selection.pick(Address.parse(A + "@3#voxel=1,2,3"))
    assert selection.picked == (A + "#voxel=1,2,3",)


def test_a_second_click_is_a_pick() -> None:
    selection = Selection()
    selection.pick(A)
    selection.pick(A)
    assert selection.picks == 2
    selection.back()
    assert selection.picked == ()


def test_add_toggles() -> None:
    selection = Selection()
    selection.pick(A)
    selection.pick(B, add=True)
    assert selection.picked == (A, B)
    selection.pick(A, add=True)
    assert selection.picked == (B,)


def test_back_and_forward() -> None:
    selection = Selection()
    for one in (A, B, C):
        selection.pick(one)
    selection.back()
    selection.back()
    assert selection.picked == (A,)
    selection.forward()
    assert selection.picked == (B,)
    selection.pick(C)
    selection.forward()
    assert selection.picked == (C,)


def test_text_and_file(tmp_path: Path) -> None:
    selection, other = Selection(), Selection()
    selection.pick(A + "#voxel=1,2,3", "onco:k/reports/r%201#chars=3:9")
    other.of_text(selection.to_text() + "\n\n")
    assert other.picked == selection.picked
    selection.save(tmp_path / "here.json")
    other.clear()
    other.load(tmp_path / "here.json")
    assert other.picked == selection.picked


def test_what_is_no_address_changes_nothing(tmp_path: Path) -> None:
    selection = Selection()
    selection.pick(A)
    for wrong in ("<img src=x>", A + "\nnot one"):
        with pytest.raises(AddressError):
            selection.of_text(wrong)
    (tmp_path / "x.json").write_text("[]")
    (tmp_path / "y.json").write_text("{")
    for name in ("x.json", "y.json"):
        with pytest.raises(AddressError, match=r"Selection\.save"):
            selection.load(tmp_path / name)
    assert selection.picked == (A,)


def test_refresh_looks_up_again() -> None:
    known: list[str] = []
    selection = Selection(lambda _: known)
    selection.pick(A)
    known.append(B)
    selection.refresh()
    assert selection.lit == (A, B)
