"""The story of oncograph in screenshots: docs/tour and docs/images/explore.png.

``python benchmarks/tour.py [--clinical clinical_data.tsv.gz] [--only explore napari ...]``: the
bundled patients are taken in and their reports read and grounded in a temporary folder; every
picture is of JupyterLab, the case page or napari as they are then, in headless Chromium or on a
screen of Xvfb. Without the clinical table (see README.md) there is no picture of the cohort.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from lab import Lab, done, lab, run

_DOCS = Path(__file__).parents[1] / "docs"
_SIZE = {"width": 1400, "height": 900}
_MOST_BYTES = 200_000
_LIDC = "LIDC-IDRI-0314"

# name of the file: what a reader is told, in the order of the story
SAID = {
    "01-explore": "`explore(patient)`: the planes of the image, the report, and a selection that "
    "every view shares.",
    "02-phrase": "A phrase of the report is clicked: the crosshair goes to the nodule that it "
    "speaks of, and its box is drawn in every plane.",
    "03-voxel": "The other way round: a voxel is clicked, and the sentence that speaks of it "
    "lights up.",
    "04-graph": "Everything that is known of the patient as one graph; the selection is ringed.",
    "05-timeline": "What has a day, in time, and what has none, with the reason.",
    "06-values": "Every value with its day and where it comes from; here, what readers rated.",
    "07-volume": "The volume and its outlines in 3D.",
    "08-fusion": "PET on CT: each has its own window, colours and opacity.",
    "09-compare": "Two studies of a patient side by side, under one crosshair where it is known "
    "how they lie to each other.",
    "10-oblique": "A plane in any direction, beside the plain ones.",
    "11-projection": "A CT as an X-ray, from any side.",
    "12-cohort": "A cohort is chosen by facets with their counts; Kaplan-Meier curves with the "
    "numbers at risk.",
    "13-reader": "A reader says which of two texts is better, without knowing which is which.",
    "14-case": "A case as one de-identified page that loads nothing, for a tumour board.",
    "15-napari": "The same patient in napari: the phrase that was clicked moves the camera.",
    "16-dark": "The page in JupyterLab's dark theme.",
}

_CELLS = {
    "start": "import explorer, os\nfrom widgets import *\n"
    "store = explorer.open(explorer.demo_store())",
    "explore": f'page = explore(store["{_LIDC}"])\npage',
    "fusion": 'sarcoma = store["STS_002"]\n'
    'view = SliceView(sarcoma.images["CT"], sarcoma.segmentations["RTstruct_CT"])\n'
    'view.go_to(view.segment_keys[0])\nview.fuse(sarcoma.images["PT"])\nview',
    "volume": 'VolumeView(sarcoma.images["CT"], sarcoma.segmentations["RTstruct_CT"])',
    "compare": 'CompareView(store["CMB-CRC-MSB-06489"])',
    "oblique": 'ObliqueView(sarcoma.images["CT"], sarcoma.segmentations["RTstruct_CT"], '
    "angles=[25, 15, 0])",
    "projection": 'ProjectionView(store["TCGA-34-2605"])',
    "cohort": "clinic = explorer.open(os.environ['CLINICAL_STORE'])\n"
    "cohort = CohortView(clinic)\n"
    "cohort.survival('overall survival (days)', by='patient: sex')\ncohort",
    "reader": "from widgets.reader_form import ReaderForm, ReaderPair\n"
    "pair = ReaderPair('1', 'Spiculated nodule in the right lung, 20 mm; no effusion.',\n"
    "    'Nodule in the right lung.', context='There is a 20 x 9 mm spiculated nodule in the '\n"
    "    'right lung. No pleural effusion.')\n"
    "ReaderForm([pair], 'a reader', 'votes.jsonl', question='Which impression is better?')",
}


def _store(folder: Path) -> Path:
    """The bundled patients, their reports read, grounded and checked."""
    import graphs
    from explorer.demo import make_demo
    from graphs.sample_report import sample_report

    store = make_demo(folder / "patients.onco")
    sample_report(store[_LIDC], reader=1)
    for name in (_LIDC, "TCGA-BP-5195"):
        graphs.extract(store[name])
        graphs.ground_all(store[name])
        graphs.check(store[name])
    return folder / "patients.onco"


def _save(raw: bytes, path: Path, most: int = _MOST_BYTES) -> None:
    """As a PNG that is small enough: fewer colours where it has to be."""
    picture = Pillow.open(io.BytesIO(raw)).convert("RGB")
    for colours in (0, 256, 128, 64, 32):
        into = io.BytesIO()
        one = picture.quantize(colours, dither=Pillow.Dither.NONE) if colours else picture
        one.save(into, "PNG", optimize=True)
        if into.tell() <= most:
            break
    path.write_bytes(into.getvalue())


class _Tour:
    """One notebook, a page on it, and pictures of that page."""

    def __init__(self, browser: Lab, only: list[str]) -> None:
        self.only = only
        self.cells = [name for name in _CELLS if name in {"start", "explore", *only}]
        if {"oblique", "volume"} & {*self.cells} and "fusion" not in self.cells:
            self.cells.insert(2, "fusion")
        self.page = browser.open("tour", [_CELLS[name] for name in self.cells])
        self.page.set_viewport_size(_SIZE)
        self.page.add_style_tag(content=".Toastify { display: none }")
        self.page.keyboard.press("Control+b")  # the file browser away
        self.page.wait_for_timeout(500)

    def run(self, name: str) -> Any:
        """Run a cell, and bring it to the top; the cell."""
        number = self.cells.index(name)
        run(self.page, number)
        done(self.page, number, 180)
        self.settled()
        return self.top(name)

    def top(self, name: str) -> Any:
        cell = self.page.locator(".jp-CodeCell").nth(self.cells.index(name))
        cell.evaluate("(e) => e.scrollIntoView({block: 'start'})")
        self.page.wait_for_timeout(700)
        return cell

    def settled(self) -> None:
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.onco-pane, .onco-flat')]
                .every((one) => one.dataset.state === 'ready')""",
            timeout=120_000,
        )
        self.page.wait_for_timeout(1500)

    def shoot(self, name: str, into: Path | None = None) -> None:
        self.page.mouse.move(5, 5)
        self.page.wait_for_timeout(300)
        _save(self.page.screenshot(), into or _DOCS / "tour" / f"{name}.png")

    def theme(self, name: str) -> None:
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.get_by_text("Theme", exact=True).hover()
        self.page.get_by_text(name, exact=True).click()
        self.page.wait_for_timeout(1500)


