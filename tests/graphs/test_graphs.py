"""The room's front door: what it offers is there, and is what it is called."""

from __future__ import annotations

import subprocess
import sys

import pytest

import graphs


@pytest.mark.parametrize("name", graphs.__all__)
def test_each_name_is_there(name: str) -> None:
    found = getattr(graphs, name)
    assert callable(found)
    assert found.__name__ == name


def test_a_function_stays_one_when_its_file_is_imported() -> None:
    from graphs.measure import measure

    assert graphs.measure is measure
    assert sys.modules["graphs.measure"].measure is measure


def test_what_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        graphs.nothing  # noqa: B018


def test_the_room_is_light() -> None:
    """Neither importing it, nor its entry points, loads torch or any other heavy library."""
    code = (
        "import sys, graphs, graphs.finding, graphs.scene, graphs.verdict; "
        "from importlib.metadata import entry_points; "
        "[point.load() for point in entry_points(group='oncograph.commands')]; "
        "print(*{'torch', 'transformers', 'skimage', 'sklearn', 'SimpleITK'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
