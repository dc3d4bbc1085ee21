from __future__ import annotations

from explorer.split.shares_words import shares_words


def test_what_shares_come_to() -> None:
    assert shares_words({"a": 2, "b": 1}) == "shares 2 : 1 of 3, so a 66.67%, b 33.33%"
    assert shares_words({"a": 0.8, "b": 0.3}).startswith("shares 0.8 : 0.3 of 1.1, so a 72.73%")


def test_nothing_is_said_of_a_whole_and_of_what_is_none() -> None:
    for shares in ({"a": 0.7, "b": 0.2, "c": 0.1}, {"a": 1}, {}, {"a": 0}, {"a": float("nan")},
                   {"a": 2, "b": -1}):  # fmt: skip
        assert shares_words(shares) == ""
