"""software: the versions that decide what a model becomes."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_DECIDE = (
    "oncograph", "numpy", "pandas", "scikit-learn", "scikit-survival", "torch", "torch-geometric",
    "lightning",
)  # fmt: skip


def software() -> dict[str, str]:
    """Package to version, of those that are installed, and Python's."""
    found = {"python": platform.python_version()}
    for name in _DECIDE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
