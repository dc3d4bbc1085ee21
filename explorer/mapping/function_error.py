"""FunctionError: a function cannot be mapped, or what it gave cannot be kept."""

from __future__ import annotations

from explorer.errors import OncographError


class FunctionError(OncographError, ValueError):
    """A function cannot be sent to where it should run, or its result cannot be stored."""
