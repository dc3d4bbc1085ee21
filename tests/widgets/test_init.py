from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import widgets


def test_what_is_promised_is_there() -> None:
    for name in widgets.__all__:
        assert getattr(widgets, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        widgets.nothing  # noqa: B018


def test_every_widget_with_a_script_is_told_to_the_page_whole() -> None:
    folder = Path(widgets.__file__).parent
    for path in [*folder.glob("*.py"), *(folder / "page").glob("*.py")]:
        if path.stem != "whole_widget":
            assert "AnyWidget" not in path.read_text("utf-8"), path.name


def test_the_viewer_comes_without_matplotlib() -> None:
    code = "import sys; from widgets import SliceView; sys.exit('matplotlib.figure' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
