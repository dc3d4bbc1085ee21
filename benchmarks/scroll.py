"""Scrolling: milliseconds from a turn of the wheel to the picture, and memory, beside ipyniivue.

``python benchmarks/scroll.py DATA_FOLDER [--steps 300] [--memory 1000] [--place FOLDER]``: a
512 x 512 x 300 int16 volume (**synthetic**, made of a real CT, see data.py) in JupyterLab and
headless Chromium with software WebGL2. A step is a wheel event on the axial plane, the next one
follows 20 ms after its picture. Its time ends when the first frame that draws the new slice is
done: for oncograph the first draw after the upload of its values to WebGL, for ipyniivue, which
has the whole volume there, the first draw; both wait for the graphics card by reading a pixel.
oncograph shows three planes, ipyniivue the axial one. Then the wheel is turned every 4 ms, faster
than pictures come, and requests that are open at once are counted, as they pass the websocket.
Last, 1,000 steps: memory of the kernel (resident) and of the page (JavaScript's heap after garbage
collection, and resident memory of the browser's page processes) at half of them and at the end.
Exit status 1 where a pane had more than one request open, or a memory grew by 5 % or more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from data import SYNTHETIC, Volume, make_large
from lab import Lab, done, lab, run

_OURS = """
import os, explorer
from widgets import SliceView
image = next(iter(explorer.open({store!r})[{patient!r}].images.values()))
"""
_OURS_SHOW = """
view = SliceView(image)
view.crosshair = [0 if view._image["panes"][0]["forward"] > 0 else image.shape[0] - 1,
                  *view.crosshair[1:]]
