"""Notebook 02 as a data manager runs it: in JupyterLab, from a mixed folder to a clean store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.store import Store

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "02_bring_your_own_data.ipynb"


@pytest.mark.usefixtures("text")
def test_no_cell_fails_and_nobody_is_asked_outside(lab: Any, page: Any) -> None:
    assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
    assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    assert lab.outside == []
    assert lab.faults == []


def test_what_is_refused_and_what_is_meant_stands_on_the_page(text: Any) -> None:
    assert "4 refused" in text
    assert "The pixels end early" in text
    assert "its name leads out of the archive" in text
    assert "the file is empty" in text
    assert "seventy" in text
    assert "a number" in text
    assert "2006-13-45" in text
    assert "'CMB-CRC-MSB-06489' is 'MSB-06489' with" in text
    assert "0 faults" in text


def test_hostile_cells_are_text(page: Any) -> None:
    assert page.locator(".jp-OutputArea-output b", has_text="seen").count() == 0
    assert page.locator("a[href*='example.invalid']").count() == 0


@pytest.mark.usefixtures("text")
def test_the_store_is_as_the_notebook_says(demo: Store) -> None:
    made = explorer.open(demo.path.parent / "bring_your_own" / "patients.onco")
    assert list(made) == ["CMB-CRC-MSB-06489", "STS_002"]
    assert made["MSB-06489"].key == made["CMB-CRC-MSB-06489"].key
    sts = made["STS_002"]
    assert sts.synthetic  # the visits are made up
    assert {image.units for image in sts.images.values()} == {"HU", "SUVbw", "1"}
    days = dict(zip(sts.events["row"], sts.events["day"], strict=True))
    assert days[1] == -1  # the day before the first study
    handed = demo.path.parent / "bring_your_own" / "handed_over"
    assert list(handed.rglob("*.nii.gz"))
    assert b"STS_002" not in b"".join(p.read_bytes() for p in handed.rglob("*") if p.is_file())
    assert not (demo.path.parent / "outside_of_the_folder.txt").exists()
