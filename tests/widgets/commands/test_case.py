from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from explorer.errors import StoreError
from explorer.store import Store
from widgets.commands.case import case

app = typer.Typer()
app.command()(case)


def test_a_page_and_its_document(demo: Store, tmp_path: Path) -> None:
    out = tmp_path / "case.html"
    said = [str(demo.path), "CMB-CRC-MSB-06489", "--out", str(out), "--pictures", "1"]
    done = CliRunner().invoke(app, [*said, "--json"])
    assert done.exit_code == 1  # a picture was left out
    document = json.loads(done.stdout)
    assert document["path"] == str(out)
    assert document["pictures"] == 1
    assert document["identified"] is False
    assert document["withheld"] == ["1 picture: more than were asked for"]
    assert out.stat().st_size == document["bytes"]
    again = CliRunner().invoke(app, said)
    assert isinstance(again.exception, StoreError)
    spoken = CliRunner().invoke(app, [*said[:-2], "--overwrite"])
    assert spoken.exit_code == 0
    assert "Look before you share" in spoken.stdout
