from __future__ import annotations

import sys

import pytest

from explorer.progress import progress


def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Files", 2) as step:
        step("one")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_text_and_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress("Files", 1) as step:
        step("[red]x[/nothing] \x1b]0;title\x07")
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b]0;" not in err
    assert "[red]x" in err
