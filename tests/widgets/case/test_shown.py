from __future__ import annotations

from explorer.html import Raw
from widgets.case.shown import shown


def test_text_is_text() -> None:
    assert shown("<script>'\"&") == "&lt;script&gt;&#x27;&quot;&amp;"
    assert shown("a\r\nb\tc") == "a\nb\tc"
    assert shown("\x00\x1b\ud800\u202ee") == "\\x00\\x1b\\ud800\u202ee"
    assert shown(None) == "&ndash;"
    assert shown(Raw("<b>")) == "<b>"
    assert shown("".encode("utf-8", "backslashreplace")) == "b&#x27;&#x27;"
