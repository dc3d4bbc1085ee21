"""cBioPortal study folders: clinical data, samples, mutations, matrices, timelines."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from explorer.draft import Grid, Header, PatientHint, Reading, Source
from explorer.errors import FileSkippedError
from explorer.readers.cbioportal_study import read_study
from explorer.readers.tab_lines import tab_head
from explorer.records_draft import TablesReading

_DATA = {
    "clinical_patient": r"data_(?:bcr_)?clinical(?:_data)?_patients?",
    "clinical_sample": r"data_(?:bcr_)?clinical(?:_data)?_samples?",
    "clinical": r"data_clinical",
    "mutations": r"data_mutations?(?:_\w+)?",
    "timeline": r"data_(?:clinical_)?timeline(?:_\w+)?",
    "profile": r"data_(?:\w*cna|\w*mrna\w*|expression\w*|rna_seq\w*|rppa\w*|protein\w*|"
    r"methylation\w*|mirna\w*|gistic\w*scores?)",
}
_KINDS = {kind: re.compile(f"{pattern}\\.txt", re.I) for kind, pattern in _DATA.items()}
_META = re.compile(r"meta_\w+\.txt", re.I)


class CbioportalReader:
    """Reads a study folder as one: its samples' file says whose the samples are."""

    name = "cbioportal"

    def peek(self, source: Source) -> Header | None:
        """Claim the files of a study by their names and heads.

        Raises
        ------
        FileSkippedError
            It is of a study, and of a kind that is not read.
        """
        name = source.path.name
        if not name.lower().endswith(".txt"):
            return None
        kind = next((k for k, pattern in _KINDS.items() if pattern.fullmatch(name)), None)
        if kind is None and _META.fullmatch(name) and _is_meta(source):
            kind = "meta"
        if kind is None:
            if _is_case_list(source):
                raise FileSkippedError("a list of samples that is derived from a study's data")
            if name.lower().startswith("data_") and _is_data(source):
                raise FileSkippedError("a cBioPortal file of a kind that is not read")
            return None
        if kind != "meta" and not tab_head(source.path):
            return None
        folder = str(PurePosixPath(source.uri.replace("\\", "/")).parent)
        return Header(
            source, self.name, "table", f"{self.name}:{folder}", PatientHint(None),
            detail={"kind": kind},
        )  # fmt: skip

    def read(self, headers: list[Header], grids: list[Grid]) -> Reading:
        """Read a study; it is of many patients, so ingest calls `read_tables`."""
        reading = self.read_tables(headers)
        return Reading(list(reading.drafts), reading.statuses)

    def read_tables(self, headers: list[Header]) -> TablesReading:
        """Turn the files of a study into records of its patients."""
        return read_study(headers)


def _start(source: Source) -> str:
    with source.path.open("rb") as file:
        return file.read(1 << 12).decode("utf-8", "replace")


def _is_meta(source: Source) -> bool:
    start = _start(source)
    return "cancer_study_identifier" in start or "genetic_alteration_type" in start


def _is_case_list(source: Source) -> bool:
    start = _start(source)
    return "case_list_ids:" in start and "cancer_study_identifier:" in start


def _is_data(source: Source) -> bool:
    return (source.path.parent / "meta_study.txt").is_file()
