"""CheXpert and CheXpert Plus: labels, reports with their tags, people (rows are synthetic)."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from explorer.address import Address
from explorer.ingest import ingest
from explorer.readers.chexpert import ChexpertReader
from explorer.readers.reader import Reader
from explorer.store import Store

INSURANCE = ["Medicare", "Medicaid", "Private Insurance", None]
REPORT = (
    "NARRATIVE:\nCHEST, [DATE], by Dr. <NAME>.\n\n"
    "FINDINGS:\nHeart is ___ enlarged, côté gauche.\n\n"
    "IMPRESSION:\n1. Cardiomegaly {n}. Compared with [DATE]."
)


def plus_table(count: int = 50) -> pd.DataFrame:
    """A table in CheXpert Plus' column form; every second patient has a second view."""
    rng = random.Random(1)
    rows = []
    for n in range(count):
        patient, view = f"patient{n // 2 * 2 + 1:05}", n % 2 + 1
        report = REPORT.format(n=n // 2)
        rows.append(
            {
                "path_to_image": f"train/{patient}/study1/view{view}_frontal.jpg",
                "path_to_dcm": f"train/{patient}/study1/view{view}_frontal.dcm",
                "frontal_lateral": "Frontal", "ap_pa": rng.choice(["AP", "PA"]),
                "deid_patient_id": patient, "patient_report_date_order": 1, "report": report,
                "section_findings": "Heart is ___ enlarged, côté gauche.",
                "section_impression": f"1. Cardiomegaly {n // 2}. Compared with [DATE].",
                "section_history": "",
                "age": 40 + n // 2, "sex": ["Male", "Female"][n // 2 % 2],
                "race": "Unknown", "ethnicity": "Not Hispanic",
                "insurance_type": INSURANCE[n // 2 % 4], "recent_bmi": 20.5 + n // 2,
                "deceased": "No",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture
def plus(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path / "chexpert_plus"
    folder.mkdir()
    table = plus_table()
    table.to_csv(folder / "df_chexpert_plus_240401.csv", index=False)
    for n, path in enumerate(table["path_to_image"]):
        place = folder / "PNG" / path.replace(".jpg", ".png")
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((16, 16), n, np.uint8)).save(place)
    return folder, table


def test_is_a_reader() -> None:
    assert isinstance(ChexpertReader(), Reader)


def test_counts_by_sex_age_and_insurance_equal_pandas(
    plus: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    folder, table = plus
    result = ingest(folder, tmp_path / "s.onco")
    assert result.counts["refused"] == 0
    store = Store(tmp_path / "s.onco")
    people = table.drop_duplicates("deid_patient_id")
    assert sorted(store) == sorted(people["deid_patient_id"])
    assert all(len(store[name].images) == 2 for name in store)
    sexes = store.sql("select sex, count(*) as n from patients group by sex")
    found = dict(zip(sexes["sex"], sexes["n"], strict=True))
    assert found == {
        "M": int((people["sex"] == "Male").sum()),
        "F": int((people["sex"] == "Female").sum()),
    }
    for column in ("insurance_type", "age"):
        rows = store.sql(
            "select value, count(distinct patient) as n from facts "
            f"where name = '{column}' group by value"
        )
        counted = dict(zip(rows["value"], rows["n"], strict=True))
        assert counted == people.groupby(column).size().rename(str).to_dict()
    assert ingest(folder, store).changed is False


def test_a_report_is_kept_verbatim_and_its_tags_are_addresses(
    plus: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    folder, table = plus
    ingest(folder, tmp_path / "s.onco")
    store = Store(tmp_path / "s.onco")
    patient = store["patient00003"]
    (report,) = patient.reports.values()
    assert report.text == table["report"][2]
    rows = patient.rows("observations")
    tags = [row for row in rows if row["group"] == "phi_tag"]
    assert [row["value"] for row in tags] == ["[DATE]", "<NAME>", "___", "[DATE]"]
    sections = {row["value"]: row for row in rows if row["group"] == "section"}
    assert set(sections) == {"FINDINGS", "IMPRESSION"}
    for row in [*tags, *sections.values()]:
        target = Address.parse(f"onco:{patient.key}/{row['target']}").resolve(store)
        expected = row["value"]
        if row["group"] == "section":
            expected = table[f"section_{row['value'].lower()}"][2]
        assert target.value == expected


def test_labels_of_chexpert(tmp_path: Path) -> None:
    folder = tmp_path / "CheXpert-v1.0-small"
    folder.mkdir()
    (folder / "train.csv").write_text(
        "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema,Pneumonia\n"
        "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,,\n"
        "CheXpert-v1.0-small/train/patient00002/study2/view1_frontal.jpg,Male,87,Frontal,AP,,-1.0,0.0\n"
        "CheXpert-v1.0-small/train/patient00002/study2/view2_lateral.jpg,Male,87,Lateral,,,7,\n"
        "../../etc/passwd,Male,87,Lateral,,,1,\n"
    )
    result = ingest(tmp_path, tmp_path / "s.onco")
    two = Store(tmp_path / "s.onco")["patient00002"]
    rows = two.rows("observations")
    assert [(row["name"], row["value"], row["number"]) for row in rows] == [
        ("Edema", "uncertain", -1.0),
        ("Pneumonia", "absent", 0.0),
    ]
    assert [(row["value"], row["unit"]) for row in two.rows("facts")] == [("87", "years at study2")]
    assert {(f["row"], f["column"]) for f in result.faults} == {(3, "Edema"), (4, "Path")}


@pytest.mark.slow
def test_flipped_bytes_and_truncations_give_one_status_each(tmp_path: Path) -> None:
    """500 of 10 valid tables: one status a file."""
    rng = random.Random(23)
    folder = tmp_path / "src"
    for number in range(10):
        text = io.StringIO()
        plus_table(4 + number).to_csv(text, index=False)
        valid = text.getvalue().encode()
        for k in range(50):
            broken = bytearray(valid)
            if k % 5 == 0:
                del broken[rng.randrange(1, len(broken)) :]
            else:
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            place = folder / f"{number}_{k}"
            place.mkdir(parents=True)
            (place / "df.csv").write_bytes(broken)
    result = ingest(folder, tmp_path / "s.onco")
    assert len(result.files) == 500
    assert len({row["path"] for row in result.files}) == 500
