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

PARTS = ("volume", "patch", "commit", "clinical", "viewer", "million")


def main() -> int:
    """Parse the command line, measure, print. 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the public data sets (README)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--repeat", type=int, default=7, help="times that count (default 7)")
    parser.add_argument(
        "--single-commits", type=int, default=0, metavar="N",
        help="also measure a store of N patients of a commit each (10000 take many minutes)",
    )  # fmt: skip
    asked = parser.parse_args()
    sys.dont_write_bytecode = True  # nothing outside of the temporary folder
    from measure import measure
    from table import table

    with tempfile.TemporaryDirectory(prefix="oncograph-bench-") as folder:
        rows = measure(asked.data, Path(folder), asked.only, asked.repeat, asked.single_commits)
    sys.stdout.write(f"{_machine()}\n{table(rows)}\n")
    return 1 if any(row.met is False for row in rows) else 0


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
