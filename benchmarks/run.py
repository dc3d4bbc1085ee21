"""Run the benchmarks and print one table; see the README beside."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

import data as sources
from clinical import clinical
from one_more_patient import one_more_patient
from patch import patch
from table import Row, table
from viewer import viewer
from whole_volume import whole_volume

_PARTS = ("volume", "patch", "commit", "clinical", "viewer")


def main() -> int:
    """Parse the command line, measure, print. 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS)
    parser.add_argument("--repeat", type=int, default=7, help="times that count (default 7)")
    parser.add_argument(
        "--single-commits", type=int, default=0, metavar="N",
        help="also measure a store of N patients of a commit each (10000 take many minutes)",
    )  # fmt: skip
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        rows = _measure(asked, Path(folder))
    print(_machine())
    print(table(rows))
    return 1 if any(row.met is False for row in rows) else 0


def _measure(asked: argparse.Namespace, place: Path) -> list[Row]:
    rows: list[Row] = []
    needed = {"volume", "patch", "viewer", "commit"} & set(asked.only)
    volumes = sources.make(asked.data, place) if needed else []
    for volume in volumes:
        if "volume" in asked.only:
            rows += whole_volume(volume, asked.repeat)
        if "patch" in asked.only:
            rows += patch(volume, asked.repeat)
    if "commit" in asked.only:
        part = volumes[0].image(copied=True).data[:16, :64, :64].values
        rows += one_more_patient(part, place / "commit", asked.repeat, asked.single_commits)
    if "clinical" in asked.only:
        rows += clinical(asked.data, place / "clinical", max(1, asked.repeat // 2))
    if "viewer" in asked.only:
        for volume, least in zip(volumes, (2, 10), strict=True):
            rows += viewer(volume, place, max(1, asked.repeat // 2), least)
    return rows


def _machine() -> str:
    names = ("oncograph", "icechunk", "zarr", "xarray", "pylance", "pydicom", "nibabel")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    load = ", ".join(f"{value:.1f}" for value in psutil.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{psutil.cpu_count()} cores, load {load}, Python {platform.python_version()}\n{versions}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
