"""The browser and the demo's store, as in the widgets' tests."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_PLACE = Path(__file__).parents[1] / "widgets" / "lab_session.py"
_SPEC = importlib.util.spec_from_file_location("oncograph_tests_lab_session", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
if _SPEC.name not in sys.modules:
    sys.modules[_SPEC.name] = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(sys.modules[_SPEC.name])

demo = sys.modules[_SPEC.name].demo  # type: ignore[attr-defined]
lab = sys.modules[_SPEC.name].lab  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def page(lab: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The module's `NOTEBOOK` in JupyterLab, all of its cells run."""
    notebook: Path = request.module.NOTEBOOK
    copy = lab.folder / notebook.name
    shutil.copy(notebook, copy)
    opened = lab.open(copy)
    lab.run_all(opened)
    yield opened
    opened.close()


class Shown:
    """What the outputs of a page show: ``"words" in shown`` waits for them."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def __contains__(self, words: str) -> bool:
        end = time.monotonic() + 300
        while words not in (found := self.read()):
            if time.monotonic() > end:
                sys.stderr.write(f"The page shows:\n{found}\n")
                return False
            self.page.wait_for_timeout(500)
        return True

    def read(self) -> str:
        """Everything that is shown now; cells that are out of sight are scrolled to."""
        found = []
        for cell in self.page.locator(".jp-Notebook-cell").all():
            cell.scroll_into_view_if_needed()
            found += [out.inner_text() for out in cell.locator(".jp-OutputArea-output").all()]
        return "\n".join(found)


@pytest.fixture(scope="module")
def text(page: Any) -> Shown:
    """What the outputs show; all of them have been in sight."""
    shown = Shown(page)
    shown.read()
    return shown