def _explore(tour: _Tour) -> None:
    page = tour.page
    tour.run("start")
    cell = tour.run("explore")
    bench = cell.locator(".onco-workbench")
    tour.shoot("01-explore")
    bench.locator(".onco-words [data-findings]").get_by_text("nodule").first.click()
    page.wait_for_timeout(800)
    tour.settled()
    tour.top("explore")
    tour.shoot("02-phrase")
    tour.shoot("", _DOCS / "images" / "explore.png")
    for name, tab in (("04-graph", "Graph"), ("05-timeline", "Timeline"), ("06-values", "Values")):
        bench.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(3000)
        if tab == "Values":
            bench.get_by_label("Filter the rows by words").fill("reader 3")
            page.wait_for_timeout(1000)
        bench.locator(".onco-tabs").evaluate("(e) => e.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(700)
        tour.shoot(name)
    bench.get_by_role("tab", name="Graph", exact=True).click()
    tour.top("explore")
    bench.locator(".onco-bar").get_by_role("button", name="Select nothing").click()
    page.wait_for_timeout(500)
    _click_nodule(tour, bench)
    tour.settled()
    tour.top("explore")
    tour.shoot("03-voxel")
    tour.theme("JupyterLab Dark")
    tour.shoot("16-dark")
    tour.theme("JupyterLab Light")


def _click_nodule(tour: _Tour, bench: Any) -> None:
    """Where the crosshair is: the middle of the nodule that the phrase led to."""
    at = bench.locator("canvas[data-pane=axial]").evaluate(
        """(canvas) => {
            const box = canvas.getBoundingClientRect();
            const pen = canvas.getContext('2d');
            const {width, height} = canvas;
            const data = pen.getImageData(0, 0, width, height).data;
            // the crosshair: the row and the column that have most coloured pixels
            const rows = new Uint32Array(height), cols = new Uint32Array(width);
            for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
                const k = 4 * (y * width + x);
                const spread = Math.max(data[k], data[k + 1], data[k + 2])
                    - Math.min(data[k], data[k + 1], data[k + 2]);
                if (spread > 60) { rows[y] += 1; cols[x] += 1; }
            }
            const most = (all) => all.indexOf(Math.max(...all));
            return [box.left + most(cols) * box.width / width,
                box.top + most(rows) * box.height / height];
        }"""
    )
    tour.page.mouse.click(*at)
    tour.page.wait_for_timeout(800)


def _plain(cell: str, name: str, wait_ms: int = 1500) -> Callable[[_Tour], None]:
    def shoot(tour: _Tour) -> None:
        tour.run(cell)
        tour.page.wait_for_timeout(wait_ms)
        tour.settled()
        tour.top(cell)
        tour.shoot(name)

    return shoot


def _cohort(tour: _Tour) -> None:
    cell = tour.run("cohort")
    tour.page.wait_for_timeout(3000)
    cell.get_by_text("Survival", exact=True).first.evaluate(
        "(e) => e.scrollIntoView({block: 'start'})"
    )
    tour.page.wait_for_timeout(700)
    tour.shoot("12-cohort")


def _case(tour: _Tour, folder: Path) -> None:
    import explorer
    from widgets.to_html import to_html

    to_html(explorer.open(folder / "patients.onco")[_LIDC], folder / "case.html")
    page = tour.page.context.new_page()
    page.set_viewport_size(_SIZE)
    page.goto((folder / "case.html").as_uri())
    page.wait_for_timeout(1500)
    _save(page.screenshot(), _DOCS / "tour" / "14-case.png")
    page.close()


_NAPARI = f"""
import os, sys, time
os.environ["NAPARI_CONFIG"] = ""
import explorer, napari
from graphs import findings
from qtpy.QtWidgets import QApplication
from widgets.napari.desk import desk_of

def settle(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)

viewer = napari.Viewer(show=True)
viewer.window.resize(1400, 900)
for name in ("Report", "Findings"):
    viewer.window.add_plugin_dock_widget("oncograph", name)
desk = desk_of(viewer)
patient = explorer.open(explorer.demo_store())["{_LIDC}"]
desk.open_patient(patient)
settle(2)
one = next(f for f in findings(patient) if f.entity == "nodule")
words = f"#chars={{one.start}}:{{one.end}}"
desk.selection.pick(f"onco:{{patient.key}}/reports/{{one.item}}{{words}}", by="Tour")
settle(3)
viewer.window.screenshot(sys.argv[1], flash=False)
"""


def _napari(folder: Path) -> None:
    xvfb = shutil.which("xvfb-run")
    if xvfb is None:
        sys.stderr.write("no xvfb-run: no picture of napari\n")
        return
    shot = folder / "napari.png"
    command = [xvfb, "-a", "-s", "-screen 0 1400x900x24", sys.executable, "-c", _NAPARI, str(shot)]
    subprocess.run(
        command, check=True, timeout=300, env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _save(shot.read_bytes(), _DOCS / "tour" / "15-napari.png")


def _write() -> None:
    """docs/tour/tour.md, of the pictures that are there."""
    there = [name for name in SAID if (_DOCS / "tour" / f"{name}.png").exists()]
    parts = [f"{SAID[name]}\n\n![{SAID[name]}]({name}.png)" for name in there]
    head = (
        "# A tour in pictures\n\nMade by `python benchmarks/tour.py`, of the patients that come "
        "with oncograph (Cancer Imaging Archive, see notebooks/data/README.md); the cohort is the "
        "11,081 patients of TCGA's open clinical tables (Genomic Data Commons). The report of "
        "LIDC-IDRI-0314 is made of one reader's outline and ratings; no radiologist wrote it. "
        "Research use only, not a diagnosis."
    )
    (_DOCS / "tour" / "tour.md").write_text("\n\n".join([head, *parts]) + "\n", "utf-8")


def main() -> int:
    """Make every picture, or those that are asked for."""
    parts = ("explore", *list(_CELLS)[2:], "case", "napari")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinical", type=Path, help="clinical_data.tsv.gz")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--place", type=Path, help="folder of the store, kept and used again")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    (_DOCS / "tour").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="oncograph-tour-") as made:
        folder = asked.place or Path(made)
        store = folder / "patients.onco"
        if not store.exists():
            _store(folder)
        os.environ["ONCOGRAPH_STORE"] = str(store)
        only = [one for one in asked.only if one != "cohort" or asked.clinical]
        if "cohort" in only:
            import explorer
            from explorer.ingest import ingest

            if not (folder / "clinical.onco").exists():
                clinic = explorer.open(folder / "clinical.onco", create=True)
                ingest(asked.clinical, clinic)
            os.environ["CLINICAL_STORE"] = str(folder / "clinical.onco")
        if "napari" in only:
            _napari(folder)
        if set(only) - {"napari"}:
            with lab(Path(made) / "lab") as browser:
                _pictures(_Tour(browser, only), only, folder)
    _write()
    return 0


def _pictures(tour: _Tour, only: list[str], folder: Path) -> None:
    scenes: dict[str, Callable[[_Tour], None]] = {
        "explore": _explore,
        "fusion": _plain("fusion", "08-fusion"),
        "volume": _plain("volume", "07-volume", 8000),
        "compare": _plain("compare", "09-compare"),
        "oblique": _plain("oblique", "10-oblique"),
        "projection": _plain("projection", "11-projection"),
        "cohort": _cohort,
        "reader": _plain("reader", "13-reader"),
        "case": lambda tour: _case(tour, folder),
    }
    if "explore" not in only:
        tour.run("start")
    for name, shoot in scenes.items():
        if name in only or (name == "fusion" and {"oblique", "volume"} & {*only}):
            try:
                shoot(tour)
                print(name, flush=True)
            except Exception as error:  # noqa: BLE001 - the other pictures are made all the same
                print(f"NO PICTURE of {name}: {error}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
