"""Files of tables as columns of text: real ones, odd ones, hostile ones."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.errors import FileRefusedError
from explorer.readers.table_file import read_table_file, table_kind
from explorer.readers.table_sheet import Sheet, unique_names


def read(path: Path) -> list[Sheet]:
    kind = table_kind(path.name, path.read_bytes()[:16])
    assert kind is not None
    return read_table_file(path, kind)


def one(path: Path) -> Sheet:
    (sheet,) = read(path)
    return sheet


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


REAL = [
    "tcga_clinical_pancan/clinical_data.tsv.gz",
    "lidc_annotations/lidc_idri_annotations.csv.gz",
    "lidc_0314_ct_subset/contours.csv",
    "tcga_clinical_pancan/multisurv_published_results.csv",
    "pyradiomics_nrrd/baseline/baseline_firstorder.csv",
]


@pytest.mark.parametrize("name", REAL)
def test_real_tables_read_as_pandas_reads_them(shared_data: Path, name: str) -> None:
    path = shared_data / name
    sheet = one(path)
    frame = pd.read_csv(path, sep="\t" if ".tsv" in name else ",", dtype=str, keep_default_na=False)
    assert sheet.columns == list(frame.columns)
    for column in frame:
        assert [cell or "" for cell in sheet.texts(str(column))] == list(frame[column])
    assert sheet.row_numbers() == list(range(1, len(frame) + 1))


def test_real_parquet_reads_as_pandas_reads_it(shared_data: Path) -> None:
    path = shared_data / "idc_index_subset" / "idc_series_subset.parquet"
    sheet, frame = one(path), pd.read_parquet(path)
    assert sheet.columns == list(frame.columns)
    for column in frame:
        assert sheet.data[column].null_count == frame[column].replace("", None).isna().sum()
    assert [int(cell or 0) for cell in sheet.texts("instanceCount")] == list(frame["instanceCount"])


def test_separators_encodings_and_decimal_commas_stay_as_they_are(tmp_path: Path) -> None:
    text = "Patient;Größe (cm)\nMüller;1,75\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "windows-1252"):
        sheet = one(write(tmp_path, "t.csv", text.encode(encoding)))
        assert sheet.columns == ["Patient", "Größe (cm)"]
        assert sheet.texts("Größe (cm)") == ["1,75"]
        assert encoding.removesuffix("-sig") in sheet.how
        assert "semicolons" in sheet.how


def test_heads_of_other_programs(tmp_path: Path) -> None:
    written_by_r = one(write(tmp_path, "r.csv", "age,sex\nP1,63,F\nP2,71,M\n"))
    assert written_by_r.columns == ["Unnamed: 0", "age", "sex"]
    commented = one(write(tmp_path, "c.tsv", "#version 2.4\nid\tage\nP1\t63\n"))
    assert commented.columns == ["id", "age"]
    hashed = one(write(tmp_path, "h.tsv", "#id\tage\nP1\t63\n"))
    assert hashed.columns == ["#id", "age"]
    assert unique_names(["x", "", "x", "x.1", None]) == [
        "x",
        "Unnamed: 1",
        "x.2",
        "x.1",
        "Unnamed: 4",
    ]


def test_rows_that_do_not_fit_are_named_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    sheet = one(write(tmp_path, "t.csv", "id,age\nP1,63\nP2,71,9\nP3\nP4,50,\nP5,44\n"))
    assert sheet.texts("id") == ["P1", "P4", "P5"]
    assert sheet.row_numbers() == [1, 4, 5]
    assert [(fault.row, fault.found) for fault in sheet.faults] == [(2, "P2,71,9"), (3, "P3")]


def test_a_workbook_of_two_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Baseline"
    sheet.append(["id", "age", "born", "sum"])
    sheet.append(["P1", 63, pd.Timestamp("1956-02-29").to_pydatetime(), "=1+1"])
    sheet.append([])
    sheet.append(["P2", 71.5, None, '=cmd|" /C calc"!A0'])
    book.create_sheet("Visits").append(["id", "day"])
    book["Visits"].append(["P1", True])
    book.create_sheet("Empty")
    book.save(tmp_path / "t.xlsx")
    first, second = read(tmp_path / "t.xlsx")
    assert (first.name, second.name) == ("Baseline", "Visits")
    assert first.texts("age") == ["63", "71.5"]
    assert first.texts("born") == ["1956-02-29", None]
    assert first.texts("sum") == ["=1+1", '=cmd|" /C calc"!A0']  # text, never evaluated
    assert first.row_numbers() == [1, 3]
    assert second.texts("day") == ["TRUE"]


def test_bombs_and_entities_are_refused_before_they_unpack(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<a>" + b" " * (64 << 20) + b"</a>")
    with pytest.raises(FileRefusedError, match="claims to unpack"):
        read(bomb)
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append(["P1"])
    book.save(tmp_path / "plain.xlsx")
    laughs = tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(laughs, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data
            new.writestr(part.filename, data)
    with pytest.raises(FileRefusedError, match="entities"):
        read(laughs)
    packed = write(tmp_path, "bomb.csv.gz", gzip.compress(b"a,b\n" + b"0" * (600 << 20), 1))
    with pytest.raises(FileRefusedError, match="too large"):
        read(packed)


def test_names_and_contents_that_disagree(tmp_path: Path) -> None:
    for name in ("t.csv.gz", "t.xlsx", "t.parquet", "t.xls"):
        with pytest.raises(FileRefusedError):
            read(write(tmp_path, name, "id,age\nP1,63\n"))
    with pytest.raises(FileRefusedError, match="not text"):
        read(write(tmp_path, "t.csv", bytes(range(32)) * 0 + b"\x00" * 500))
    assert table_kind("notes.txt", b"id,age\nP1") is None
    inner = write(tmp_path, "t.csv.zip", "id,age\nP1,63\n")  # real: so named inside of an archive
    assert one(inner).texts("age") == ["63"]


_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)


@pytest.mark.parametrize("head", ["third", "a\x00b"])  # Arrow's reader, and the one row by row
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=6))
def test_what_pandas_writes_is_what_is_read(
    tmp_path: Path, head: str, rows: list[tuple[str, str, str]]
) -> None:
    frame = pd.DataFrame(rows, columns=["id", "second", head]).assign(last="end")
    frame.to_csv(tmp_path / "t.csv", index=False)
    sheet = one(tmp_path / "t.csv")
    for column in frame:
        assert [cell or "" for cell in sheet.texts(str(column))] == list(frame[column])


def _valid(kind: str, folder: Path) -> bytes:
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{n}" for n in range(40)],
            "age": range(40, 80),
            "note": ['a "b", c'] * 40,
        }
    )
    if kind == "csv":
        return frame.to_csv(index=False).encode()
    if kind == "xlsx":
        out = io.BytesIO()
        frame.to_excel(out, index=False)
        return out.getvalue()
    pq.write_table(pa.Table.from_pandas(frame), folder / "valid.parquet")
    return (folder / "valid.parquet").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("csv", 100), ("xlsx", 100), ("parquet", 12)])
def test_flipped_and_cut_files_read_or_are_refused(tmp_path: Path, kind: str, count: int) -> None:
    valid = _valid(kind, tmp_path)
    chance = random.Random(20261125)
    read_well = 0
    for n in range(count):
        data = bytearray(valid)
        if n % 2:
            del data[chance.randrange(1, len(data)) :]
        else:
            for _ in range(chance.choice((1, 1, 1, 8))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path = write(tmp_path, f"broken.{kind}", bytes(data))
        try:
            read_well += bool(read(path))
        except FileRefusedError:
            continue
    assert read_well < count
