"""NODE_KINDS: the kinds of nodes of a patient graph; read without networkx."""

# In the order in which a patient's way is told: who, what was done, what was seen and said.
NODE_KINDS = (
    "patient", "study", "image", "waveform", "slide", "segment", "lesion", "anatomy", "region",
    "report", "sentence", "finding", "observation", "grounding", "measurement", "fact",
    "gene set", "treatment", "outcome", "event", "prediction",
)  # fmt: skip
