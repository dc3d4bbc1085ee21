"""The lists of packages agree: pyproject, constraints.txt, environment.yml, pre-commit."""

from __future__ import annotations

import importlib
import re
import tomllib
from importlib.metadata import entry_points
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]

# conda-forge's name where it is not PyPI's.
CONDA_TO_PYPI = {
    "python-duckdb": "duckdb",
    "pytorch": "torch",
    "pytorch_geometric": "torch-geometric",
}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def environment() -> dict:
    return yaml.safe_load((REPOSITORY / "environment.yml").read_text())


def bounds(requirements: list[str]) -> dict[str, str]:
    """Requirement strings as {canonical PyPI name: version bound}."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(one.name): str(one.specifier) for one in parsed}


def constraints() -> list[Requirement]:
    lines = (REPOSITORY / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def conda_bounds(environment: dict) -> tuple[dict[str, str], dict[str, str]]:
    """The conda and the pip part of environment.yml as {PyPI name: version bound}."""
    listed = environment["dependencies"]
    conda = [line for line in listed if isinstance(line, str)]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    named = {}
    for line in conda:
        name, bound = re.fullmatch(r"([\w.-]+)(.*)", line).groups()
        named[canonicalize_name(CONDA_TO_PYPI.get(name, name))] = bound
    return named, bounds([line for line in pip if not line.startswith("-")])


def test_conda_has_the_same_packages_and_bounds_as_pyproject(
    project: dict, environment: dict
) -> None:
    conda, pip = conda_bounds(environment)
    assert conda.pop("python") == project["requires-python"]
    assert conda.pop("pip") == ""
    assert conda.keys().isdisjoint(pip)
    assert {**conda, **pip} == bounds(project["dependencies"])


def test_conda_file_says_that_it_is_untested() -> None:
    header = (REPOSITORY / "environment.yml").read_text().partition("\nname:")[0]
    assert "not been tested with conda" in header


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_every_dependency_has_one_tested_version_within_its_bound(
    project: dict, python: str
) -> None:
    tested = {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==")
        for one in constraints()
        if one.marker is None or one.marker.evaluate({"python_version": python})
    }
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(tested[canonicalize_name(requirement.name)]), (
            f"{requirement} is not met by constraints.txt on Python {python}"
        )


def test_constraints_pin_exactly() -> None:
    for one in constraints():
        assert [clause.operator for clause in one.specifier] == ["=="], str(one)


def test_pre_commit_runs_the_tested_ruff() -> None:
    config = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())
    pins = [
        pin
        for source in config["repos"]
        for hook in source["hooks"]
        for pin in hook.get("additional_dependencies", [])
    ]
    assert pins
    assert set(pins) <= {str(one) for one in constraints()}


@pytest.mark.parametrize("group", ["oncograph.readers", "oncograph.views"])
def test_entry_points_of_this_project_load(group: str, project: dict) -> None:
    declared = project["entry-points"][group]
    installed = {one.name: one for one in entry_points(group=group) if one.name in declared}
    assert {name: one.value for name, one in installed.items()} == declared
    for one in installed.values():
        assert callable(one.load())


def test_the_command_exists(project: dict) -> None:
    module, _, name = project["scripts"]["oncograph"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))
