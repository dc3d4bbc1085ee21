"""Whose a table is and what its rows are: real tables first."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from explorer.errors import FileRefusedError
from explorer.readers.guess_identifier import part_of
from explorer.readers.guess_table import guess_table
from explorer.readers.table_file import read_table_file, table_kind
from explorer.readers.table_meaning import Meaning
from explorer.readers.table_sheet import Sheet


def sheet(**columns: list[str | None]) -> Sheet:
    return Sheet(None, pa.table({n: pa.array(c, pa.string()) for n, c in columns.items()}))


def real(path: Path) -> Meaning:
    kind = table_kind(path.name, path.read_bytes()[:16])
    assert kind is not None
    (found,) = read_table_file(path, kind)
    return guess_table(found, path.name)


def test_tcga_one_row_a_patient(shared_data: Path) -> None:
    found = real(shared_data / "tcga_clinical_pancan" / "clinical_data.tsv.gz")
    assert (found.rows, found.identifier) == ("patient", "submitter_id")
    assert (found.columns["days_to_death"].kind, found.columns["days_to_death"].zero) == (
        "days", "diagnosis",
    )  # fmt: skip
    vital, plain = found.outcomes
    assert (vital.time, vital.followed, vital.unit) == (
        "days_to_death", "days_to_last_follow_up", "days",
    )  # fmt: skip
    assert vital.codes == {"Alive": "censored", "Dead": "event"}
    assert (plain.time, plain.event, plain.unit) == ("time", "event", None)


def test_lidc_a_row_an_annotation(shared_data: Path) -> None:
    found = real(shared_data / "lidc_annotations" / "lidc_idri_annotations.csv.gz")
    assert (found.rows, found.identifier) == ("event", "patient_id")
    assert found.columns["malignancy"].per == "row"
    assert found.columns["slice_thickness"].per == "patient"
    assert found.columns["annotation_id"].kind == "text"


@pytest.mark.parametrize(
    "name",
    [
        "lidc_0314_ct_subset/contours.csv",
        "tcga_clinical_pancan/multisurv_published_results.csv",
        "qin_prostate_pcampmri00001_adc_seg/paths.csv",
        "pyradiomics_nrrd/baseline/baseline_shape.csv",
    ],
)
def test_real_tables_of_no_patients_are_refused_with_advice(shared_data: Path, name: str) -> None:
    with pytest.raises(FileRefusedError, match="identifier: COLUMN"):
        real(shared_data / name)


def test_never_between_two() -> None:
    with pytest.raises(FileRefusedError, match="'case_id', 'PatientID' all name patients"):
        guess_table(sheet(case_id=["a"], PatientID=["b"]), "t.csv")


def test_samples_are_no_patients() -> None:
    barcodes: list[str | None] = ["TCGA-2F-A9KO-01A-11R", "TCGA-2F-A9KP-01A-11R"]
    for name in ("sample", "PatientID", "x"):
        with pytest.raises(FileRefusedError, match="part: 'TCGA-XX-XXXX'"):
            guess_table(sheet(**{name: barcodes, "age": ["63", "71"]}), "t.csv")
    unnamed = guess_table(sheet(x=["TCGA-2F-A9KO", "TCGA-2F-A9KP"], age=["63", "71"]), "t.csv")
    assert unnamed.identifier == "x"


def test_the_part_of_a_sample_that_is_the_patient() -> None:
    assert part_of("TCGA-2F-A9KO-01A-11R", "TCGA-XX-XXXX") == "TCGA-2F-A9KO"
    assert part_of("Glioma-TCGA-CS-4941", "TCGA-XX-XXXX") == "TCGA-CS-4941"
    assert part_of("TCGA-2F-A9KOO-01A", "TCGA-XX-XXXX") is None
    assert part_of("TCGA-2F-A9KO TCGA-2F-A9KP", "TCGA-XX-XXXX") is None
    assert part_of("S.1", "S.X") == "S.1"
    assert part_of("Sx1", "S.X") is None  # a dot is a dot


def test_events_with_code_and_dates() -> None:
    found = guess_table(
        sheet(
            patient_id=["P1", "P1", "P2"],
            sex=["F", "F", "M"],
            icd10=["C34.1", "J18.9", "C34.1"],
            start_date=["2019-03-31", "2019-05-01", "2018-01-02"],
            end_date=["2019-04-30", None, "2018-02-02"],
        ),
        "diagnoses.csv",
    )
    assert found.rows == "event"
    assert (found.code, found.time, found.end) == ("icd10", "start_date", "end_date")
    assert found.columns["sex"].per == "patient"


def test_rows_that_are_the_same_are_duplicates_and_no_events() -> None:
    found = guess_table(sheet(patient_id=["P1", "P1"], age=["63", "63"]), "t.csv")
    assert found.rows == "patient"


def test_wide_blocks_by_the_end_of_their_names() -> None:
    columns: dict[str, list[str | None]] = {"case_id": ["P1", "P2"], "age": ["63", "71"]}
    columns |= {f"G{n}_rnaseq": ["0.5", "-1"] for n in range(120)}
    columns |= {f"G{n}_mut": ["0", "1"] for n in range(5)}
    columns |= {f"radVar{n}": ["1", "2"] for n in range(150)}
    found = guess_table(sheet(**columns), "wide.csv.gz")
    assert [(b.name, len(b.columns), b.pattern) for b in found.vectors] == [
        ("rnaseq", 120, "*_rnaseq"), ("mut", 5, "*_mut"), ("wide", 151, None),
    ]  # fmt: skip
    assert found.vectors[0].features[:2] == ["G0", "G1"]


def test_censorship_is_the_other_way_round() -> None:
    found = guess_table(
        sheet(case_id=["P1", "P2"], survival_months=["24.1", "3"], censorship=["0", "1"]), "t.csv"
    )
    (outcome,) = found.outcomes
    assert outcome.codes == {"0": "event", "1": "censored"}
    assert outcome.unit == "months"


def test_codes_that_are_not_the_usual_ones_are_left_to_the_person() -> None:
    lung = sheet(subject=["1", "2", "3"], time=["306", "455", "1010"], event=["2", "2", "1"])
    found = guess_table(lung, "lung.csv")  # R's survival::lung: 1 is censored, 2 is dead
    assert found.outcomes == []
    assert "what '2', '1' mean is not said" in found.notes[0]
