"""Export a cohort: the files that another program expects, and a list of what was handed over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from explorer.errors import StoreError
from explorer.export_privacy import ExportPrivacy
from explorer.exports.exporter import Exporter, find_format
from explorer.exports.options import Options
from explorer.exports.parts import parts_of
from explorer.exports.run import Run
from explorer.exports.safe_name import distinct, safe_name
from explorer.html import table_html
from explorer.licence import licence
from explorer.patient import Patient
from explorer.patient_set import PatientSet
from explorer.progress import progress
from explorer.records import now


@dataclass
class ExportedSet:
    """What an export of a cohort wrote.

    Attributes
    ----------
    folder : pathlib.Path
    format : str
    manifest : dict
        As in ``manifest.json``.
    resumed : int
        Patients that an earlier run had written, and this one went on after.
    """

    folder: Path
    format: str
    manifest: dict[str, Any]
    resumed: int = 0

    @property
    def files(self) -> list[dict[str, Any]]:
        """file, sha256, size, and where each came from."""
        found: list[dict[str, Any]] = self.manifest["files"]
        return found

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """patient, item and reason of what was not written."""
        found: list[dict[str, Any]] = self.manifest["left_out"]
        return found

    @property
    def patients(self) -> list[str]:
        """What the files call the patients."""
        return [one["patient"] for one in self.manifest["patients"]]

    @property
    def words(self) -> str:
        """How many patients, and of how many there is no file where others have some."""
        named = {str(one["patient"]) for one in self.files if one.get("patient")}
        bare = sum(one not in named for one in self.patients) if named else 0
        more = f" ({bare} of them without a file of their own)" if bare else ""
        return f"{len(self.patients)} patients{more}"

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(int(one["size"]) for one in self.files)

    def summary(self) -> list[list[Any]]:
        """Kind, files, bytes: one line each."""
        count, size = Counter[str](), Counter[str]()
        for one in self.files:
            kind = str(one.get("kind") or "about the data")
            count[kind] += 1
            size[kind] += int(one["size"])
        return [[kind, count[kind], size[kind]] for kind in count]

    def reasons(self) -> list[list[Any]]:
        """Reason and how often, of what was left out."""
        said = Counter(str(one["reason"]) for one in self.left_out)
        return [[reason, count] for reason, count in said.most_common()]

    def __repr__(self) -> str:
        return (
            f"<Export of {self.words} as {self.format}: {len(self.files)} files, "
            f"{self.bytes} bytes, {len(self.left_out)} left out>"
        )

    def _repr_html_(self) -> str:
        title = f"{self.words} as {self.format} in {self.folder}"
        parts = [table_html(["what", "files", "bytes"], self.summary(), title)]
        if self.left_out:
            parts.append(table_html(["left out, why", "items"], self.reasons()))
        return "".join(parts)


def export_set(
    cohort: PatientSet | Any,
    folder: str | Path,
    format: str = "nifti-csv",
    *,
    split: Any = None,
    **options: Any,
) -> ExportedSet:
    """Write a cohort to a folder, in a format.

    It is written beside the folder and moved there when it is whole; a run that was stopped goes
    on where it was, as long as cohort, format and options are the same. Every file is for its
    owner alone; ``manifest.json`` has the sha256 and the origin of each, the licence, and what
    the format has no place for. The store notes where it went, so that `erase` can name it.

    Parameters
    ----------
    cohort : PatientSet or Split
        A split brings its cohort along.
    folder : path
        New, or empty.
    format : str
        One of `explorer.exports.exporter.formats`.
    split : Split, str or mapping, optional
        Parts become the format's training, validation and test data.
    **options
        See `Options`.

    Returns
    -------
    ExportedSet

    Raises
    ------
    StoreError
        The folder is not empty, another export writes to it, or the format cannot do what is
        asked.
    """
    if not isinstance(cohort, PatientSet):
        cohort, split = cohort.cohort, cohort
    store = cohort.store
    chosen = find_format(format)
    run = Run.at(cohort, Path(folder).absolute(), format, Options.of(options))
    run.parts, run.split = parts_of(store, split)
    if strange := [key for key in cohort.keys if split is not None and key not in run.parts]:
        raise StoreError(f"{len(strange)} patients of the cohort are in no part of the split")
    lock = run.folder.with_name(f"{run.folder.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0, mode=0o600):
            return _write(run, chosen)
    except Timeout:
        raise StoreError("Another export is writing there", where=str(run.place)) from None
    finally:
        lock.unlink(missing_ok=True)


def _write(run: Run, chosen: Exporter) -> ExportedSet:
    cohort, hide = run.cohort, run.options.deidentify
    patients = run.patients = cohort.patients(("items", "files", *chosen.tables))
    hidden = run.hidden = {one.key: ExportPrivacy.of(one) for one in patients} if hide else {}
    _name(run, hidden)
    chosen.begin(run)
    if run.open():
        # noted first: what was begun and broke off is on that disk too
        _pin(run)
    with progress(f"Export as {run.format}", len(patients)) as step:
        for patient in patients:
            if run.done(patient.key):
                run.resumed += 1
            else:
                subject = run.subject(patient)
                with subject.trying("patient"):
                    chosen.write(run, subject)
                run.keep(subject)
            step(run.called[patient.key])
    chosen.finish(run)
    about = next(iter(hidden.values())).manifest() if hidden else {}
    manifest = run.close(_licences(run, patients), about)
    return ExportedSet(run.place, run.format, manifest, run.resumed)


def _name(run: Run, hidden: dict[str, ExportPrivacy]) -> None:
    labels = run.cohort.labels
    for key in run.cohort.keys:
        called = labels[key] if run.options.names == "label" else key
        run.called[key] = hidden[key].pseudonym if hidden else called
    run.names = distinct((key, safe_name(called)) for key, called in run.called.items())


def _pin(run: Run) -> None:
    time = now()
    rows = [
        {
            "holder": f"{run.format} export to {run.place.name}", "kind": "export",
            "patient": head.patient, "version": head.version, "snapshot": head.snapshot,
            "place": str(run.place), "time": time,
        }
        for head in run.cohort.heads
    ]  # fmt: skip
    run.cohort.store.records.append("pins", rows)


def _licences(run: Run, patients: list[Patient]) -> dict[str, int]:
    if run.options.licence:
        return {run.options.licence: len(patients)}
    return dict(Counter(licence(one).line for one in patients).most_common())
