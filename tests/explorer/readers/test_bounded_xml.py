"""XML that would read files or fill memory is refused."""

import pytest

from explorer.errors import FileRefusedError
from explorer.readers.bounded_xml import XML_BYTES, bounded_xml

BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><eCitation>&c;</eCitation>"""
QUADRATIC = b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 50_000 + b'">]><e>' + b"&a;" * 50_000 + b"</e>"
OUTSIDE = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><eCitation>&x;</eCitation>"""
PARAMETER = b"""<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><eCitation/>"""
DTD = b"""<!DOCTYPE eCitation SYSTEM "file:///tmp/e.dtd"><eCitation/>"""


@pytest.mark.parametrize("data", [BOMB, QUADRATIC, OUTSIDE, PARAMETER, DTD])
def test_entities_and_document_types_are_refused(data: bytes) -> None:
    with pytest.raises(FileRefusedError, match="declares a document type or entities"):
        bounded_xml(data)


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"\xff\xfe", b"<a>&unknown;</a>"])
def test_broken_xml_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefusedError, match="broken"):
        bounded_xml(data)


def test_too_much_xml_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="larger"):
        bounded_xml(b" " * (XML_BYTES + 1))


def test_deep_xml_comes_through() -> None:
    depth = 100_000
    root = bounded_xml(b"<a>" * depth + b"</a>" * depth)
    assert sum(1 for _ in root.iter()) == depth


def test_plain_xml_is_parsed() -> None:
    assert bounded_xml(b"<a>x &amp; &#233;</a>").text == "x & é"