view
"""
_THEIRS = """
import os
from ipyniivue import NiiVue, SliceType
"""
_THEIRS_SHOW = """
view = NiiVue(height=560)
view.set_slice_type(SliceType.AXIAL)
view.load_volumes([{{"path": {path!r}}}])
view
"""
_SCRIPT = Path(__file__).with_name("scroll.js")
_AXIAL = ".onco-canvas[data-pane=axial]"
_MOST_GROWTH = 0.05


@dataclass(frozen=True)
class Memory:
    """Megabytes that a kernel and a page take."""

    kernel: float
    heap: float
    page: float


@contextmanager
def _shown(browser: Lab, name: str, prepare: str, show: str, limit_s: float) -> Iterator[Any]:
    """A notebook in which the view is there; its page."""
    page = browser.open(name, [prepare + f"\nopen({name + '.pid'!r}, 'w').write(str(os.getpid()))",
                               show])  # fmt: skip
    try:
        for cell in range(2):
            run(page, cell)
            done(page, cell, limit_s)
        yield page
    finally:
        page.close()


def _walk(page: Any, select: str, signs: list[int], pixels: int) -> list[float]:
    times: list[float] = page.evaluate(
        "(how) => window.scrolled.walk(how)",
        {"select": select, "signs": signs, "uploaded": select == _AXIAL, "pixels": pixels,
         "gap": 20, "limit": 60_000},
    )  # fmt: skip
    return times


def _signs(steps: int, planes: int, start: int) -> list[int]:
    """Turns through all planes and back, from the `start`-th."""
    there = [*range(start, planes), *range(planes - 2, -1, -1)]
    way = [*there, *range(1, planes), *range(planes - 2, -1, -1)]
    while len(way) <= steps:
        way += [*range(1, planes), *range(planes - 2, -1, -1)]
    return [b - a for a, b in pairwise(way)][:steps]


def _ours(browser: Lab, volume: Volume, copied: bool, asked: argparse.Namespace) -> dict[str, Any]:
    """Times of single steps, what a rush came to, and memories where they are asked for."""
    name = "copied" if copied else "referenced"
    planes, pixels = volume.shape[0], volume.shape[1] * volume.shape[2]
    prepare = _OURS.format(
        store=str(volume.copied if copied else volume.referenced), patient=volume.patient
    )
    with _shown(browser, name, prepare, _OURS_SHOW, 120) as page:
        page.wait_for_selector(".onco-pane[data-pane=axial][data-state=ready]", timeout=120_000)
        page.wait_for_timeout(2000)
        signs = _signs(max(asked.memory, asked.steps), planes, 0)
        times = _walk(page, _AXIAL, signs[: asked.steps], pixels)
        found: dict[str, Any] = {"times": times}
        # what follows is kept in the browser by now: other planes are asked for by a fresh view
        if not copied and asked.memory:
            half = asked.memory // 2
            _walk(page, _AXIAL, signs[asked.steps : half], pixels)
            found["half"] = _memory(browser, page, name)
            _walk(page, _AXIAL, signs[half:], pixels)
            found["end"] = _memory(browser, page, name)
    with _shown(browser, name + "-rush", prepare, _OURS_SHOW, 120) as page:
        page.wait_for_selector(".onco-pane[data-pane=axial][data-state=ready]", timeout=120_000)
        page.wait_for_timeout(2000)
        found["rush"] = page.evaluate(
            "(how) => window.scrolled.rush(how)",
            {"select": _AXIAL, "signs": signs[: planes - 1], "pixels": pixels, "gap": 4},
        )
    return found


def _theirs(browser: Lab, volume: Volume, steps: int) -> list[float]:
    select = ".jp-CodeCell:nth-of-type(2) .jp-OutputArea-output canvas, .jp-OutputArea canvas"
    show = _THEIRS_SHOW.format(path=str(volume.nifti))
    planes = volume.shape[0]
    with _shown(browser, "ipyniivue", _THEIRS, show, 400) as page:
        page.wait_for_selector(select, timeout=120_000)
        _until_still(page)
        # it begins in the middle, and does not draw where there is no further slice
        return _walk(page, select, _signs(steps, planes - 40, (planes - 40) // 2), 1)


def _until_still(page: Any) -> None:
    """Wait until nothing has been drawn for ten seconds: the volume is there."""
    page.wait_for_function("() => window.scrolled.draws > 0", timeout=400_000)
    before = -1
    for _ in range(40):
        now = page.evaluate("() => window.scrolled.draws")
        if now == before:
            return
        before = now
        page.wait_for_timeout(10_000)


def _memory(browser: Lab, page: Any, name: str) -> Memory:
    session = browser.context.new_cdp_session(page)
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(1000)
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    kernel = psutil.Process(int((browser.folder / f"{name}.pid").read_text()))
    pages = [
        child
        for child in psutil.Process().children(recursive=True)
        if "--type=renderer" in _line(child)
    ]
    return Memory(
        kernel.memory_info().rss / 1e6,
        metrics["JSHeapUsedSize"] / 1e6,
        sum(child.memory_info().rss for child in pages) / 1e6,
    )


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended
        return []


def _put(what: str, ours: list[float], theirs: list[float]) -> None:
    for name, of in (("median", 50), ("p95", 95), ("worst", 100)):
        a, b = float(np.percentile(ours, of)), float(np.percentile(theirs, of))
        print(f"| {what}, {name} | {a:.0f} ms | {b:.0f} ms | {b / a:.2f}x |")


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--memory", type=int, default=1000, help="steps; 0: none")
    parser.add_argument(
        "--place", type=Path, help="folder for the volume; used again if it is there"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncograph-scroll-") as made:
        place = asked.place or Path(made)
        volume = _volume(asked.data, place)
        with lab(Path(made) / "lab") as browser:
            browser.context.add_init_script(path=_SCRIPT)
            print(_load("before"), flush=True)
            found = {copied: _ours(browser, volume, copied, asked) for copied in (False, True)}
            print(_load("between"), flush=True)
            theirs = _theirs(browser, volume, asked.steps)
            print(_load("after"), flush=True)
    return _print(found, theirs, asked)


def _volume(data: Path, place: Path) -> Volume:
    stores = [place / f"{SYNTHETIC}-{how}.onco" for how in "rc"]
    nifti = place / f"{SYNTHETIC}.nii"
    if all(path.exists() for path in (*stores, nifti)):
        shape = (300, 512, 512)
        return Volume("synthetic", SYNTHETIC, place / "synthetic", nifti, nifti, *stores, shape)
    place.mkdir(parents=True, exist_ok=True)
    return make_large(data, place)


def _load(when: str) -> str:
    return f"load {when}: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _print(found: dict[bool, Any], theirs: list[float], asked: argparse.Namespace) -> int:
    missed = 0
    print(f"\n{asked.steps} steps\n\n| | oncograph | ipyniivue | ratio |\n|---|---|---|---|")
    for copied, seen in found.items():
        how = "copied" if copied else "referenced"
        _put(f"wheel to picture, {how}", seen["times"], theirs)
    for copied, seen in found.items():
        rush, how = seen["rush"], "copied" if copied else "referenced"
        missed += rush["most"] > 1
        print(
            f"| a turn every 4 ms, {how}: requests open in a pane at once, at most 1 | "
            f"{rush['most']} | | {'MISSED' if rush['most'] > 1 else 'met'} |\n"
            f"| pictures of {rush['sent']} requests; last picture after the last turn | "
            f"{rush['uploads']}; {rush['settled']:.0f} ms | | |"
        )
    if "end" in found[False]:
        print(
            f"\n| MB after steps | {asked.memory // 2} | {asked.memory} | growth |\n"
            "|---|---|---|---|"
        )
        for name in ("kernel", "heap", "page"):
            half, end = (getattr(found[False][when], name) for when in ("half", "end"))
            growth = end / half - 1
            missed += growth >= _MOST_GROWTH
            print(
                f"| {name} | {half:.0f} | {end:.0f} | {growth:+.1%}, "
                f"{'MISSED' if growth >= _MOST_GROWTH else 'met'}: < 5 % |"
            )
    fast = statistics.median(found[False]["times"])
    print(f"\nslices a second that can be looked through, referenced: {1000 / fast:.0f}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
