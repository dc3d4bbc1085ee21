"""A list that is a table in a notebook."""

from __future__ import annotations

from explorer.shown_list import ShownList


def test_it_is_a_list_and_shows_its_cells_as_text() -> None:
    shown = ShownList([("<b>a</b>", 1), ("b", None)], ["name", "count"], lambda row: row, "things")
    assert shown == [("<b>a</b>", 1), ("b", None)]
    html = shown._repr_html_()
    assert "2 things" in html
    assert "&lt;b&gt;a&lt;/b&gt;" in html
    assert "<b>" not in html


def test_a_long_list_is_cut_and_says_so() -> None:
    html = ShownList(range(500), ["n"], lambda n: [n], "numbers")._repr_html_()
    assert "500 numbers, 100 shown" in html
    assert html.count("<tr>") == 101
