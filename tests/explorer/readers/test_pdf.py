"""Reports as PDF, into a store."""

import json
import shutil
from pathlib import Path

import explorer
from explorer.ingest import ingest

DATA = Path(__file__).parents[2] / "data" / "reports"


def test_a_text_layer_becomes_a_report_and_a_scan_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    shutil.copytree(DATA, folder)
    shutil.copy(DATA / "ct.pdf", folder / "README.pdf")
    (folder / "odd.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n")
    (folder / "no.pdf").write_bytes(b"not one at all")
    store = explorer.open(tmp_path / "s.onco", create=True)
    result = ingest(folder, store)
    (patient,) = (store[name] for name in store)
    (row,) = patient.rows("texts")
    assert patient.label == "anna"
    assert (row["date"], row["name"]) == ("2019-04-09", "ct.pdf")
    pages = json.loads(row["detail"])["pages"]
    assert [row["text"][slice(*span)] for span in pages][1] == "IMPRESSION: Suspicious nodule."
    told = {Path(one["path"]).name: (one["status"], one["reason"]) for one in result.files}
    assert told["ct.pdf"][0] == "ingested"
    assert told["scan.pdf"][0] == "refused"
    assert "no text layer" in told["scan.pdf"][1]
    assert told["README.pdf"][0] == "skipped"
    assert told["odd.pdf"][0] == "refused"
    assert told["no.pdf"] == ("skipped", "no reader knows this kind of file")
