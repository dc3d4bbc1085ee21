"""Notebook 04 as a clinician runs it: linked views in JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04_linked_views.ipynb"


@pytest.mark.usefixtures("text")
def test_no_cell_fails_and_nobody_is_asked_outside(lab: Any, page: Any) -> None:
    assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
    assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    assert lab.outside == []
    assert lab.faults == []


def test_the_views_stand_on_the_page(text: Any) -> None:
    assert "LIDC-IDRI-0314" in text
    assert "20 x 9 mm" in text  # the report
    assert "#chars=" in text  # the selection, as text
    assert "de-identified" in text  # the case page


def test_what_was_picked_is_lit(page: Any) -> None:
    first = page.locator(".onco-slices").first
    first.scroll_into_view_if_needed()
    lit = page.locator(".onco-report [data-lit='true'], .onco-report .onco-lit")
    expect(lit).not_to_have_count(0)
