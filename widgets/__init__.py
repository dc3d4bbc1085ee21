"""What a person sees and clicks."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.alignment_view import AlignmentView
    from widgets.chunk_cache import ChunkCache
    from widgets.cohort_view import CohortView
    from widgets.compare_view import CompareView
    from widgets.dialogue_view import DialogueView
    from widgets.embedding_view import EmbeddingView
    from widgets.explore import explore
    from widgets.facts_view import FactsView
    from widgets.figure import figure
    from widgets.figures import slice_figure
    from widgets.fusion_view import FusionView
    from widgets.graph_view import GraphView
    from widgets.keep_measurement import keep_measurement
    from widgets.oblique_view import ObliqueView
    from widgets.patient_links import PatientLinks
    from widgets.patient_view import PatientView
    from widgets.projection_view import ProjectionView
    from widgets.reader_form import ReaderForm, ReaderPair, study_of
    from widgets.report_view import ReportView
    from widgets.selection import Selection
    from widgets.serve_itk import serve_itk
    from widgets.slices import SliceView
    from widgets.timeline_view import TimelineView
    from widgets.to_html import to_html
    from widgets.to_itk import to_itk
    from widgets.volume_view import VolumeView
    from widgets.workbench import Workbench

__all__ = [
    "AlignmentView",
    "ChunkCache",
    "CohortView",
    "CompareView",
    "DialogueView",
    "EmbeddingView",
    "FactsView",
    "FusionView",
    "GraphView",
    "ObliqueView",
    "PatientLinks",
    "PatientView",
    "ProjectionView",
    "ReaderForm",
    "ReaderPair",
    "ReportView",
    "Selection",
    "SliceView",
    "TimelineView",
    "VolumeView",
    "Workbench",
    "explore",
    "figure",
    "keep_measurement",
    "serve_itk",
    "slice_figure",
    "study_of",
    "to_html",
    "to_itk",
]

# Only where the file is not called as what is in it.
_PLACES = {
    "AlignmentView": "alignment_view",
    "ChunkCache": "chunk_cache",
    "CohortView": "cohort_view",
    "CompareView": "compare_view",
    "DialogueView": "dialogue_view",
    "EmbeddingView": "embedding_view",
    "FactsView": "facts_view",
    "FusionView": "fusion_view",
    "GraphView": "graph_view",
    "ObliqueView": "oblique_view",
    "PatientLinks": "patient_links",
    "PatientView": "patient_view",
    "ProjectionView": "projection_view",
    "ReaderForm": "reader_form",
    "ReaderPair": "reader_form",
    "ReportView": "report_view",
    "Selection": "selection",
    "SliceView": "slices",
    "TimelineView": "timeline_view",
    "VolumeView": "volume_view",
    "Workbench": "workbench",
    "slice_figure": "figures",
    "study_of": "reader_form",
}


def __getattr__(name: str) -> Any:
    # matplotlib takes half a second, and most notebooks only want the viewer
    if name not in __all__:
        raise AttributeError(f"module 'widgets' has no attribute {name!r}")
    return getattr(import_module(f"widgets.{_PLACES.get(name, name)}"), name)


class _Room(ModuleType):
    """Offers `widgets.explore` as the function, though the file that has it is called the same.

    Python sets a package's attribute to the submodule whenever that is imported.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in __all__ and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room
