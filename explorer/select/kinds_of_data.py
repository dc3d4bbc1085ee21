"""What `having` can ask for by a word, besides modalities and vectors' names."""

from __future__ import annotations

#: Word to the kind of items that it means.
ITEM_KINDS = {
    "image": "image", "images": "image", "segmentation": "segmentation",
    "segmentations": "segmentation", "waveform": "waveform", "waveforms": "waveform",
    "slide": "slide", "slides": "slide",
}  # fmt: skip

#: Word to the table whose rows it means.
TABLES = {
    "report": "texts", "reports": "texts", "fact": "facts", "facts": "facts", "event": "events",
    "events": "events", "observation": "observations", "observations": "observations",
    "vector": "vectors", "vectors": "vectors", "finding": "findings", "findings": "findings",
}  # fmt: skip
