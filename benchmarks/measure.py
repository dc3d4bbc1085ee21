"""All measurements, or some of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import data as sources
from clinical import clinical
from million_items import million_items
from one_more_patient import one_more_patient
from patch import patch
from table import Row
from viewer import viewer
from whole_volume import whole_volume

# Times faster that the first slice is to be, on the real and on the larger volume.
_FIRST_SLICE = (2, 10)


def measure(
    data: Path, place: Path, parts: Collection[str], repeat: int, single_commits: int
) -> list[Row]:
    """Measure.

    Parameters
    ----------
    data : pathlib.Path
        The public data sets.
    place : pathlib.Path
        A temporary folder.
    parts : collection of str
        Of volume, patch, commit, clinical, viewer.
    repeat : int
    single_commits : int
        Patients of a further store that is made by a commit each; 0 for none.
    """
    rows: list[Row] = []
    volumes = sources.make(data, place) if set(parts) - {"clinical", "million"} else []
    for volume in volumes:
        if "volume" in parts:
            rows += whole_volume(volume, repeat)
        if "patch" in parts:
            rows += patch(volume, repeat)
    if "commit" in parts:
        small = volumes[0].image(copied=True).data[:16, :64, :64].values
        rows += one_more_patient(small, place / "commit", repeat, single_commits)
    if "clinical" in parts:
        rows += clinical(data, place / "clinical", max(1, repeat // 2))
    if "viewer" in parts:
        for volume, least in zip(volumes, _FIRST_SLICE, strict=True):
            rows += viewer(volume, place, max(1, repeat // 2), least)
    if "million" in parts:
        rows += million_items(place / "million", repeat)
    return rows
