"""De-identify the files of a run: a copy of each, from which everything else is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import FileRefusedError, FileSkippedError, StoreError
from explorer.privacy.identifiers import Identifiers
from explorer.privacy.risks import BURNED_IN, FREE_TEXT
from explorer.privacy.scrub_dicom import Scrubbed, dicom_identifiers, scrub_dicom
from explorer.privacy.scrub_picture import scrub_picture
from explorer.privacy.scrub_table import scrub_table, table_identifiers
from explorer.privacy.scrub_text import scrub_text
from explorer.privacy.scrub_volume import scrub_nifti, scrub_nrrd
from explorer.privacy.secret import NAME, Secret, forget_secret

if TYPE_CHECKING:
    from explorer.store import Store

TEXTS, TABLES = (".txt", ".md"), (".csv", ".tsv", ".tab")
VOLUMES = (".nii", ".nii.gz", ".nrrd")
_PICTURES = (".png", ".jpg", ".jpeg")
_MOST_TEXT = 64 << 20

People = Mapping[str, Identifiers]


@dataclass(frozen=True)
class Deidentification:
    """How the files of a run are de-identified; goes to every worker.

    Attributes
    ----------
    secret : Secret
    copies : pathlib.Path
        Folder of the run, for de-identified copies; mode 0700, gone with the run.
    outside : pathlib.Path
        Folder of the run outside of the store, for what archives unpack to.
    patient : str or None
        Whose the files are that do not say it (the real identifier).
    refuse_burned_in : bool
        Refuse pictures that may have text in their pixels.
    """

    secret: Secret
    copies: Path
    outside: Path
    patient: str | None = None
    refuse_burned_in: bool = False


@dataclass
class Known:
    """What the run's own files say of their patients, by pseudonym; in memory alone."""

    people: dict[str, Identifiers] = field(default_factory=dict)

    def add(self, identifier: str, own: Identifiers, secret: Secret) -> None:
        """Add what a file says of a patient."""
        who = secret.pseudonym(identifier) if identifier else ""
        self.people.setdefault(who, Identifiers()).merge([own])

    def of(self, relative: str, patient: str | None) -> dict[str, Identifiers]:
        """What may stand in a file: of the patients that its hidden name names, else of all."""
        named = {who: own for who, own in self.people.items() if who and who in relative}
        if patient is not None and patient in self.people:
            named[patient] = self.people[patient]
        return named or self.people


def secret_of(store: Store) -> Secret:
    """The secret of a store, made where there is none.

    Raises
    ------
    StoreError
        The store is not on this machine: a secret does not belong beside what is shared.
    """
    if not store.place.local:
        raise StoreError(
            "De-identification needs a store in a local folder",
            expected="a folder, where its key can be kept from others",
            do="ingest into a local store, and copy that to S3 without its key",
        )
    return Secret.of(store.path / NAME, create=True)


def forget_key(store: Store | str | Path) -> bool:
    """Destroy the secret of a store: nothing leads from its pseudonyms back to anybody.

    What is ingested later gets other pseudonyms, UIDs and shifts.

    Returns
    -------
    bool
        Whether there was one.
    """
    from explorer.store import as_store

    return forget_secret(as_store(store).path / NAME)


def speaks_of(path: Path) -> Iterable[tuple[str, Identifiers]]:
    """What a file says of its patients: a DICOM header, or a table."""
    if _suffix(path.name) in TABLES:
        return table_identifiers(path).items()
    if _suffix(path.name) in (*TEXTS, *VOLUMES, *_PICTURES):
        return ()
    found = dicom_identifiers(path)
    return () if found is None else (found,)


def deidentify(
    source: Path,
    target: Path,
    how: Deidentification,
    people: People,
    whose: str | None = None,
) -> Scrubbed:
    """Write a de-identified copy of a file.

    Parameters
    ----------
    source, target : pathlib.Path
        `target` is made with mode 0600; its name has nothing of a person.
    how : Deidentification
    people : mapping
        Pseudonym to what a patient can be told by: those who may be spoken of.
    whose : str or None
        Pseudonym of the patient that a text will be given to; without one its dates go.

    Returns
    -------
    Scrubbed

    Raises
    ------
    FileRefusedError
        It cannot be de-identified; the message has nothing of the file's contents.
    FileSkippedError
        It is of a kind that is not de-identified yet.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    everybody = Identifiers().merge(people.values())
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        done = _copy(source, part, how, people, everybody, whose)
        part.chmod(0o600)
        part.replace(target)  # a name that others may look for is never missing
    finally:
        part.unlink(missing_ok=True)
    done = replace(done, path=target)
    risk = next((one for one in done.risks if one.startswith(BURNED_IN)), None)
    if risk and how.refuse_burned_in:
        target.unlink()
        raise FileRefusedError(risk, do="look at it, and ingest it without --refuse-burned-in")
    return done


def _copy(
    source: Path, target: Path, how: Deidentification, people: People, everybody: Identifiers,
    whose: str | None,
) -> Scrubbed:  # fmt: skip
    suffix = _suffix(source.name)
    if suffix in (".nii", ".nii.gz"):
        scrub_nifti(source, target)
        return Scrubbed(target)
    if suffix == ".nrrd":
        scrub_nrrd(source, target, everybody)
        return Scrubbed(target)
    if suffix in _PICTURES:
        scrub_picture(source, target)
        return Scrubbed(target, [f"{BURNED_IN}: a picture file does not say"])
    if suffix in TABLES:
        table = scrub_table(source, target, how.secret, people, how.patient)
        risks = [f"columns left out: {', '.join(table.dropped)}"] if table.dropped else []
        return Scrubbed(target, risks + ([FREE_TEXT] if table.free_text else []))
    if suffix in TEXTS:
        _text(source, target, everybody, how.secret.shift(whose) if whose else None)
        return Scrubbed(target, [FREE_TEXT])
    done = scrub_dicom(source, target, how.secret, everybody, how.patient)
    if done is None:
        raise FileSkippedError("this kind of file is not de-identified yet, and is left out")
    return done


def _text(source: Path, target: Path, everybody: Identifiers, shift: int | None) -> None:
    if source.stat().st_size > _MOST_TEXT:
        raise FileRefusedError("It cannot be de-identified: a text of more than 64 MiB")
    data = source.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    target.write_text(scrub_text(text, everybody, shift), "utf-8")


def _suffix(name: str) -> str:
    lower = name.lower()
    return ".nii.gz" if lower.endswith(".nii.gz") else Path(lower).suffix
