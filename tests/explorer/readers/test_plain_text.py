"""Every character of a text is kept, whatever wrote it."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import FileRefusedError
from explorer.readers.plain_text import TEXT_BYTES, is_text, plain_text

REPORT = "Befund: Größe 9 mm \u2013 unverändert.\r\nBeurteilung:\tkein Rezidiv…\n"


@pytest.mark.parametrize(
    ("data", "encoding", "note"),
    [
        (REPORT.encode(), "utf-8", None),
        (codecs.BOM_UTF8 + REPORT.encode(), "utf-8", "UTF-8 with a byte order mark"),
        (codecs.BOM_UTF16_LE + REPORT.encode("utf-16-le"), "utf-16-le", "little endian"),
        (codecs.BOM_UTF16_BE + REPORT.encode("utf-16-be"), "utf-16-be", "big endian"),
        (codecs.BOM_UTF32_LE + REPORT.encode("utf-32-le"), "utf-32-le", "UTF-32"),
        (REPORT.encode("cp1252"), "cp1252", "Windows-1252"),
    ],
)
def test_the_same_report_in_each_encoding(data: bytes, encoding: str, note: str | None) -> None:
    read = plain_text(data)
    assert read.text == REPORT
    assert read.encoding == encoding
    assert (note is None) if read.note is None else (note or "") in read.note


def test_utf16_without_a_mark_is_told_by_its_zeros() -> None:
    read = plain_text("FINDINGS: none, unchanged.".encode("utf-16-be"))
    assert read.text == "FINDINGS: none, unchanged."
    assert read.note == "read as UTF-16-BE without a byte order mark"


def test_one_broken_byte_does_not_spoil_the_rest_of_a_utf8_text() -> None:
    read = plain_text("Größe über 9 mm".encode() + b"\xff" + " \u2013 gut".encode())
    assert read.text == "Größe über 9 mm\ufffd \u2013 gut"
    assert read.note == "1 places are no UTF-8, shown as U+FFFD"


def test_bytes_without_a_meaning_in_windows_1252_are_counted() -> None:
    read = plain_text(b"mass \x81 of 3 cm \x9d")
    assert read.text == "mass \ufffd of 3 cm \ufffd"
    assert read.note is not None
    assert "2 places" in read.note


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"text\0text", bytes(range(1, 8)) * 9 + b"\xff"]
)
def test_what_is_no_text_is_told(data: bytes) -> None:
    assert not is_text(data)
    with pytest.raises(FileRefusedError, match="no text"):
        plain_text(data)


def test_control_characters_of_a_text_are_kept() -> None:
    text = "brown fo\x07\x08\x1b[2J\x01 and one zero \0 in a long text"
    assert plain_text(text.encode()).text == text


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="larger than"):
        plain_text(b"a" * (TEXT_BYTES + 1))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_comes_back_from_utf8(text: str) -> None:
    # a mark at its beginning is the file's, not the text's
    assert plain_text(text.encode()).text == text.removeprefix("\ufeff")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    if is_text(data):
        assert plain_text(data).text.encode() is not None
    else:
        with pytest.raises(FileRefusedError, match="no text"):
            plain_text(data)
