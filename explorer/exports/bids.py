"""A data set laid out like BIDS 1.10, masks as its derivatives.

https://bids-specification.readthedocs.io. Modalities that BIDS has no place for (CT, radiographs,
MR of no known weighting) are named in its manner and listed in ``.bidsignore``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from explorer.exports.run import Run, software
from explorer.exports.safe_name import plain_name
from explorer.exports.subject import Subject
from explorer.exports.told_tables import OPEN, patient_rows, write_csv, write_tables
from explorer.exports.write_nifti import check_even, image_values, write_nifti
from explorer.image import Image
from explorer.segmentation import Segmentation

_VERSION = "1.10.0"
_DERIVED = "derivatives/oncograph"
_WEIGHTS = (
    (r"flair", "FLAIR"), (r"t2\W*\*|t2star", "T2starw"), (r"t1", "T1w"), (r"t2", "T2w"),
    (r"\bpd\b|proton", "PDw"),
)  # fmt: skip
_IGNORED = ("**/ct/**", "**/mr/**", "**/xray/**", "phenotype/oncograph-tables.json",
            "manifest.json")  # fmt: skip


class BidsExporter:
    """Writes sub-/ses- folders, participants.tsv, sessions.tsv, scans.tsv, phenotype and masks.

    A session is a day of acquisition. Records go to ``phenotype/``; masks to
    ``derivatives/oncograph/``, one file a segment, so that they may overlap.
    """

    name = "bids"
    about = "BIDS-like: sub-/ses-, participants.tsv, phenotype, derivatives for masks"
    tables: Sequence[str] = ("segments", "runs", *OPEN)

    def begin(self, run: Run) -> None:
        """Give patients names of letters and digits alone."""
        names = {key: plain_name(called) or "x" for key, called in run.called.items()}
        count = Counter(name.casefold() for name in names.values())
        for key, name in names.items():
            if count[name.casefold()] > 1:
                name = f"{name[:30]}x{plain_name(key)[:10]}"
            run.names[key] = run.called[key] = f"sub-{name}"

    def write(self, run: Run, subject: Subject) -> None:
        """Write a patient's sessions."""
        patient = subject.patient
        dates = {subject.date(one.acquired) for one in patient.images.values()}
        days = sorted(one for one in dates if one)
        sessions = {day: f"ses-{k:02}" for k, day in enumerate(days, start=1)}
        scans: dict[str, list[dict[str, Any]]] = {}
        files: dict[str, str] = {}

        def one(item: Any) -> None:
            if isinstance(item, Image):
                day = subject.date(item.acquired) or ""
                session = sessions.get(day, "ses-undated")
                files[item.id] = _image(subject, item, session)
                relative = files[item.id].partition(f"{session}/")[2]
                time = f"{day}T00:00:00" if day else "n/a"
                scans.setdefault(session, []).append({"filename": relative, "acq_time": time})
            else:
                _masks(subject, item, files.get(item.image or ""))

        subject.each(one)
        rows = [
            {"session_id": session, "acq_time": f"{day}T00:00:00"}
            for day, session in sessions.items()
            if session in scans
        ]
        _tsv(subject, f"{subject.name}/{subject.name}_sessions.tsv", rows)
        for session, held in scans.items():
            _tsv(subject, f"{subject.name}/{session}/{subject.name}_{session}_scans.tsv", held)
        subject.leave_others("waveforms", "slides", "runs")

    def finish(self, run: Run) -> None:
        """Write what speaks of the whole data set."""
        terms = run.options.licence or "see manifest.json"
        by = {"Name": "oncograph", "Version": software().get("oncograph", "")}
        about = {"Name": run.title, "BIDSVersion": _VERSION, "License": terms, "GeneratedBy": [by]}
        run.add_json("dataset_description.json", {**about, "DatasetType": "raw"}, kind="index")
        if (run.folder / _DERIVED).is_dir():
            derived = {**about, "DatasetType": "derivative", "DatasetLinks": {"raw": "../.."}}
            run.add_json(f"{_DERIVED}/dataset_description.json", derived, kind="index")
        path = run.folder / "participants.tsv"
        names = ["participant_id", "sex", *(["group"] if run.parts else [])]
        write_csv(path, names, _participants(run), "\t")
        run.add(path, kind="index")
        columns = {"sex": {"Description": "sex", "Levels": {"M": "male", "F": "female"}}}
        if run.parts:
            columns["group"] = {"Description": "part of the split"}
        run.add_json("participants.json", columns, kind="index")
        for name, text in (
            ("README", f"{run.title}\n\nWritten by oncograph; manifest.json says from what.\n"),
            (".bidsignore", "\n".join(_IGNORED) + "\n"),
        ):
            (run.folder / name).write_text(text, "utf-8")
            run.add(run.folder / name, kind="index")
        write_tables(run, folder="phenotype/", sep="\t", head="participant_id")


