"""Seconds from running the cell ``explore(patient)`` to the first picture, and to all of it.

``python benchmarks/explore.py [--repeat 5]``: the bundled chest CT of LIDC-IDRI-0314 with four
readers' outlines and a report, read, grounded and checked, in JupyterLab and headless Chromium with
software WebGL2. Kernel and imports are there before; each time is a fresh kernel with an empty
cache. The time runs in the page, from the key that runs the cell to the first frame in which a
plane's canvas holds more than one grey, and to the first in which every plane is there and the
report's words are.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import graphs
from explorer.demo import make_demo
from graphs.sample_report import sample_report
from lab import Lab, lab, run
from lab import done as until_done

_PATIENT = "LIDC-IDRI-0314"
_PREPARE = """
import explorer
from widgets import explore
store = explorer.open({store!r})
"""
_WATCH = """() => {
    const told = window.explored = {};
    window.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') told.began = performance.now();
    }, { capture: true });
    function grey(canvas) {
        const { width, height } = canvas;
        if (width < 20 || height < 20) return false;
        const { data } = canvas.getContext('2d').getImageData(
            Math.floor(width / 4), Math.floor(height / 2), Math.floor(width / 2), 1);
        let low = 255, high = 0;
        for (let k = 0; k < data.length; k += 4) {
            const [r, g, b] = [data[k], data[k + 1], data[k + 2]];
            if (Math.max(r, g, b) - Math.min(r, g, b) > 12) continue;  // a line of a mark
            low = Math.min(low, r);
            high = Math.max(high, r);
        }
        return high - low > 40;
    }
    (function look() {
        const planes = [...document.querySelectorAll('.onco-canvas')].map(grey);
        if (told.began && planes.some(Boolean)) told.first = told.first || performance.now();
        const words = document.querySelector('.onco-words');
        if (planes.length === 3 && planes.every(Boolean) && words && words.textContent) {
            told.all = performance.now();
            return;
        }
        requestAnimationFrame(look);
    }());
}"""


def _look(browser: Lab, store: Path, number: int) -> tuple[float, float]:
    cells = [_PREPARE.format(store=str(store)), f"explore(store[{_PATIENT!r}])"]
    page: Any = browser.open(f"explore-{number}", cells)
    try:
        run(page, 0)
        until_done(page, 0, 120)
        page.wait_for_timeout(1000)
        page.evaluate(_WATCH)
        run(page, 1)
        page.wait_for_function("() => window.explored.all", timeout=120_000)
        told = page.evaluate("() => window.explored")
        return (told["first"] - told["began"]) / 1000, (told["all"] - told["began"]) / 1000
    finally:
        page.close()


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="oncograph-explore-") as made:
        store = make_demo(Path(made) / "patients.onco")
        sample_report(store[_PATIENT], reader=1)
        graphs.extract(store[_PATIENT])
        graphs.ground_all(store[_PATIENT])
        graphs.check(store[_PATIENT])
        with lab(Path(made) / "lab") as browser:
            seen = [
                _look(browser, Path(made) / "patients.onco", number)
                for number in range(asked.repeat)
            ]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {asked.repeat} times")
    print("| explore() | median s | least | most |\n|---|---|---|---|")
    for what, times in zip(
        ("first pixel", "three planes and the report"), zip(*seen, strict=True), strict=True
    ):
        print(f"| {what} | {statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
