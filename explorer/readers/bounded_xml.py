"""XML of strangers: no entities, no outside files, no more elements than it is worth."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from explorer.errors import FileRefusedError
from explorer.readers.one_file import describe

XML_BYTES = 16 << 20


def bounded_xml(data: bytes) -> Element:
    """Parse XML.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    xml.etree.ElementTree.Element
        The root.

    Raises
    ------
    FileRefusedError
        It is larger than 16 MiB, no XML, or declares entities, an outside file or a document
        type (CWE-776, CWE-611).
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(data) > XML_BYTES:
        raise FileRefusedError(f"The XML is larger than {XML_BYTES >> 20} MiB")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileRefusedError(
            f"The XML declares a document type or entities: {type(error).__name__}",
            expected="elements alone: an entity may stand for a file, or for memory without end",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise FileRefusedError(f"The XML is broken: {describe(error)}") from error
    return root
