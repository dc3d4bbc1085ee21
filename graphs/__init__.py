"""What the items of a patient say about each other: scene graphs, patient graphs, models."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.anatomy import anatomy
    from graphs.assemble import assemble
    from graphs.check import check
    from graphs.describe import describe
    from graphs.draw_graph import draw_graph
    from graphs.evaluate import evaluate
    from graphs.evaluate_fitted import evaluate_fitted
    from graphs.explain import explain
    from graphs.extract import extract
    from graphs.features.features import features
    from graphs.finding import Finding
    from graphs.findings import findings
    from graphs.ground_all import ground_all
    from graphs.grounding.ground import ground
    from graphs.grounding.grounding import Grounding
    from graphs.grounding.review import review
    from graphs.grounding.speaks_of import speaks_of
    from graphs.groundings import groundings
    from graphs.lesion import Lesion
    from graphs.lesions import lesions
    from graphs.measure import measure
    from graphs.models.load_model import load_model
    from graphs.models.models import make_model
    from graphs.predict import predict
    from graphs.predictions import predictions
    from graphs.project import project
    from graphs.put_measurement import put_measurement
    from graphs.scene import SceneGraph
    from graphs.stream.dataset import dataset
    from graphs.stream.loader import loader
    from graphs.timeline import follow
    from graphs.to_hetero import to_hetero
    from graphs.train import train
    from graphs.verdict import Verdict
    from graphs.withdraw_measurement import withdraw_measurement

__all__ = [
    "Finding",
    "Grounding",
    "Lesion",
    "SceneGraph",
    "Verdict",
    "anatomy",
    "assemble",
    "check",
    "dataset",
    "describe",
    "draw_graph",
    "evaluate",
    "evaluate_fitted",
    "explain",
    "extract",
    "features",
    "findings",
    "follow",
    "ground",
    "ground_all",
    "groundings",
    "lesions",
    "load_model",
    "loader",
    "make_model",
    "measure",
    "predict",
    "predictions",
    "project",
    "put_measurement",
    "review",
    "speaks_of",
    "to_hetero",
    "train",
    "withdraw_measurement",
]

# Only where the file is not called as what is in it.
_PLACES = {
    "Finding": "finding",
    "Grounding": "grounding.grounding",
    "Lesion": "lesion",
    "SceneGraph": "scene",
    "Verdict": "verdict",
    "dataset": "stream.dataset",
    "features": "features.features",
    "follow": "timeline",
    "ground": "grounding.ground",
    "load_model": "models.load_model",
    "loader": "stream.loader",
    "make_model": "models.models",
    "review": "grounding.review",
    "speaks_of": "grounding.speaks_of",
}


def __getattr__(name: str) -> Any:
    # a notebook that only reads reports should not wait for networkx, scikit-image or torch
    if name not in __all__:
        raise AttributeError(f"module 'graphs' has no attribute {name!r}")
    return getattr(import_module(f"graphs.{_PLACES.get(name, name)}"), name)


class _Room(ModuleType):
    """Offers `graphs.measure` as the function, though the file that has it is called the same.

    Python sets a package's attribute to the submodule whenever that is imported.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in __all__ and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room
