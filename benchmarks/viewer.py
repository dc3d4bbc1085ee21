"""The first slice in JupyterLab: our view, and ipyniivue on the same volume."""

from __future__ import annotations

import statistics
from pathlib import Path

from data import Volume
from lab import Seen, lab
from table import Row, faster

_LIMIT_S = 400.0

_OURS = """
import explorer
from widgets import SliceView
image = next(iter(explorer.open({store!r})[{patient!r}].images.values()))
"""
# one axial plane: of its layouts the one that draws the most quickly
_THEIRS = """
from ipyniivue import NiiVue, SliceType
path = {path!r}
"""
_THEIRS_SHOW = """
view = NiiVue(height=560)
view.set_slice_type(SliceType.AXIAL)
view.load_volumes([{"path": path}])
view
"""


def viewer(volume: Volume, place: Path, repeat: int, least_faster: float) -> list[Row]:
    """Seconds from the cell's start to a picture, and bytes that the browser received.

    Kernel and imports are there before; the viewers take turns, a fresh notebook each time.
    """
    prepare = {
        "ours": _OURS.format(store=str(volume.referenced), patient=volume.patient),
        "nii.gz": _THEIRS.format(path=str(volume.nifti_gz)),
        "nii": _THEIRS.format(path=str(volume.nifti)),
    }
    seen: dict[str, list[Seen]] = {name: [] for name in prepare}
    at = place / f"lab-{volume.patient}"
    with lab(at) as browser:
        for number in range(repeat):
            for name, cell in prepare.items():
                show = "SliceView(image)" if name == "ours" else _THEIRS_SHOW
                shot = at / f"{name}-{number}.png"
                notebook = f"{name.replace('.', '')}-{number}"
                seen[name].append(browser.show(notebook, cell, show, _LIMIT_S, shot))
    times = {n: statistics.median(s.seconds for s in all_) for n, all_ in seen.items()}
    sizes = {n: statistics.median(s.received for s in all_) / 1e6 for n, all_ in seen.items()}
    rows = []
    for name in ("nii.gz", "nii"):
        against = f"ipyniivue, {name}, axial only"
        rows.append(
            faster("first slice on the screen", volume.title, times["ours"], against, times[name],
                   least_faster, "s")
        )  # fmt: skip
        rows.append(
            faster("bytes to the browser", volume.title, sizes["ours"], against, sizes[name],
                   10, "MB")
        )  # fmt: skip
    return rows
