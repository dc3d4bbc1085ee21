from __future__ import annotations

import subprocess
import sys

import pytest

import widgets


def test_what_is_promised_is_there() -> None:
    for name in widgets.__all__:
        assert getattr(widgets, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        widgets.nothing  # noqa: B018


def test_the_viewer_comes_without_matplotlib() -> None:
    code = "import sys; from widgets import SliceView; sys.exit('matplotlib.figure' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
