"""What the items of a patient say about each other: scene graphs, patient graphs, models."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.finding import Finding
    from graphs.grounding.grounding import Grounding
    from graphs.lesion import Lesion
    from graphs.measures import Measures
    from graphs.producer import Producer
    from graphs.scene import SceneGraph
    from graphs.verdict import Verdict

__all__ = [
    "Finding",
    "Grounding",
    "Lesion",
    "Measures",
    "Producer",
    "SceneGraph",
    "Verdict",
]

_PLACES = {
    "Finding": "finding",
    "Grounding": "grounding.grounding",
    "Lesion": "lesion",
    "Measures": "measures",
    "Producer": "producer",
    "SceneGraph": "scene",
    "Verdict": "verdict",
}


def __getattr__(name: str) -> Any:
    # a notebook that only reads reports should not wait for networkx, scikit-image or torch
    if name not in _PLACES:
        raise AttributeError(f"module 'graphs' has no attribute {name!r}")
    return getattr(import_module(f"graphs.{_PLACES[name]}"), name)
