"""The browser and the demo's store, as in the widgets' tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_PLACE = Path(__file__).parents[1] / "widgets" / "lab_session.py"
_SPEC = importlib.util.spec_from_file_location("oncograph_tests_lab_session", _PLACE)
assert _SPEC is not None
assert _SPEC.loader is not None
if _SPEC.name not in sys.modules:
    sys.modules[_SPEC.name] = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(sys.modules[_SPEC.name])

demo = sys.modules[_SPEC.name].demo  # type: ignore[attr-defined]
lab = sys.modules[_SPEC.name].lab  # type: ignore[attr-defined]
