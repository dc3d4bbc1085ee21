"""The first axial slice of a 2 GB volume against that of a 20 MB one, copied and referenced.

``python benchmarks/first_slice.py [FOLDER] [--slices 4000] [--repeat 5]``: FOLDER takes 7 GB for as
long as it runs. Both volumes are **synthetic** (noise on a slope), written as uncompressed NIfTI.
Each time the files are dropped from the operating system's cache, the store is opened anew, a
SliceView is made with an empty cache, and the axial plane through its crosshair is asked of its
server as the browser would. Coronal and sagittal planes of the large volume follow in the same
view. Exit status 1 where the ratio is over 2.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

import explorer
from explorer.ingest import ingest
from widgets.chunk_cache import ChunkCache
from widgets.slices import SliceView

_ROWS = 512
_TARGET = 2.0


def _write(path: Path, slices: int) -> None:
    """Noise of 10 HU on a slope, a slice at a time."""
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((_ROWS, _ROWS, slices))
    header["vox_offset"] = 352
    header["magic"] = b"n+1"
    header.set_sform(np.diag([0.8, 0.8, 0.5, 1]), code=1)
    header.set_qform(np.diag([0.8, 0.8, 0.5, 1]), code=1)
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 10, (32, _ROWS, _ROWS)).astype(np.int16)
    slope = np.linspace(-900, 300, _ROWS).astype(np.int16)
    with path.open("wb") as out:
        out.write(header.binaryblock)
        out.write(bytes(352 - len(header.binaryblock)))
        for k in range(slices):
            out.write((noise[k % 32] + np.roll(slope, k % 60)).astype("<i2").tobytes())


def _forget(*folders: Path) -> None:
    """Drop files from the operating system's cache."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                finally:
                    os.close(handle)


@contextmanager
def _clock(into: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    into.append(time.perf_counter() - began)


def _ask(view: Any, pane: int, move: int = 0) -> None:
    shown = view._server.panes[pane]
    index = min(max(view.crosshair[shown.axis] + move, 0), shown.count - 1)
    message, buffers = view._server.reply(
        {"kind": "plane", "seq": 1, "revision": view._revision, "pane": pane, "index": index,
         "time": 0, "image": True, "segments": []}
    )  # fmt: skip
    if message["kind"] == "error" or not buffers[0]:
        raise ValueError(message.get("message", "no plane"))


def _image(store: Path) -> Any:
    patient = next(iter(explorer.open(store).values()))
    return next(iter(patient.images.values()))


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--slices", type=int, default=4000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as made:
        base = Path(made)
        for name, slices in (("small", 40), ("large", asked.slices)):
            (base / name / name).mkdir(parents=True)
            _write(base / name / name / f"{name}.nii", slices)
            for copy in (False, True):
                store = explorer.open(base / f"{name}-{copy}.onco", create=True)
                began = time.perf_counter()
                ingest(base / name, store, copy=copy)
                how = "copied" if copy else "referenced"
                took = time.perf_counter() - began
                print(f"{name}, {how}: taken in in {took:.1f} s", flush=True)
        return _measure(base, asked.repeat, asked.slices)


def _measure(base: Path, repeat: int, slices: int) -> int:
    missed = 0
    size = slices * _ROWS * _ROWS * 2 / 1e9
    print(f"\nlarge: {slices} slices, {size:.1f} GB; small: 40 slices, 21 MB")
    print("| | small s | large s | ratio |\n|---|---|---|---|")
    for copy in (False, True):
        how = "copied" if copy else "referenced"
        first: dict[str, list[float]] = {"small": [], "large": []}
        others: dict[str, list[float]] = {"coronal": [], "sagittal": [], "next coronal": []}
        for _ in range(repeat):
            for name, times in first.items():
                store = base / f"{name}-{copy}.onco"
                _forget(store, base / name)
                image = _image(store)
                with _clock(times):
                    view = SliceView(image, cache=ChunkCache())
                    _ask(view, 0)
                if name == "large":
                    for pane, plane in ((1, "coronal"), (2, "sagittal")):
                        with _clock(others[plane]):
                            _ask(view, pane)
                    with _clock(others["next coronal"]):
                        _ask(view, 1, 1)
                view.close()
        small, large = (statistics.median(first[name]) for name in ("small", "large"))
        missed += large / small > _TARGET
        print(
            f"| {how}, first axial slice | {small:.3f} | {large:.3f} | {large / small:.2f} "
            f"({'met' if large / small <= _TARGET else 'MISSED'}: at most {_TARGET:g}) |"
        )
        for plane, times in others.items():
            print(f"| {how}, {plane} | | {statistics.median(times):.3f} | |", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
