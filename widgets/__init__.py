"""What a person sees and clicks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.chunk_cache import ChunkCache
    from widgets.figures import slice_figure
    from widgets.patient_links import PatientLinks
    from widgets.patient_view import PatientView
    from widgets.selection import Selection
    from widgets.slices import SliceView

__all__ = ["ChunkCache", "PatientLinks", "PatientView", "Selection", "SliceView", "slice_figure"]

_PLACES = {
    "ChunkCache": "chunk_cache",
    "PatientLinks": "patient_links",
    "PatientView": "patient_view",
    "Selection": "selection",
    "SliceView": "slices",
    "slice_figure": "figures",
}


def __getattr__(name: str) -> Any:
    # matplotlib takes half a second, and most notebooks only want the viewer
    if name not in _PLACES:
        raise AttributeError(f"module 'widgets' has no attribute {name!r}")
    return getattr(import_module(f"widgets.{_PLACES[name]}"), name)
