from __future__ import annotations

from explorer.printable import printable


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert printable("\x1b[2J\x07\r\0") == r"\x1b[2J\x07\r\x00"
    assert printable("gpj.\u202eexe") == r"gpj.\u202eexe"
    assert printable("M\udcfcller") == r"M\udcfcller"
    assert printable("\u2028\x85\x9b") == r"\u2028\x85\x9b"


def test_letters_of_every_script_stay() -> None:
    for text in ("Müller", "患者", "пациент", "مريض", "👩\u200d⚕️", "[bold]", "a\nb", ""):
        assert printable(text) == text
    assert printable(None) == "None"