def _participants(run: Run) -> Iterator[dict[str, Any]]:
    for row in patient_rows(run):
        yield {
            "participant_id": row["patient"], "sex": row["sex"] or "n/a",
            "group": row["part"] or "n/a",
        }  # fmt: skip


def place_of(image: Image) -> tuple[str, str]:
    """Folder and suffix of an image: ``('anat', 'T1w')``."""
    if image.modality == "PT":
        return "pet", "pet"
    if image.modality == "CT":
        return "ct", "ct"
    if image.modality == "MR":
        for pattern, suffix in _WEIGHTS:
            if re.search(pattern, image.name, re.I) and len(image.shape) == 3:
                return "anat", suffix
        return "mr", "mr"
    return "xray", "xray"


def _image(subject: Subject, image: Image, session: str) -> str:
    folder, suffix = place_of(image)
    acquisition = plain_name(subject.id(image.id))
    stem = f"{subject.name}_{session}_acq-{acquisition}_{suffix}"
    path = subject.path(f"{subject.name}/{session}/{folder}/{stem}.nii.gz")
    write_nifti(path, image_values(image), image.affine)
    file = subject.add(path, **subject.about(image))
    said = {
        "Modality": image.modality, "Units": image.units, "OncographItem": subject.id(image.id),
        "SeriesDescription": subject.label(image.name), "Synthetic": image.synthetic,
        "AcquisitionDate": subject.date(image.acquired), "BodyPartExamined": image.body_part,
    }  # fmt: skip
    _json(subject, file.replace(".nii.gz", ".json"), said)
    return file


def _masks(subject: Subject, segmentation: Segmentation, image: str | None) -> None:
    session = re.search(r"/(ses-[0-9a-z]+)/([a-z]+)/", image or "")
    place = f"{session[1]}/{session[2]}" if session else "anat"
    head = f"{subject.name}_{session[1]}" if session else subject.name
    acq = re.search(r"_acq-([0-9A-Za-z]+)", image or "")
    stem = f"{head}_acq-{acq[1]}" if acq else head
    item = subject.id(segmentation.id)
    about = subject.about(segmentation)
    for row in segmentation.segments:
        with subject.trying(f"{item} segment {row['position'] + 1}"):
            check_even(segmentation)
            name = subject.segment(row)
            label = f"{row['position'] + 1:03}{plain_name(name, 30)}"
            end = f"_label-{label}_desc-{plain_name(item)}_mask"
            path = subject.path(f"{_DERIVED}/{subject.name}/{place}/{stem}{end}.nii.gz")
            write_nifti(path, segmentation.own_mask(row["name"]).values, segmentation.affine)
            file = subject.add(path, **about, segment=name)
            said = {
                "Type": "ROI", "Sources": [f"bids:raw:{image}"] if image else [],
                "SegmentLabel": name, "SegmentNumber": row["number"],
                "CodeValue": row["code_value"], "CodingSchemeDesignator": row["code_scheme"],
                "CodeMeaning": row["code_meaning"], "Synthetic": segmentation.synthetic,
                "SegmentAlgorithmType": row["algorithm_type"],
                "SeriesDescription": subject.label(segmentation.name),
                "AcquisitionDate": subject.date(segmentation.acquired),
            }  # fmt: skip
            _json(subject, file.replace(".nii.gz", ".json"), said)


def _json(subject: Subject, file: str, said: dict[str, Any]) -> None:
    path = subject.path(file)
    kept = {name: value for name, value in said.items() if value not in (None, "")}
    path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    subject.add(path, kind="index")


def _tsv(subject: Subject, file: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        path = subject.path(file)
        write_csv(path, list(rows[0]), iter(rows), "\t")
        subject.add(path, kind="index")
