from __future__ import annotations

import json

import typer
from typer.testing import CliRunner

from explorer.address import Address
from graphs.commands.check import check

RUN = CliRunner()
app = typer.Typer()
app.command()(check)


def test_document_and_exit_status(visits, visit, tmp_path):
    made = type(visits)(tmp_path)
    text = "FINDINGS: Left pleural effusion.\n\nIMPRESSION: {} pleural effusion."
    made.patient("good", [visit("2020-01-01", text=text.format("Left"))])
    made.patient("bad", [visit("2020-01-01", text=text.format("Right"))])
    place = made.store.url
    good = RUN.invoke(app, [place, "--patient", "good", "--json"])
    assert good.exit_code == 0
    assert {one["verdict"] for one in json.loads(good.stdout)["verdicts"]} <= {
        "agrees",
        "cannot tell",
    }
    bad = RUN.invoke(app, [place, "--json"])
    assert bad.exit_code == 1
    rows = json.loads(bad.stdout)["verdicts"]
    assert {tuple(row) for row in rows} == {
        ("patient", "finding", "verdict", "cue", "report_value", "image_value", "evidence")
    }
    (wrong,) = [row for row in rows if row["verdict"] == "contradicts"]
    assert (wrong["patient"], wrong["cue"]) == ("bad", "side")
    for address in wrong["evidence"]:  # of the version that was read, and still there to be seen
        assert "@" in address.partition("#")[0]
        assert "ffusion" in Address.parse(address).resolve(made.store).value
    shown = RUN.invoke(app, [place])
    assert shown.exit_code == 1
    assert "1 contradicts" in shown.stdout
