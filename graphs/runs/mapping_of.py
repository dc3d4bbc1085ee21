"""mapping_of: what a configuration says under a name, if it is names with values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.errors import ConfigError


def mapping_of(name: str, said: Any) -> Mapping[str, Any]:
    """Raise a `ConfigError` that names the place where it is not."""
    if not isinstance(said, Mapping):
        raise ConfigError(f"{name}: {said!r}", expected="names with values")
    return said
