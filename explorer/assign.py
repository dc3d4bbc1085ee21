"""Give files to patients: the same identifier from the same issuer, and nothing weaker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.draft import Header
from explorer.item_id import item_id

_NAMED_BY_FOLDER = ("nifti", "nrrd", "metaimage", "class_files", "picture", "pdf", "text", "wfdb")


@dataclass(frozen=True, order=True)
class Person:
    """Who files belong to: an issuer, and an identifier that is unique there."""

    issuer: str
    identifier: str
    made_up: bool = False


def assign(
    headers: Sequence[Header], issuer: str | Callable[[str], str], patient: str | None = None
) -> dict[Person, list[Header]]:
    """Group headers by patient.

    A file without an identifier gets a made-up one: that of its study, else of its series.
    IssuerOfPatientID keeps two hospitals' equal numbers apart: where one identifier comes with
    several of them in one source tree, each is a patient of its own.

    Parameters
    ----------
    headers : sequence of Header
    issuer : str or callable
        Of all the files, or ``issuer(uri)`` of each.
    patient : str, optional
        Whose the files are that do not say it themselves (``--patient``).

    Returns
    -------
    dict
        Person to headers, in a fixed order.
    """
    trees = [issuer(h.source.uri) if callable(issuer) else issuer for h in headers]
    issuers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for header, tree in zip(headers, trees, strict=True):
        if _unsaid(header) and patient is not None:
            continue
        if header.patient.identifier and header.patient.issuer:
            issuers[tree, header.patient.identifier].add(header.patient.issuer)
    groups: dict[Person, list[Header]] = defaultdict(list)
    for header, tree in zip(headers, trees, strict=True):
        groups[_person(header, tree, patient, issuers)].append(header)
    return dict(sorted(groups.items()))


def _unsaid(header: Header) -> bool:
    if header.detail.get("told"):
        return False  # by a person, for this very file
    by_folder = header.reader in _NAMED_BY_FOLDER and not header.detail.get("placed")
    return not header.patient.identifier or by_folder


def _person(
    header: Header, issuer: str, patient: str | None, issuers: dict[tuple[str, str], set[str]]
) -> Person:
    hint = header.patient
    if patient is not None and _unsaid(header):
        return Person(issuer, patient)
    if hint.identifier:
        apart = len(issuers[issuer, hint.identifier]) > 1
        return Person(f"{issuer}#{hint.issuer or ''}" if apart else issuer, hint.identifier)
    # one study is one patient's (DICOM PS3.3 A.1.2); lying in one folder proves nothing
    return Person(issuer, item_id("unnamed", header.study or header.group), made_up=True)
