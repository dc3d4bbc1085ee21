"""What a person sees and clicks."""

from widgets.chunk_cache import ChunkCache
from widgets.figures import slice_figure
from widgets.patient_view import PatientView, patient_view
from widgets.slices import SliceView

__all__ = ["ChunkCache", "PatientView", "SliceView", "patient_view", "slice_figure"]
