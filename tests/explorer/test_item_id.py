from __future__ import annotations

from explorer.item_id import item_id


def test_an_id_is_stable_short_and_opaque() -> None:
    assert item_id("CT", "1.2.3") == item_id("ct", "1.2.3") == "ct-c47f5b18"
    assert item_id("ct", "1.2.3") != item_id("ct", "1.2.4")


def test_parts_do_not_run_together() -> None:
    assert item_id("ct", "a", "bc") != item_id("ct", "ab", "c")


def test_nothing_hostile_gets_into_an_id() -> None:
    assert item_id("../<x>", "Mustermann^Erika\udcff").startswith("x-")
    assert item_id("!", "").startswith("item-")
