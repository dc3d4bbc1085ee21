from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from explorer.readers.cine_time import cine_time


def header(**tags: object) -> Dataset:
    dataset = Dataset()
    for name, value in tags.items():
        setattr(dataset, name, value)
    return dataset


def test_frame_time() -> None:
    found = cine_time(header(FrameTime=40.0, FrameIncrementPointer=Tag("FrameTime")), 4)
    assert found.values == [0, 40, 80, 120]
    assert found.by == "FrameTime"
    assert found.rate_hz == 25
    assert found.problem is None


def test_a_vector_has_the_step_before_each_frame() -> None:
    found = cine_time(header(FrameTimeVector=[0.0, 30.0, 50.0], FrameTime=10.0), 3)
    assert found.values == [0, 30, 80]
    assert found.by == "FrameTimeVector"


def test_the_pointer_says_which_of_the_two() -> None:
    both = header(
        FrameTimeVector=[0.0, 30.0], FrameTime=10.0, FrameIncrementPointer=Tag("FrameTime")
    )
    assert cine_time(both, 2).values == [0, 10]


def test_a_vector_of_another_length_is_not_believed() -> None:
    found = cine_time(header(FrameTimeVector=[0.0, 30.0], FrameTime=10.0), 3)
    assert found.by == "FrameTime"
    assert "2 values for 3 frames" in str(found.problem)


def test_how_fast_it_is_shown_is_no_time_of_taking() -> None:
    found = cine_time(header(CineRate=20), 3)
    assert found.values == [0, 50, 100]
    assert "as shown, not as taken" in str(found.problem)


@pytest.mark.parametrize("step", [0.0, -1.0, 1e30])
def test_impossible_steps_are_unknown_times(step: float) -> None:
    found = cine_time(header(FrameTime=step), 3)
    assert found.values is None
    assert found.rate_hz is None
    assert found.problem == "nothing says when the frames were taken"


def test_an_enhanced_file_dates_its_frames() -> None:
    groups = []
    for second in ("00.000000", "00.250000", "00.750000"):
        content = header(FrameAcquisitionDateTime=f"202001021003{second}")
        groups.append(header(FrameContentSequence=[content]))
    found = cine_time(header(PerFrameFunctionalGroupsSequence=groups), 3)
    assert found.values == [0, 250, 750]
    assert found.by == "FrameAcquisitionDateTime"
