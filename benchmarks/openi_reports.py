"""The Open-i chest X-ray reports of Indiana University, read from where they were published.

PyPI's wheel ``torchxrayvision`` 1.5.7 holds them as ``NLMCXR_reports.tgz`` (CC BY-NC-ND 4.0: they
are read there, and never shipped).
"""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree

SECTIONS = ("comparison", "indication", "findings", "impression")
HEADERS = ("{}:", "{}: ", "{}:\n", "{}\n")
SEED = 20


@dataclass(frozen=True)
class OpeniReport:
    """A report.

    Attributes
    ----------
    uid : str
        The file's stem.
    half : int
        0 to tune on, 1 to report on: ``int(sha256(uid), 16) % 2``.
    parts : dict of str to str
        The texts of its four sections as they stand in the XML; '' where there is none.
    mesh : tuple of str
        Its index terms, 'Opacity/lung/base/left'.
    """

    uid: str
    half: int
    parts: dict[str, str]
    mesh: tuple[str, ...]

    @property
    def text(self) -> str:
        """Findings and impression, a line break between them, as in the XML."""
        return f"{self.parts['findings']}\n{self.parts['impression']}"


def openi_reports(source: Path) -> list[OpeniReport]:
    """Read the reports.

    Parameters
    ----------
    source : Path
        The wheel, the ``.tgz`` in it, or a folder with the XML files.
    """
    found = []
    for name, raw in _files(source):
        root = ElementTree.fromstring(raw)
        texts = {one.get("Label", "").lower(): one.text or "" for one in root.iter("AbstractText")}
        uid = Path(name).stem
        found.append(
            OpeniReport(
                uid,
                int(hashlib.sha256(uid.encode()).hexdigest(), 16) % 2,
                {part: texts.get(part, "") for part in SECTIONS},
                tuple(one.text or "" for one in root.iter("major")),
            )
        )
    return sorted(found, key=lambda one: int(one.uid) if one.uid.isdigit() else 0)


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for file in sorted(source.rglob("*.xml")):
            yield file.name, file.read_bytes()
        return
    raw = source.read_bytes()
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith("NLMCXR_reports.tgz"))
            raw = wheel.read(name)
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".xml"):
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name, file.read()


@dataclass(frozen=True)
class AssembledReport:
    """A report put together from the sections of one in the XML, some headers left out.

    Attributes
    ----------
    uid, text : str
    spans : tuple of (str, int, int)
        Where each section's own text stands.
    """

    uid: str
    text: str
    spans: tuple[tuple[str, int, int], ...]


def assemble(
    report: OpeniReport, *, removed: float, breaks: bool, seed: int = SEED
) -> AssembledReport:
    """Put a report together.

    Comparison and indication come first, in either order; a header's form, the break behind a
    section and whether a header is left out are drawn at random, the same for the same report.

    Parameters
    ----------
    report : OpeniReport
    removed : float
        Probability that a header is left out.
    breaks : bool
        Whether sections begin on lines of their own; a space otherwise.
    seed : int
    """
    rng = random.Random(f"{seed}-{report.uid}-{removed}-{breaks}")
    order = list(SECTIONS)
    if rng.random() < 0.5:
        order[:2] = order[1], order[0]
    header, capitals = rng.choice(HEADERS), rng.random() < 0.5
    text, spans = "", []
    for name in order:
        body = report.parts[name].strip()
        if not body:
            continue
        if text:
            text += rng.choice(("\n", "\n\n")) if breaks else " "
        if rng.random() >= removed:
            text += (header if breaks else "{}: ").format(
                name.upper() if capitals else name.title()
            )
            text += "" if text[-1].isspace() else " "
        spans.append((name, len(text), len(text) + len(body)))
        text += body
    return AssembledReport(report.uid, text, tuple(spans))
