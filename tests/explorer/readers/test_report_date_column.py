"""Tables of reports: their text, language and date, by the reader of tables."""

import json
from pathlib import Path

import explorer
from explorer.ingest import ingest
from explorer.readers.report_date_column import report_date_column

LONG = (
    "CT of the chest without contrast. There is a nodule of 9 mm in the right upper lobe, "
    "unchanged since the prior examination"
)


def test_the_name_says_it() -> None:
    assert report_date_column(["birth_date", "report_date"]) == "report_date"
    assert report_date_column(["Date"]) == "Date"
    assert report_date_column(["birth_date", "date_of_death"]) is None
    assert report_date_column(["exam_date", "report_date"]) is None


def test_a_csv_of_reports(tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text(
        "patient_id,report_date,report\n"
        f'P1,2019-04-09,"{LONG}, stable.\nNo effusion."\n'
        f'P2,2019-05-10,"{LONG}, growing."\n'
        f'P1,,"{LONG}, gone."\n'
    )
    result = ingest(tmp_path / "reports.csv", tmp_path / "s.onco")
    shown = {one["column"]: one["meaning"] for one in result.shown}
    assert "report" in shown["report"]
    store = explorer.open(tmp_path / "s.onco")
    first, third = sorted(store["P1"].rows("texts"), key=lambda row: row["row"])
    assert first["text"] == f"{LONG}, stable.\nNo effusion."
    assert (first["date"], first["language"], first["row"]) == ("2019-04-09", "en", 1)
    assert json.loads(first["detail"])["language"]["certainty"] > 0.5
    assert json.loads(first["detail"])["column"] == "report"
    assert (third["date"], third["row"]) == (None, 3)
