"""Where the demo's store lies."""

from __future__ import annotations

import os
from pathlib import Path


def demo_store() -> Path:
    """The store that `oncograph demo` makes and the notebooks open.

    Returns
    -------
    pathlib.Path
        ``$ONCOGRAPH_STORE``, else ``demo/patients.onco`` in the project's folder.
    """
    named = os.environ.get("ONCOGRAPH_STORE")
    return Path(named) if named else Path(__file__).parent.parent / "demo" / "patients.onco"
