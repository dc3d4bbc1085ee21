"""SplitError: parts that cannot be made as they were asked for."""

from __future__ import annotations

from explorer.errors import OncographError


class SplitError(OncographError, ValueError):
    """Shares, names or wishes that contradict each other."""
