"""A screen, a napari viewer on it, and a store that tests may write into."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import explorer
from explorer.store import Store


@pytest.fixture
def copied(demo: Store, tmp_path: Path) -> Store:
    """The bundled patients in a store of the test's own; the files that it refers to are shared."""
    shutil.copytree(demo.path, tmp_path / "own.onco")
    return explorer.open(tmp_path / "own.onco", trust_roots=[demo.path.parent])


@pytest.fixture(scope="session")
def screen(display: str) -> Iterator[None]:
    """A screen of its own for Qt, without which napari draws nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        patch.setenv("QT_QPA_PLATFORM", "xcb")
        yield


@pytest.fixture(scope="module")
def viewer(screen: None) -> Iterator[Any]:
    """A napari window for the tests of a module; each of them opens what it needs."""
    os.environ["NAPARI_CONFIG"] = ""  # the person's own settings stay as they are
    import napari
    from qtpy.QtTest import QTest

    made = napari.Viewer(show=True)
    made.window.resize(1380, 960)
    assert QTest.qWaitForWindowExposed(made.window._qt_window, 120_000)
    _settle()
    yield made
    made.close()
    _settle()


def _settle(seconds: float = 0.2) -> None:
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


@pytest.fixture(scope="session")
def settle() -> Callable[..., None]:
    """Lets Qt do what it has to do: ``settle(seconds)``."""
    return _settle


@pytest.fixture
def panel(viewer: Any) -> Callable[[str], Any]:
    """Gives a panel of the plugin, by the name that napari's menu has for it."""
    return lambda name: viewer.window.add_plugin_dock_widget("oncograph", name)[1]
