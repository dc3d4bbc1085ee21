"""The command that hands a patient over, and the one that takes him in."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import explorer
from explorer.cli import app
from explorer.errors import StoreError
from explorer.pack import pack


def test_there_and_back(
    store: explorer.Store, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    put("Anna", drafts.image())
    file, run = tmp_path / "anna.onco.zip", CliRunner()
    there = run.invoke(app, ["pack", str(store.path), "Anna", str(file), "--notes", "[b]hi[/b]"])
    assert there.exit_code == 0
    assert "not de-identified" in there.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    back = run.invoke(app, ["unpack", str(file), str(tmp_path / "b.onco")])
    assert back.exit_code == 0
    assert "Notes: [b]hi[/b]" in back.stdout
    assert explorer.open(tmp_path / "b.onco")["Anna"].images["CT"].data.values.sum() == 276
    again = run.invoke(app, ["unpack", str(file), str(tmp_path / "b.onco"), "--json"])
    assert json.loads(again.stdout)["versions"] == 0


def test_no_file_is_replaced(
    store: explorer.Store, put: Callable[..., Any], drafts: Any, tmp_path: Path
) -> None:
    put("Anna", drafts.image())
    (tmp_path / "thesis.zip").write_text("years of work")
    with pytest.raises(StoreError, match="There is a file"):
        pack(store, "Anna", tmp_path / "thesis.zip")
    assert (tmp_path / "thesis.zip").read_text() == "years of work"
