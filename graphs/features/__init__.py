"""Features of patients, a modality at a time."""

# `graphs.features` is the function, as `graphs.measure` is: the room looks for it here
from graphs.features.features import features

__all__ = ["features"]
