"""What an Open-i eCitation says: sections, MeSH, images; parsed, with the text put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.errors import FileRefusedError
from explorer.readers.bounded_xml import bounded_xml

ROOT = b"<eCitation"


@dataclass(frozen=True)
class OpeniImage:
    """An image that the report speaks of.

    Attributes
    ----------
    id : str
        The image's name without a suffix, ``CXR1_1_IM-0001-3001``.
    figure, caption, url : str or None
    """

    id: str
    figure: str | None
    caption: str | None
    url: str | None


@dataclass(frozen=True)
class OpeniSection:
    """A section, and where its words stand in `OpeniReport.text`; an empty one has no span."""

    label: str
    text: str
    span: tuple[int, int] | None


@dataclass
class OpeniReport:
    """One report of the Open-i collection.

    Attributes
    ----------
    uid : str
        ``CXR1``.
    text : str
        ``LABEL: words``, the sections in the file's order with an empty line between.
    sections : list of OpeniSection
    mesh : list of (str, str)
        'major' (given by people) or 'automatic' (by a program), and the term.
    images : list of OpeniImage
    title, language, published : str or None
        `published` is the collection's date, not the examination's.
    """

    uid: str
    text: str
    sections: list[OpeniSection]
    mesh: list[tuple[str, str]] = field(default_factory=list)
    images: list[OpeniImage] = field(default_factory=list)
    title: str | None = None
    language: str | None = None
    published: str | None = None


def openi_report(data: bytes) -> OpeniReport:
    """Parse an eCitation.

    Demner-Fushman et al., Preparing a collection of radiology examinations for distribution and
    retrieval, JAMIA 23 (2016).

    Parameters
    ----------
    data : bytes

    Returns
    -------
    OpeniReport

    Raises
    ------
    FileRefusedError
        It is no whole eCitation with an identifier.
    """
    root = bounded_xml(data)
    if root.tag != "eCitation":
        raise FileRefusedError(f"The XML is a {root.tag[:60]!r}", expected="an Open-i eCitation")
    about = root.find("uId")
    uid = (about.get("id") or "").strip() if about is not None else ""
    if not uid:
        raise FileRefusedError("The eCitation has no uId", expected='<uId id="CXR1"/>')
    text, sections = "", []
    for part in root.iter("AbstractText"):
        label, words = part.get("Label") or "TEXT", "".join(part.itertext())
        if not words.strip():
            sections.append(OpeniSection(label, "", None))
            continue
        text += ("\n\n" if text else "") + f"{label}: "
        sections.append(OpeniSection(label, words, (len(text), len(text) + len(words))))
        text += words
    mesh = root.find("MeSH")
    terms = [(term.tag, term.text or "") for term in mesh] if mesh is not None else []
    images = [
        OpeniImage(
            one.get("id") or "", one.findtext("figureId"), one.findtext("caption"),
            one.findtext("panel/url"),
        )
        for one in root.iter("parentImage")
    ]  # fmt: skip
    language = root.findtext("MedlineCitation/Article/Language")
    title, published = root.findtext("title"), root.findtext("articleDate")
    return OpeniReport(uid, text, sections, terms, images, title, language, published)
